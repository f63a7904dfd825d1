import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureFsync } from '#store/fsync';
import { keyPath, rotateKeys } from '#store/keyring';
import { openSealer } from '#store/seal';
import { openTestStore, type TestStore } from '#store/testing';
import { clean, scratch } from './children.ts';

let at: TestStore;
let dir: string;
beforeAll(async () => {
  at = await openTestStore();
  dir = await scratch();
});
afterAll(async () => {
  await at.close();
  await clean(dir);
});

test('made once, kept, refused when others may read it', async () => {
  const first = await openSealer(at.store, dir);
  const sealed = first.seal('secret', 'a');
  const second = await openSealer(at.store, dir);
  expect(second.sealsWith).toBe(first.sealsWith);
  expect(second.open(sealed, 'a')).toBe('secret');
  await chmod(keyPath(dir), 0o640);
  await expect(openSealer(at.store, dir)).rejects.toMatchObject({ code: 'KeyFileOpen' });
  await chmod(keyPath(dir), 0o600);
});

test('after a rotation the new key seals and the old one opens', async () => {
  const before = await openSealer(at.store, dir);
  const sealed = before.seal({ n: 1 }, 'a');
  const id = await rotateKeys(dir, Date.UTC(2026, 10, 21));
  const after = await openSealer(at.store, dir);
  expect(after.sealsWith).toBe(id);
  expect(after.sealsWith).not.toBe(before.sealsWith);
  expect(after.open(sealed, 'a')).toEqual({ n: 1 });
  expect(() => before.open(after.seal(1, 'a'), 'a')).toThrow(id);
});

test('a second host without the keys does not make its own', async () => {
  const other = await scratch();
  await expect(openSealer(at.store, other)).rejects.toMatchObject({ code: 'KeyMissing' });
  await expect(readFile(keyPath(other))).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(keyPath(other), await readFile(keyPath(dir)), { mode: 0o600 });
  await openSealer(at.store, other);
  // Only the new one: what the old one sealed would be lost.
  const keys = JSON.parse(await readFile(keyPath(dir), 'utf8')) as { keys: unknown[] };
  await writeFile(keyPath(other), JSON.stringify({ keys: keys.keys.slice(1) }));
  await expect(openSealer(at.store, other)).rejects.toMatchObject({ code: 'KeyMissing' });
  await clean(other);
});

test('two hosts that start at once on an empty database end with one key', async () => {
  const fresh = await openTestStore();
  const hosts = await Promise.all(Array.from({ length: 4 }, scratch));
  const results = await Promise.allSettled(hosts.map((host) => openSealer(fresh.store, host)));
  const ids = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.sealsWith] : [])));
  expect(ids.size).toBe(1);
  for (const host of hosts) await clean(host);
  await fresh.close();
});

test('the disk’s time for a durable write', async () => {
  const time = await measureFsync(dir, 9);
  expect(time.samples).toBe(9);
  expect(time.medianMs).toBeGreaterThan(0);
  expect(time.worstMs).toBeGreaterThanOrEqual(time.medianMs);
  await rm(join(dir, 'none'), { force: true });
  await expect(measureFsync(join(dir, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
