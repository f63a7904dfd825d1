import type { IncomingMessage } from 'node:http';
import type { ImageInfo } from '#agent-api/image-info';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import { readAll, send, type Trust } from '../http/request.ts';

export interface DownloadOptions {
  trust: Trust;
  clock: Clock;
  signal?: AbortSignal | undefined;
  /** Sent to the origin of the first URL only. */
  authorization?: string | undefined;
  /** Told once, when it is known. */
  onSize?(bytes: number): void;
  /** Milliseconds without a byte after which the connection counts as cut. Default 60 s. */
  idleMs?: number;
}

/** Tries in a row that brought no byte, after which a source counts as gone. */
const TRIES = 6;
const REDIRECTS = 5;

/**
 * The bytes of the first URL that answers, as they come. A cut connection goes on where it was, by `Range` with
 * `If-Range`, so that an image that changed meanwhile is noticed (`ImageChanged`) and never mixed. Constant memory.
 * Throws `ImageUnavailable` with what each URL said.
 */
export async function* download(urls: readonly string[], options: DownloadOptions): AsyncGenerator<Buffer> {
  const said: string[] = [];
  for (const url of urls) {
    let started = false;
    try {
      for await (const part of downloadOne(url, options)) {
        started = true;
        yield part;
      }
      return;
    } catch (error) {
      // What was given already cannot be taken back: another URL could not go on from here.
      if (started || options.signal?.aborted) throw error;
      said.push(messageOf(error));
    }
  }
  throw errors.ImageUnavailable(said.length === 0 ? 'no URL was given' : said.join('; '));
}

async function* downloadOne(url: string, options: DownloadOptions): AsyncGenerator<Buffer> {
  const { clock, signal } = options;
  let at = 0;
  let total: number | null = null;
  let mark: string | null = null;
  for (let failures = 0; ; ) {
    try {
      const resume = at === 0 ? {} : { range: `bytes=${at}-`, ...(mark === null ? {} : { 'if-range': mark }) };
      const answer = await get(url, resume, options);
      const skip = at === 0 ? first(answer, url) : resumed(answer, url, at, total, mark);
      if (at === 0) {
        total = sizeOf(answer);
        mark = markOf(answer);
        if (total !== null) options.onSize?.(total);
      }
      let toSkip = skip;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        const part = toSkip === 0 ? chunk : chunk.subarray(Math.min(toSkip, chunk.length));
        toSkip -= chunk.length - part.length;
        if (part.length === 0) continue;
        at += part.length;
        failures = 0;
        yield part;
      }
      if (total === null || at === total) return;
      throw errors.ImageUnavailable(`${url} ended at byte ${at} of ${total}`);
    } catch (error) {
      if (signal?.aborted || (error instanceof IngotError && error.details?.['final'] === true)) throw error;
      if (error instanceof IngotError && error.code === 'ImageChanged') throw error;
      failures++;
      if (failures >= TRIES) {
        throw errors.ImageUnavailable(`${url} gave up at byte ${at}: ${messageOf(error)}`, { cause: error });
      }
      await clock.sleep(Math.min(500 * 2 ** failures, 15_000), signal);
    }
  }
}

const final = (text: string) => errors.ImageUnavailable(text, { details: { final: true } });

function first(answer: IncomingMessage, url: string): 0 {
  const status = answer.statusCode ?? 0;
  if (status === 200) return 0;
  answer.destroy();
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw final(`${url} answers ${status}`);
  throw errors.ImageUnavailable(`${url} answers ${status}`);
}

/** Bytes to leave out of the answer to a request for the rest. */
function resumed(answer: IncomingMessage, url: string, at: number, total: number | null, mark: string | null): number {
  const status = answer.statusCode ?? 0;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
    const same =
      range !== null && Number(range[1]) === at && (total === null || range[2] === '*' || Number(range[2]) === total);
    if (same) return 0;
    answer.destroy();
    throw errors.ImageChanged(url);
  }
  if (status === 200) {
    // No ranges here, or another image: the same mark and size, and what we have is left out.
    if (markOf(answer) === mark && mark !== null && sizeOf(answer) === total) return at;
    answer.destroy();
    throw errors.ImageChanged(url);
  }
  answer.destroy();
  if (status === 416 || status === 412) throw errors.ImageChanged(url);
  if (status >= 400 && status < 500) throw final(`${url} answers ${status} at byte ${at}`);
  throw errors.ImageUnavailable(`${url} answers ${status}`);
}

function sizeOf(answer: IncomingMessage): number | null {
  const size = Number(answer.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(size) ? size : null;
}

/** A strong validator; a weak ETag promises nothing about bytes. */
function markOf(answer: IncomingMessage): string | null {
  const etag = answer.headers.etag;
  return etag !== undefined && !etag.startsWith('W/') ? etag : (answer.headers['last-modified'] ?? null);
}

/** GET that follows redirects; what authorises goes to the first origin only. */
async function get(url: string, headers: Record<string, string>, options: DownloadOptions): Promise<IncomingMessage> {
  const origin = new URL(url).origin;
  let at = new URL(url);
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    if (at.protocol !== 'http:' && at.protocol !== 'https:') throw final(`${at.protocol} is not fetched`);
    const trusted = at.origin === origin && options.authorization !== undefined;
    const answer = await send({
      method: 'GET',
      url: at.href,
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        ...headers,
        ...(trusted ? { authorization: options.authorization ?? '' } : {}),
      },
      trust: options.trust,
      idleMs: options.idleMs ?? 60_000,
      signal: options.signal,
    });
    const status = answer.statusCode ?? 0;
    const location = answer.headers.location;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return answer;
    answer.resume();
    const next = new URL(location, at);
    if (at.protocol === 'https:' && next.protocol === 'http:') throw final(`${at.origin} redirects to plain HTTP`);
    at = next;
  }
  throw final(`${url} redirects more than ${REDIRECTS} times`);
}

/** A small file. Throws when it is larger than `most`. */
export async function downloadSmall(url: string, most: number, options: DownloadOptions): Promise<Buffer> {
  return await readAll(download([url], options), most);
}

/** The `Authorization` of an image, as conductors send it: a header ready made, or a user with a password. */
export function authorizationOf(info: ImageInfo): string | undefined {
  if (info.image_request_authorization !== undefined) {
    return Buffer.from(info.image_request_authorization, 'base64').toString('utf8');
  }
  if (info.image_server_user === undefined || info.image_server_password === undefined) return undefined;
  const both = Buffer.from(`${info.image_server_user}:${info.image_server_password}`);
  return `Basic ${both.toString('base64')}`;
}
