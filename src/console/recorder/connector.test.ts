import { expect, test } from 'vitest';
import type { SerialLine } from '#contracts/console';
import { manualClock } from '#kernel/clock';
import { seededRandom } from '#kernel/random';
import { Connector, Slots } from './connector.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lines that are opened when told, and lost when told. */
function harness(fails: () => boolean) {
  const clock = manualClock();
  const said: string[] = [];
  const opens: number[] = [];
  let lose = (_why: string) => {};
  let concurrent = 0;
  const connector = new Connector({
    clock,
    random: seededRandom(1),
    slots: new Slots(1),
    async open() {
      opens.push(clock.now());
      if (fails()) throw new Error('nobody there');
      expect(++concurrent).toBe(1);
      let resolve: (why: string) => void = () => {};
      const closed = new Promise<string>((done) => {
        resolve = done;
      });
      lose = (why) => {
        concurrent--;
        resolve(why);
      };
      const line: SerialLine = { via: 'test', write: async () => {}, closed, close: () => lose('closed') };
      return line;
    },
    opened: (_line, awayMs) => said.push(`opened ${awayMs === null ? 'first' : awayMs > 0}`),
    lost: (why) => said.push(`lost ${why}`),
    failed: (why) => said.push(`failed ${why}`),
  });
  return { clock, said, opens, connector, lose: (why: string) => lose(why) };
}

test('a line that is lost is opened again, ever more seldom while that fails, and told of once', async () => {
  let down = false;
  const { clock, said, opens, connector, lose } = harness(() => down);
  await settled();
  expect(said).toEqual(['opened first']);
  down = true;
  await clock.advance(30_000);
  lose('gone');
  await settled();
  await clock.advance(600_000);
  expect(said).toEqual(['opened first', 'lost gone', 'failed nobody there']);
  const pauses = opens.slice(2).map((at, i) => at - (opens[i + 1] as number));
  expect(pauses.length).toBeLessThan(25);
  for (const pause of pauses) expect(pause).toBeLessThanOrEqual(75_000);
  expect(Math.max(...pauses)).toBeGreaterThan(40_000);
  down = false;
  await clock.advance(80_000);
  expect(said.at(-1)).toBe('opened true');
  await connector.stop();
});

test('a connector that is stopped opens nothing more', async () => {
  const { clock, opens, connector } = harness(() => false);
  await settled();
  await connector.stop();
  await clock.advance(600_000);
  expect(opens.length).toBe(1);
});
