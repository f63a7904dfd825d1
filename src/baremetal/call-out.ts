import type { Clock } from '#kernel/clock';
import { Outbound } from '#protocols/outbound/outbound';
import type { Get } from './model/inspection-rules/api-call.ts';

/**
 * Calls of inspection rules, past the guard: never to this host itself or to link-local addresses, unless `networks` (of
 * the operator's settings) says so; redirects are looked at again, and each call has its deadline.
 */
export function makeCallOut(networks: readonly string[], clock: Clock): { get: Get; close(): Promise<void> } {
  const outbound = new Outbound({ allowed: networks });
  return {
    async get({ url, headers, timeoutMs }) {
      const stopper = new AbortController();
      const cancel = clock.after(timeoutMs, () => stopper.abort(new Error(`no answer within ${timeoutMs} ms`)));
      try {
        const reply = await outbound.send(url, { signal: stopper.signal, headers });
        reply.body.destroy();
        return reply.status;
      } finally {
        cancel();
      }
    },
    close: () => outbound.close(),
  };
}
