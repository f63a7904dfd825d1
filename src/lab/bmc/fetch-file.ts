import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuse } from './refusal.ts';

const REDIRECTS = 5;

export interface FetchFileOptions {
  /** Bytes at most. */
  maxBytes: number;
  /** For the whole transfer, in milliseconds. */
  timeoutMs: number;
  verifyCertificate: boolean;
  user?: string | undefined;
  password?: string | undefined;
}

/**
 * What a BMC does with an image's URL: fetches it over HTTP(S) into `file`. Credentials go to the first origin
 * only. Throws refusals: CouldNotEstablishConnection, ResourceMissingAtURI, AccessDenied,
 * ResourceAtUriInUnknownFormat.
 */
export async function fetchFile(url: string, file: string, options: FetchFileOptions): Promise<number> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  const response = await follow(url, url, REDIRECTS, options, signal);
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > options.maxBytes) done(refuse('PayloadTooLarge'));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(response, limit, createWriteStream(file), { signal });
  } catch (error) {
    await rm(file, { force: true });
    if (bytes > options.maxBytes) throw error;
    throw refuse('CouldNotEstablishConnection', url);
  }
  if (bytes === 0) throw refuse('ResourceAtUriInUnknownFormat', url);
  return bytes;
}

async function follow(
  url: string,
  first: string,
  left: number,
  options: FetchFileOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const response = await request(url, new URL(url).origin === new URL(first).origin, options, signal);
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status >= 300 && status < 400 && location !== undefined && left > 0) {
    response.resume();
    return follow(new URL(location, url).href, first, left - 1, options, signal);
  }
  if (status === 200) return response;
  response.resume();
  if (status === 401 || status === 403) throw refuse('AccessDenied', url);
  throw refuse('ResourceMissingAtURI', url);
}

function request(
  url: string,
  sameOrigin: boolean,
  options: FetchFileOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const auth = sameOrigin && options.user !== undefined ? { auth: `${options.user}:${options.password ?? ''}` } : {};
    const headers = { 'user-agent': 'ingot-lab-bmc', accept: '*/*', connection: 'close' };
    get(url, { ...auth, headers, signal, rejectUnauthorized: options.verifyCertificate, agent: false }, resolve).on(
      'error',
      () => reject(refuse('CouldNotEstablishConnection', url)),
    );
  });
}
