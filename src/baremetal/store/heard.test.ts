import { expect, test } from 'vitest';
import type { Reader } from '#store/contract';
import { heardOf, heardSince } from './heard.ts';

/** A database that heard of a machine at `heardAt`, and takes `ms` to be asked and to answer. */
function asked(heardAt: number, ms: number) {
  let now = 1_000_000;
  const reader = {
    query: async ({ values }: { values: unknown[] }) => {
      now += ms;
      const from = now - Number((values[1] as number[])[0]);
      const ago = heardAt > from ? now - heardAt : null;
      now += ms;
      return [{ at: 1, ago, again: false }];
    },
  };
  return { reader: reader as unknown as Reader, clock: () => now };
}

test.each([0, 20, 400])('a call right after the moment is heard, although the question takes %i ms', async (ms) => {
  const since = 999_990;
  const { reader, clock } = asked(since + 1, ms);
  expect((await heardSince(reader, clock, 'n', since)).ago).not.toBeNull();
});

test('calls of a ramdisk that was switched off since do not count, and of which is asked for each node', async () => {
  const asks: unknown[][] = [];
  const reader = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      expect(text).toContain('a.callback_url is not null or not t.of_now');
      asks.push(values);
      return [];
    },
  } as unknown as Reader;
  await Promise.all([heardSince(reader, () => 10_000, 'a', 9_000), heardOf(reader, 'b', null)]);
  expect(asks).toEqual([
    [['a'], [6_000], [true]],
    [['b'], [null], [false]],
  ]);
});

test('a call before the moment is none', async () => {
  const since = 999_990;
  const { reader, clock } = asked(since - 300, 20);
  expect((await heardSince(reader, clock, 'n', since)).ago).toBeNull();
});
