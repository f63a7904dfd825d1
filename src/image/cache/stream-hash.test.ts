import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { StreamHash } from './stream-hash.ts';

const MIB = 1024 * 1024;
const plain = (...parts: Buffer[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

test.each([
  [0, 1],
  [100, 7],
  [4 * MIB, MIB],
  [4 * MIB + 1, 65_536],
  [37 * MIB + 5, 5 * MIB],
])('%i bytes in parts of %i are hashed as by one', async (bytes, size) => {
  const data = randomBytes(bytes);
  const hash = new StreamHash('sha256');
  for (let at = 0; at < bytes; at += size) await hash.update(data.subarray(at, at + size));
  expect(await hash.digest()).toBe(plain(data));
});

test('zeroes stand where they came', async () => {
  const [a, b] = [randomBytes(5 * MIB + 3), randomBytes(MIB)];
  const hash = new StreamHash('sha256');
  await hash.update(a);
  await hash.zeroes(9 * MIB + 1);
  await hash.update(b);
  await hash.zeroes(2);
  expect(await hash.digest()).toBe(plain(a, Buffer.alloc(9 * MIB + 1), b, Buffer.alloc(2)));
});

test('a stream that is given up leaves no thread behind', async () => {
  const hash = new StreamHash('sha512');
  await hash.update(randomBytes(9 * MIB));
  await hash.close();
});
