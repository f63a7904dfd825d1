import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '#kernel/clock';
import { decodeBatch, encodeBatch, makeFeed } from './changes.ts';
import type { Change } from './contract.ts';
import { silentLog } from './log.ts';

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((s) => s !== '*' && s.isWellFormed());

test('batches come back whole, in pieces that PostgreSQL takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, fc.array(names, { minLength: 1, maxLength: 300 })), { maxLength: 8 }),
      (batch) => {
        const payloads = encodeBatch(batch);
        for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
        const back = payloads.flatMap(decodeBatch);
        expect(back).toEqual(batch.flatMap(([topic, ids]) => ids.map((id) => ({ topic, id }))));
      },
    ),
    { numRuns: 50 },
  );
});

test('whatever another client sends is no error', () => {
  fc.assert(fc.property(fc.string(), (text) => void decodeBatch(text)));
  expect(decodeBatch('a %zz b')).toEqual([]);
});

test('one batch in ten milliseconds; the first goes at once; what failed goes later as "all of it"', async () => {
  const clock = manualClock();
  const sent: string[][] = [];
  let fails = false;
  let tried = 0;
  const feed = makeFeed(clock, silentLog, async (payloads) => {
    tried += 1;
    if (fails) throw new Error('away');
    sent.push(payloads);
  });
  const heard: Change[] = [];
  feed.subscribe('a', (change) => heard.push(change));
  feed.announce([{ topic: 'a', id: '1' }]);
  expect(heard).toEqual([{ topic: 'a', id: '1' }]);
  await clock.advance(0);
  expect(sent).toEqual([['a 1']]);
  for (let i = 0; i < 9; i++) {
    feed.announce([{ topic: 'a', id: String(i) }]);
    await clock.advance(1);
  }
  expect(sent.length).toBe(1);
  await clock.advance(1);
  expect(sent[1]).toEqual(['a 0 1 2 3 4 5 6 7 8']);
  fails = true;
  feed.announce([{ topic: 'a', id: 'x' }]);
  await clock.advance(20);
  expect(sent.length).toBe(2);
  feed.announce([{ topic: 'b', id: 'y' }]);
  await clock.advance(500);
  expect(tried).toBe(3); // it does not hammer a database that is away
  fails = false;
  heard.length = 0;
  feed.reconnected();
  expect(heard).toEqual([{ topic: 'a', id: '*' }]);
  await clock.advance(20);
  expect(sent[2]).toEqual(['a *\nb y']);
});
