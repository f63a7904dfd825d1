import { type IncomingMessage, request as httpRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';
import { systemRandom } from '#kernel/random';
import type { Secret } from '#kernel/secret';
import { errors } from '../errors.ts';
import { sanitised } from './sanitise.ts';
import { type Tree, treePath } from './tree.ts';

export interface RecordOptions {
  user: string;
  password: Secret;
  /** False: any certificate will do. */
  verify: boolean;
  /** PEM; trusted instead of the system's. */
  ca?: string;
  /** Requests at a time; a BMC is a small computer. Default 2. */
  concurrency?: number;
  /** Resources at most. Default 10,000. */
  limit?: number;
  /** For each request, in milliseconds. Default 60,000. */
  timeoutMs?: number;
  /** Whether logs' entries and schemas are recorded too: large, personal, and of little use. Default false. */
  everything?: boolean;
  progress?: (done: number, waiting: number) => void;
  random?: Random;
}

export interface Recording {
  tree: Tree;
  /** What could not be read: path → why. */
  failed: Map<string, string>;
}

const SKIPPED =
  /\/(JsonSchemas|Schemas)(\/|$)|\/LogServices\/[^/]+\/Entries|\/SessionService\/Sessions\/|\/Dumps?\/Entries/;
const MAX_BODY = 16 * 1024 * 1024;

/**
 * Walks a BMC from its service root along its links, never leaving its origin, and gives what it found without
 * what identifies the machine. Reads only. Throws LabRecord when the root cannot be read.
 */
export async function record(url: string, options: RecordOptions): Promise<Recording> {
  const origin = new URL(url).origin;
  const reader = new Reader(origin, options);
  const tree: Tree = new Map();
  const failed = new Map<string, string>();
  const queue = ['/redfish/v1'];
  const queued = new Set(queue);
  const limit = options.limit ?? 10_000;
  const take = async (path: string) => {
    try {
      const json = await reader.get(path);
      tree.set(path, json);
      for (const link of links(json)) {
        const next = pathOf(link, origin);
        if (next === undefined || queued.has(next) || queued.size >= limit) continue;
        if (!options.everything && SKIPPED.test(next)) continue;
        queued.add(next);
        queue.push(next);
      }
    } catch (error) {
      failed.set(path, messageOf(error));
    }
    options.progress?.(tree.size + failed.size, queued.size);
  };
  try {
    await take('/redfish/v1');
    queue.shift();
    const root = failed.get('/redfish/v1');
    if (root !== undefined) throw errors.LabRecord(url, root);
    const worker = async (): Promise<void> => {
      for (;;) {
        const path = queue.shift();
        if (path === undefined) return;
        await take(path);
      }
    };
    // workers that find the queue empty start again while others still fill it
    while (queue.length > 0) await Promise.all(Array.from({ length: options.concurrency ?? 2 }, worker));
  } finally {
    reader.close();
  }
  return { tree: sanitised(tree, (options.random ?? systemRandom).bytes(32)), failed };
}

/** Every link of a representation, and the places of its registries. */
function links(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(links);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, v]) => {
    const isLink = (key === '@odata.id' || key === 'Uri' || key === 'Members@odata.nextLink') && typeof v === 'string';
    return isLink ? [v] : links(v);
  });
}

/** The path of a link on the same origin, without fragment; undefined for others. */
function pathOf(link: string, origin: string): string | undefined {
  try {
    const target = new URL(link, origin);
    if (target.origin !== origin || !target.pathname.startsWith('/redfish/v1')) return undefined;
    return treePath(target.pathname);
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #origin: string;
  readonly #options: RecordOptions;
  readonly #agent: HttpAgent;

  constructor(origin: string, options: RecordOptions) {
    this.#origin = origin;
    this.#options = options;
    const tls = { rejectUnauthorized: options.verify, ...(options.ca === undefined ? {} : { ca: options.ca }) };
    this.#agent = origin.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...tls })
      : new HttpAgent({ keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  get(path: string): Promise<Record<string, unknown>> {
    const { user, password, timeoutMs = 60_000 } = this.#options;
    const send = this.#origin.startsWith('https:') ? httpsRequest : httpRequest;
    const authorization = `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;
    const headers = { accept: 'application/json', 'odata-version': '4.0', authorization };
    return new Promise((resolve, reject) => {
      const outgoing = send(
        this.#origin + path,
        { agent: this.#agent, headers, signal: AbortSignal.timeout(timeoutMs) },
        (response) => resolve(readJson(response)),
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  }
}

async function readJson(response: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    size += (part as Buffer).length;
    if (size > MAX_BODY) throw new Error(`more than ${MAX_BODY} bytes`);
    parts.push(part as Buffer);
  }
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  const json: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
  if (typeof json !== 'object' || json === null) throw new Error('no object');
  return json as Record<string, unknown>;
}
