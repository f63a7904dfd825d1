import type { IncomingMessage } from 'node:http';

/** Where links point and who is calling. */
export interface OriginOptions {
  /** What links begin with, whatever the client called us: `https://cloud.example:6385`. */
  publicUrl?: string;
  /** Believe `X-Forwarded-*`. Only behind a proxy that sets them itself. */
  trustProxy?: boolean;
}

// Only what cannot break out of a JSON string or a header: the host goes into replies as it is.
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;
const PREFIX = /^(\/[\w.~-]+)*\/?$/;

/** The URL a client used to reach us, without a slash at the end; `fallbackHost` when it sent no usable host. */
export function baseUrlOf(
  request: IncomingMessage,
  options: OriginOptions,
  ownScheme: 'http' | 'https',
  fallbackHost: string,
): string {
  if (options.publicUrl !== undefined) return options.publicUrl;
  const { headers } = request;
  let scheme: string = ownScheme;
  let host = headers.host;
  let prefix = '';
  if (options.trustProxy === true) {
    host = last(headers['x-forwarded-host']) ?? host;
    const forwarded = last(headers['x-forwarded-proto']);
    if (forwarded === 'https' || forwarded === 'http') scheme = forwarded;
    const given = last(headers['x-forwarded-prefix']) ?? '';
    if (PREFIX.test(given)) prefix = given.replace(/\/$/, '');
  }
  return `${scheme}://${host !== undefined && HOST.test(host) ? host : fallbackHost}${prefix}`;
}

/** The client's address; behind a trusted proxy the one the proxy saw. */
export function sourceOf(request: IncomingMessage, options: OriginOptions): string {
  const forwarded = options.trustProxy === true ? last(request.headers['x-forwarded-for']) : undefined;
  // a request that was destroyed has no socket any more, whatever its type says
  const socket = request.socket as IncomingMessage['socket'] | null;
  return forwarded ?? socket?.remoteAddress ?? '';
}

/** The last entry is the one the nearest proxy added; those before it are the client's own word. */
function last(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = Array.isArray(value) ? (value.at(-1) ?? '') : value;
  const entry = text.split(',').at(-1)?.trim();
  return entry === '' ? undefined : entry;
}
