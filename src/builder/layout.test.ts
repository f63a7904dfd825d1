import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '#kernel/run';
import { cpio, file, link } from './cpio.ts';
import { copyDisk, writeDisk } from './disk.ts';
import { gpt, guidOf } from './gpt.ts';

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-builder-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('writes a partition table that sfdisk takes without a word', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'esp'), Buffer.alloc(3 * 1024 * 1024, 'e'));
    await writeFile(join(folder, 'root'), Buffer.alloc(1024 * 1024 + 512, 'r'));
    const disk = join(folder, 'disk');
    const total = await writeDisk(
      disk,
      [
        { number: 15, type: 'efi', name: 'efi', bytes: 3 * 1024 * 1024, file: join(folder, 'esp') },
        { number: 1, type: 'root', name: 'root', bytes: 1024 * 1024 + 512, file: join(folder, 'root') },
      ],
      Buffer.alloc(440, 0x90),
      'seed',
    );
    expect(total).toBe(7 * 1024 * 1024);
    const { stdout, stderr } = await run('sfdisk', ['--json', disk], { timeoutMs: 60_000 });
    expect(stderr).toBe('');
    const table = (JSON.parse(stdout) as { partitiontable: { id: string; partitions: Record<string, unknown>[] } })
      .partitiontable;
    expect(table.id.toLowerCase()).toBe(guidOf('seed/disk'));
    const seen = table.partitions.map(({ start, size, name, attrs }) => [start, size, name, attrs]);
    expect(seen).toEqual([
      [8192, 4096, 'root', undefined],
      [2048, 6144, 'efi', 'LegacyBIOSBootable'],
    ]);
    const verify = await run('sfdisk', ['--verify', disk], { timeoutMs: 60_000 });
    expect(verify.stdout).toContain('No errors detected');
  }));

it('copies a disk with its holes and knows its hash', () =>
  inFolder(async (folder) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    const bytes = Buffer.concat([Buffer.alloc(1000, 'a'), Buffer.alloc(12 * 1024 * 1024), Buffer.alloc(512, 'z')]);
    await writeFile(from, bytes);
    const hash = createHash('sha256');
    await copyDisk(from, to, hash);
    expect((await readFile(to)).equals(bytes)).toBe(true);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await stat(to)).blocks * 512).toBeLessThan(bytes.length);
  }));

it('makes the same table of the same seed and another of another', () => {
  const parts = [{ number: 1, type: 'root', name: 'r', firstSector: 2048, sectors: 2048 }] as const;
  expect(gpt(8192, parts, 'a').start.equals(gpt(8192, parts, 'a').start)).toBe(true);
  expect(gpt(8192, parts, 'a').start.equals(gpt(8192, parts, 'b').start)).toBe(false);
});

it('packs an archive that cpio reads', () =>
  inFolder(async (folder) => {
    const archive = cpio(
      [file('init', '#!/bin/sh\n', 0o755), file('a/b/c', 'text'), link('lib64', 'lib')],
      1_700_000_000,
    );
    await run('cpio', ['-i', '--quiet'], { timeoutMs: 60_000, input: archive, cwd: folder });
    const { stdout } = await run('find', ['.', '-mindepth', '1', '-printf', '%p %m %l %s\n'], {
      timeoutMs: 60_000,
      cwd: folder,
    });
    const lines = stdout.trim().split('\n').sort();
    expect(lines.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      './a 755 ',
      './a/b 755 ',
      './a/b/c 644 ',
      './init 755 ',
      './lib64 777 lib',
    ]);
  }));
