import { describe, expect, test } from 'vitest';
import { gather, gatherBy } from './gather.ts';

/** A run that ends when told to. */
function held() {
  const batches: number[][] = [];
  const ends: (() => void)[] = [];
  const run = async (items: number[]) => {
    batches.push(items);
    await new Promise<void>((resolve) => ends.push(resolve));
    return items.map((item) => item * 10);
  };
  const end = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { batches, run, end };
}

describe('gather', () => {
  test('what comes in one turn of the event loop goes together when asked to', async () => {
    const { batches, run, end } = held();
    const add = gather(run, { turn: true });
    const all = [add(1)];
    await Promise.resolve();
    all.push(add(2), add(3));
    expect(batches).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([[1, 2, 3]]);
    all.push(add(4));
    await end();
    expect(batches).toEqual([[1, 2, 3], [4]]);
    await end();
    expect(await Promise.all(all)).toEqual([10, 20, 30, 40]);
  });

  test('the first leaves at once, the others wait and go together', async () => {
    const { batches, run, end } = held();
    const add = gather(run);
    const all = Promise.all([1, 2, 3].map(add));
    expect(batches).toEqual([[1]]);
    await end();
    expect(batches).toEqual([[1], [2, 3]]);
    await end();
    expect(await all).toEqual([10, 20, 30]);
  });

  test('in as many lanes and batches as allowed', async () => {
    const { batches, run, end } = held();
    const add = gather(run, { lanes: 2, max: 2 });
    const all = Promise.all([1, 2, 3, 4, 5].map(add));
    expect(batches).toEqual([[1], [2]]);
    await end();
    expect(batches).toEqual([[1], [2], [3, 4]]);
    await end();
    await end();
    await end();
    expect(await all).toEqual([10, 20, 30, 40, 50]);
  });

  test("an Error for one item is that one's", async () => {
    const add = gather(async (items: number[]) => items.map((item) => (item === 2 ? new Error('no') : item)));
    const ended = await Promise.allSettled([1, 2, 3].map(add));
    expect(ended.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('a batch that throws fails all in it; apart, only the bad one', async () => {
    const run = async (items: number[]) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (items.includes(3)) throw new Error('three');
      return items;
    };
    const statuses = async (apart: boolean) =>
      (await Promise.allSettled([1, 2, 3, 4].map(gather(run, { apart })))).map((one) => one.status[0]).join('');
    expect(await statuses(false)).toBe('frrr');
    expect(await statuses(true)).toBe('ffrf');
  });

  test('only with others of the same key', async () => {
    const { batches, run, end } = held();
    const add = gatherBy((item: number) => String(item % 2), run);
    const all = Promise.all([1, 2, 3, 4, 5].map(add));
    expect(batches).toEqual([[1], [2]]);
    await end();
    await end();
    expect(batches).toEqual([[1], [2], [3, 5], [4]]);
    await end();
    await end();
    expect(await all).toEqual([10, 20, 30, 40, 50]);
  });

  test('not apart after an error that leaves open what was done', async () => {
    const seen: number[][] = [];
    const add = gather<number, number>(
      async (items) => {
        seen.push(items);
        await Promise.resolve();
        throw new Error(items.length === 1 ? 'no' : 'unknown');
      },
      { apart: (error) => (error as Error).message === 'no' },
    );
    const all = await Promise.allSettled([1, 2, 3].map(add));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(seen).toEqual([[1], [2, 3]]);
  });
});
