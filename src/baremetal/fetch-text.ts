import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { Outbound } from '#protocols/outbound/outbound';
import { errors } from './errors.ts';

const MOST_BYTES = 256 * 1024;
const WITHIN_MS = 60_000;

/** Reads a small text that people name by URL. */
export type FetchText = (url: string, signal: AbortSignal) => Promise<string>;

/** Reads texts past the guard of outbound requests; `networks` may be asked although they are this host's own. */
export function makeFetchText(networks: readonly string[], clock: Clock): { fetch: FetchText; close(): Promise<void> } {
  const outbound = new Outbound({ allowed: networks });
  return {
    async fetch(url, signal) {
      const late = new AbortController();
      const cancel = clock.after(WITHIN_MS, () => late.abort(new Error(`no answer within ${WITHIN_MS / 1000} s`)));
      try {
        const reply = await outbound.send(url, { signal: AbortSignal.any([signal, late.signal]) });
        const parts: Buffer[] = [];
        let size = 0;
        for await (const part of reply.body) {
          size += (part as Buffer).length;
          if (size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
          parts.push(part as Buffer);
        }
        if (reply.status !== 200) throw new Error(`${reply.url.host} answered ${reply.status}`);
        return Buffer.concat(parts).toString('utf8');
      } catch (error) {
        signal.throwIfAborted();
        throw errors.InvalidParameterValue(`A file named in instance_info cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      } finally {
        cancel();
      }
    },
    close: () => outbound.close(),
  };
}
