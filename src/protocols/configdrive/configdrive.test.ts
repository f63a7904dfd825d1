import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { run } from '#kernel/run';
import { buildConfigDrive, configDriveFiles } from './build.ts';
import { checkConfigDrive } from './check.ts';

test('a config drive is an ISO called config-2 that holds what was given', async () => {
  const drive = { metaData: { uuid: 'u', name: 'n' }, userData: '#cloud-config\n', vendorData: { a: 1 } };
  const base64 = await buildConfigDrive(drive);
  await checkConfigDrive(base64);
  const place = await mkdtemp(join(tmpdir(), 'ingot-test-'));
  try {
    const iso = join(place, 'a.iso');
    await writeFile(iso, gunzipSync(Buffer.from(base64, 'base64')));
    const out = join(place, 'out');
    await run('xorriso', ['-osirrox', 'on', '-indev', iso, '-extract', '/', out], { timeoutMs: 60_000 });
    for (const [path, content] of configDriveFiles(drive)) {
      expect(await readFile(join(out, path), 'utf8')).toBe(content);
    }
    expect((await readFile(iso)).subarray(32_808, 32_816).toString()).toBe('config-2');
  } finally {
    await run('chmod', ['-R', 'u+w', place], { timeoutMs: 10_000 });
    await rm(place, { recursive: true, force: true });
  }
});

test('what is no config drive, or unpacks without end, is refused', async () => {
  await expect(checkConfigDrive('aGVsbG8=')).rejects.toMatchObject({ code: 'BadConfigDrive' });
  const cut = gzipSync(Buffer.alloc(100_000, 1)).subarray(0, 60).toString('base64');
  await expect(checkConfigDrive(cut)).rejects.toMatchObject({ code: 'BadConfigDrive' });
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024)).toString('base64');
  await expect(checkConfigDrive(bomb)).rejects.toThrow(/larger than/);
});
