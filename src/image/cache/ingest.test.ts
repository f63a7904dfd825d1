import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { ingest } from './ingest.ts';

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

test.each([
  ['whole sectors', 5 * 1024 * 1024, 0],
  ['a last sector that is not whole', 5 * 1024 * 1024 + 7, 0],
  ['fewer bytes than it said', 5 * 1024 * 1024 - 100, 100],
  ['more bytes than it said', 5 * 1024 * 1024 + 100, -100],
])('a raw source of %s becomes a disk whose hash is that of its bytes', async (_, length, more) => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-ingest-'));
  try {
    const source = randomBytes(length);
    const raw = join(folder, 'raw');
    const { manifest } = await ingest(
      (async function* () {
        for (let at = 0; at < length; at += 1 << 20) yield source.subarray(at, at + (1 << 20));
      })(),
      {
        raw,
        packed: join(folder, 'packed'),
        checksum: { algorithm: 'sha256', hex: sha256(source) },
        diskFormat: 'raw',
        sourceBytes: length + more,
        limits: DEFAULT_LIMITS,
        convertTimeoutMs: 60_000,
        signal: AbortSignal.timeout(60_000),
        onProgress: () => {},
      },
    );
    const disk = await readFile(raw);
    expect(disk.length % 512).toBe(0);
    expect(disk.subarray(0, length).equals(source)).toBe(true);
    expect(manifest.virtual_bytes).toBe(disk.length);
    expect(manifest.sha256).toBe(sha256(disk));
  } finally {
    await rm(folder, { recursive: true });
  }
});
