import { expect, test } from 'vitest';
import { uuidOf } from './ipmi.ts';

const uuid = '2f4ad5e2-e42e-4c93-a897-1aed0286339b';

test('reads a GUID in each of the orders that boards have', () => {
  const plain = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const smbios = Buffer.from(plain);
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const) {
    smbios.subarray(from, to).reverse();
  }
  expect([smbios, Buffer.from(plain).reverse(), plain].map(uuidOf)).toEqual([uuid, uuid, uuid]);
  expect(uuidOf(Buffer.alloc(16))).toBeNull();
  expect(uuidOf(Buffer.alloc(5, 1))).toBeNull();
});
