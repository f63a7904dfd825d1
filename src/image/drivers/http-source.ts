import type { Outbound, OutboundReply } from '#protocols/outbound/outbound';
import { errors } from '../errors.ts';
import type { ImageSource, SourceFacts } from './contract.ts';

export interface HttpAccess {
  outbound: Outbound;
  /** Sent to the URL's own origin only. */
  headers?: Readonly<Record<string, string>>;
}

/** An image at an HTTP(S) URL. */
export function httpSource(address: string, access: HttpAccess): ImageSource {
  const url = new URL(address);
  const name = `${url.origin}${url.pathname}`;
  const credentials =
    access.headers === undefined ? {} : { credentials: { origin: url.origin, headers: access.headers } };
  const get = (headers: Record<string, string>, signal: AbortSignal) =>
    access.outbound.send(url, { signal, headers, ...credentials });
  return {
    name,
    fileName: decodeURIComponent(url.pathname.split('/').at(-1) ?? ''),
    async stat(signal) {
      const reply = await get({ range: 'bytes=0-0' }, signal);
      reply.body.destroy();
      // A server may hold that an empty file has no first byte.
      if (reply.status === 416) return { bytes: 0, validator: null, resumable: false };
      demandOk(reply, url);
      return factsOf(reply);
    },
    async open(offset, same, signal) {
      const headers: Record<string, string> = {};
      if (offset > 0) headers['range'] = `bytes=${offset}-`;
      if (offset > 0 && same?.validator?.startsWith('"') === true) headers['if-range'] = same.validator;
      const reply = await get(headers, signal);
      try {
        demandOk(reply, url);
        const facts = factsOf(reply);
        const changed =
          same !== null && (facts.validator !== same.validator || (same.bytes !== null && facts.bytes !== same.bytes));
        if (changed || (offset > 0 && reply.status !== 206)) throw errors.ImageChanged();
        if (reply.status === 206 && rangeStart(reply) !== offset) throw errors.ImageChanged();
        return { stream: reply.body, facts };
      } catch (error) {
        reply.body.destroy();
        throw error;
      }
    },
  };
}

function demandOk(reply: OutboundReply, url: URL): void {
  if (reply.status === 404 || reply.status === 410) throw errors.ImageAbsent(`at ${url.origin}${url.pathname}`);
  if (reply.status !== 200 && reply.status !== 206) throw errors.ImageSourceStatus(reply.url.host, reply.status);
}

function rangeStart(reply: OutboundReply): number {
  return Number(/^bytes (\d+)-/.exec(reply.headers['content-range'] ?? '')?.[1] ?? 0);
}

function factsOf({ headers, status }: OutboundReply): SourceFacts {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  const length = status === 206 ? total : headers['content-length'];
  const etag = headers['etag'];
  const strong = etag !== undefined && !etag.startsWith('W/') ? etag : undefined;
  return {
    bytes: length === undefined ? null : Number(length),
    validator: strong ?? headers['last-modified'] ?? null,
    resumable: strong !== undefined && (status === 206 || headers['accept-ranges'] === 'bytes'),
  };
}
