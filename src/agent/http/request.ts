import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { messageOf } from '#kernel/errors';
import type { Clock } from '#kernel/clock';
import { errors } from '../errors.ts';

/** Whom to believe on the other side of TLS. */
export interface Trust {
  insecure: boolean;
  /** PEM of authorities beside the usual ones. */
  ca?: string | undefined;
  /** Believe these only, and take any name: a peer's own certificate. */
  only?: string | undefined;
}

export interface Outgoing {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  trust: Trust;
  /** Without a byte for so long, the request fails. */
  idleMs: number;
  signal?: AbortSignal | undefined;
  /** On a connection of its own: one that is kept may end, idle for seconds, in the moment it is used again. */
  alone?: boolean;
}

/** Sends a request and gives the answer as soon as its headers are there. Follows nothing. */
export async function send(out: Outgoing): Promise<IncomingMessage> {
  const url = new URL(out.url);
  const secure = url.protocol === 'https:';
  const { trust } = out;
  const tls = {
    rejectUnauthorized: !trust.insecure,
    ...(trust.only !== undefined
      ? { ca: trust.only, rejectUnauthorized: true, checkServerIdentity: () => undefined }
      : trust.ca === undefined
        ? {}
        : { ca: [...rootCertificates, trust.ca] }),
  };
  const options = {
    method: out.method,
    headers: {
      'user-agent': 'ingot-agent',
      ...(out.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(out.body)) }),
      ...out.headers,
    },
    timeout: out.idleMs,
    ...(out.alone === true ? { agent: false as const } : {}),
    ...(out.signal === undefined ? {} : { signal: out.signal }),
    ...(secure ? tls : {}),
  };
  return await new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(errors.RequestFailed(`${out.method} ${url.origin}${url.pathname}`, messageOf(error), { cause: error }));
    const request = (secure ? httpsRequest : httpRequest)(url, options);
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${out.idleMs / 1000} s`)));
    request.on('error', fail);
    request.on('response', resolve);
    request.end(out.body);
  });
}

/** Reads an answer whole; throws when it is larger than `most`. */
export async function readAll(answer: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    size += part.length;
    if (size > most) throw errors.BodyTooLarge(most);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Reads an answer into a buffer, and gives the part that it filled; throws when it is larger than `most`. */
export async function readInto(buffer: Buffer, answer: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  let size = 0;
  for await (const part of answer) {
    if (size + part.length > most) throw errors.BodyTooLarge(most);
    part.copy(buffer, size);
    size += part.length;
  }
  return buffer.subarray(0, size);
}

export interface JsonAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Undefined when the body is no JSON. */
  body: unknown;
}

/** A request whose answer is JSON, within `totalMs`. Any status is an answer; no answer throws `RequestFailed`. */
export async function askJson(
  out: Omit<Outgoing, 'idleMs' | 'body' | 'signal' | 'alone'> & {
    json?: unknown;
    totalMs: number;
    clock: Clock;
    most?: number;
  },
): Promise<JsonAnswer> {
  const deadline = new AbortController();
  const cancel = out.clock.after(out.totalMs, () =>
    deadline.abort(new Error(`no answer within ${out.totalMs / 1000} s`)),
  );
  try {
    const answer = await send({
      ...out,
      headers: {
        accept: 'application/json',
        ...(out.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...out.headers,
      },
      ...(out.json === undefined ? {} : { body: JSON.stringify(out.json) }),
      idleMs: out.totalMs,
      // Heartbeats come every five seconds, which is when Node gives an idle connection up.
      alone: true,
      signal: deadline.signal,
    });
    const text = (await readAll(answer, out.most ?? 16 * 1024 * 1024)).toString('utf8');
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: parsed(text) };
  } finally {
    cancel();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
