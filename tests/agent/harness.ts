import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CommandResult, Heartbeat, LookupAnswer } from '#agent-api/wire';
import { systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import type { Agent } from '../../src/agent/agent.ts';
import { assembleAgent } from '../../src/agent/assemble.ts';
import { agentLog } from '../../src/agent/log.ts';
import type { SimulatedHardware } from '../../src/agent/machine/simulated/hardware.ts';
import { SimulatedMachine, type SimulatedOptions } from '../../src/agent/machine/simulated/machine.ts';
import { parseCommandLine, readParameters } from '../../src/agent/parameters.ts';

export const NODE = '11111111-2222-4333-8444-555555555555';
export const TOKEN = 't'.repeat(40);
export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;

export const HARDWARE: SimulatedHardware = {
  disks: [
    { name: 'sda', size: 6 * GIB, serial: 'BIG' },
    { name: 'vda', size: 4 * GIB, serial: 'SMALL' },
  ],
  nics: [{ name: 'eth0', mac: '52:54:00:00:00:01' }],
  bmc: { address: '10.9.8.7', mac: '52:54:00:00:00:ff' },
};

type Handler = (path: string, body: Buffer, request: IncomingMessage) => Answer | undefined;
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Cut the connection after so many bytes of the body. */
  cutAt?: number;
}

/** A server of a test's own: what it is asked is kept, what it answers is the test's to say. */
export class TestServer {
  readonly asked: { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer }[] = [];
  readonly #server: Server;
  #handler: Handler;
  sent = 0;

  private constructor(handler: Handler) {
    this.#handler = handler;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        const path = request.url ?? '/';
        this.asked.push({ method: request.method ?? '', path, headers: request.headers, body });
        const answer = this.#handler(path, body, request) ?? { status: 404, body: {} };
        const bytes = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(JSON.stringify(answer.body ?? {}));
        this.sent += answer.cutAt ?? bytes.length;
        response.writeHead(answer.status, { 'content-length': bytes.length, ...answer.headers });
        if (answer.cutAt === undefined) response.end(bytes);
        else response.write(bytes.subarray(0, answer.cutAt), () => response.destroy());
      });
    });
  }

  static async start(handler: Handler): Promise<TestServer> {
    const made = new TestServer(handler);
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** A conductor that knows one node. */
export async function startConductor(
  options: { config?: Partial<LookupAnswer['config']>; newest?: string; node?: Record<string, unknown> } = {},
): Promise<{ server: TestServer; beats: Heartbeat[]; lookups: string[] }> {
  const beats: Heartbeat[] = [];
  const lookups: string[] = [];
  let given = false;
  const server = await TestServer.start((path, body) => {
    if (path === '/') return { status: 200, body: { default_version: { version: options.newest ?? '1.109' } } };
    if (path.startsWith('/v1/lookup')) {
      lookups.push(path);
      const token = given ? '******' : TOKEN;
      given = true;
      const config = { heartbeat_timeout: 300, agent_token: token, agent_token_required: true, ...options.config };
      return { status: 200, body: { node: { uuid: NODE, properties: {}, ...options.node }, config } };
    }
    if (path === `/v1/heartbeat/${NODE}`) {
      beats.push(JSON.parse(body.toString('utf8')) as Heartbeat);
      return { status: 202 };
    }
    return undefined;
  });
  return { server, beats, lookups };
}

export interface TestAgent {
  agent: Agent;
  machine: SimulatedMachine;
  lines: readonly string[];
  /** A command to its end, as a conductor gives it. */
  command(name: string, params: unknown, token?: string): Promise<CommandResult>;
  get(path: string): Promise<{ status: number; body: unknown; headers: IncomingMessage['headers'] }>;
  close(): Promise<void>;
}

/** An agent on a simulated machine that calls home to `api`. */
export async function startAgent(
  api: string,
  options: Partial<SimulatedOptions> & { words?: string } = {},
): Promise<TestAgent> {
  const machine = new SimulatedMachine({ hardware: HARDWARE, ...options });
  const log = agentLog(systemClock, () => {});
  const words = parseCommandLine(`ipa-api-url=${api} ${options.words ?? ''}`);
  const agent = assembleAgent({
    machine,
    parameters: readParameters(words),
    clock: systemClock,
    random: systemRandom,
    log,
    trust: { insecure: false },
    version: 'test',
    port: 0,
    host: '127.0.0.1',
  });
  await agent.start();
  const ask = async (method: string, path: string, body?: unknown) =>
    await askAgent(`${agent.callbackUrl}${path}`, method, body);
  return {
    agent,
    machine,
    lines: log.lines(),
    command: async (name, params, token = TOKEN) => {
      const answer = await ask('POST', `/v1/commands/?wait=true&agent_token=${token}`, { name, params });
      if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as CommandResult;
    },
    get: (path) => ask('GET', path),
    close: async () => {
      await agent.stop();
      await machine.close();
    },
  };
}

/** Asks an agent, whatever its certificate. */
export async function askAgent(url: string, method: string, body?: unknown) {
  return await new Promise<{ status: number; body: unknown; headers: IncomingMessage['headers'] }>(
    (resolve, reject) => {
      const request = httpsRequest(url, { method, rejectUnauthorized: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const read: unknown = text === '' ? null : JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, body: read, headers: response.headers });
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    },
  );
}

/** Waits until `test` is true. */
export async function until(test: () => boolean, ms = 20_000): Promise<void> {
  for (let waited = 0; !test(); waited += 20) {
    if (waited > ms) throw new Error('it did not come about');
    await systemClock.sleep(20);
  }
}
