import { expect, test } from 'vitest';
import { manualClock } from '#kernel/clock';
import { errors } from '../errors.ts';
import { Patience } from './patience.ts';

const answered = (status: number) => errors.RequestFailed('A block', `status ${status}`, { details: { status } });
const refused = errors.RequestFailed('GET http://10.0.0.1/', 'connect ECONNREFUSED');

/** How often it is asked, and for how long, while it fails in this way. */
async function asked(error: unknown): Promise<{ times: number; ms: number }> {
  const clock = manualClock();
  const patience = new Patience(clock, 5);
  let times = 1;
  let isOver = false;
  const work = (async () => {
    for (;;) {
      await patience.after(error);
      times++;
    }
  })().catch((last: unknown) => {
    expect(last).toBe(error);
    isOver = true;
  });
  while (!isOver) await clock.advance(100);
  await work;
  return { times, ms: clock.monotonic() };
}

test('who says no is asked five times within seconds', async () => {
  const { times, ms } = await asked(answered(404));
  expect(times).toBe(5);
  expect(ms).toBeLessThan(10_000);
});

test.each([
  ['nobody listens', refused],
  ['the answer breaks off', new Error('aborted')],
  ['a proxy answers for it', answered(503)],
])('who is being restarted is asked for minutes: %s', async (_, error) => {
  const { times, ms } = await asked(error);
  expect(ms).toBeGreaterThan(9 * 60_000);
  expect(ms).toBeLessThan(11 * 60_000);
  expect(times).toBeLessThan(90);
});
