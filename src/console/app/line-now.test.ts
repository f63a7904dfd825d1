import { expect, test } from 'vitest';
import { manualClock } from '#kernel/clock';
import type { Reader } from '#store/contract';
import { lineNow } from './line-now.ts';

/** Asks for a line that somebody records from `after` on. */
function asked(after: number, over = () => false) {
  const clock = manualClock();
  const row = (recording: boolean) => ({ host: 'a', recording, state: 'recording', detail: null, changed_at: '2026' });
  const reader = { query: async () => [row(clock.now() >= after)] } as unknown as Reader;
  const line = lineNow(reader, clock, 'n', over);
  line.catch(() => {});
  const pass = async (ms: number) => {
    for (let i = 0; i < ms; i += 100) await clock.advance(100);
  };
  return { line, pass };
}

test('who connects while a line changes hands waits for it', async () => {
  const { line, pass } = asked(3_000);
  await pass(4_000);
  expect(await line).toMatchObject({ host: 'a', recording: true });
});

test('nobody waits for long, nor for who went away', async () => {
  const never = asked(Number.POSITIVE_INFINITY);
  await never.pass(12_000);
  await expect(never.line).rejects.toMatchObject({ code: 'NotRecorded', status: 503, retryAfter: 5 });
  const left = asked(Number.POSITIVE_INFINITY, () => true);
  await expect(left.line).rejects.toMatchObject({ code: 'NotRecorded' });
});
