import { expect, test } from 'vitest';
import type { BlockDevice } from '../machine/contract.ts';
import { WriteBehind } from './write-behind.ts';

const MIB = 1024 * 1024;

/** A device whose syncs end when they are told to. */
function slowDevice() {
  const ends: { done(): void; fail(): void }[] = [];
  const sync = () =>
    new Promise<void>((done, fail) => ends.push({ done, fail: () => fail(new Error('the disk is broken')) }));
  return { device: { sync } as unknown as BlockDevice, ends };
}

test('a device writes while more comes, and is waited for when it is slower', async () => {
  const { device, ends } = slowDevice();
  const behind = new WriteBehind(device);
  await behind.wrote(4 * MIB);
  expect(ends).toHaveLength(0);
  await behind.wrote(4 * MIB);
  expect(ends).toHaveLength(1);
  await behind.wrote(60 * MIB);
  let waits = true;
  const next = behind.wrote(4 * MIB).then(() => (waits = false));
  await new Promise((resolve) => setImmediate(resolve));
  expect([ends.length, waits]).toEqual([1, true]);
  ends[0]?.done();
  await next;
  // What came meanwhile is synced at once.
  expect(ends).toHaveLength(2);
  const settled = behind.settle();
  ends[1]?.done();
  await expect.poll(() => ends.length).toBe(3);
  ends[2]?.done();
  await settled;
});

test('the error of a sync that nobody waited for is not lost', async () => {
  const { device, ends } = slowDevice();
  const behind = new WriteBehind(device);
  await behind.wrote(40 * MIB);
  ends[0]?.fail();
  await expect(behind.settle()).rejects.toThrow('the disk is broken');
});
