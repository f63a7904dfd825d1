import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createZstdDecompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packInitrd } from '../../src/operate/ramdisk/base.ts';
import type { BuiltRamdisk } from '../../src/operate/ramdisk/build.ts';
import { agentEntries } from '../../src/operate/ramdisk/agent-part.ts';
import { readContents } from '../../src/operate/ramdisk/contents.ts';
import { firstCallRamdisk } from './ramdisk-of.ts';

let built: BuiltRamdisk;
const dirs: string[] = [];
beforeAll(async () => {
  built = await firstCallRamdisk();
}, 900_000);
afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true });
});

/** Names in the compressed archive at the beginning of a file. */
async function namesIn(file: string): Promise<Set<string>> {
  const names = new Set<string>();
  let rest = Buffer.alloc(0);
  let skip = 0;
  const input = createReadStream(file).pipe(createZstdDecompress());
  for await (const chunk of input) {
    const bytes = chunk as Buffer;
    if (skip >= bytes.length) {
      skip -= bytes.length;
      continue;
    }
    rest = Buffer.concat([rest, bytes.subarray(skip)]);
    skip = 0;
    while (rest.length >= 110) {
      const field = (at: number) => Number.parseInt(rest.toString('latin1', at, at + 8), 16);
      const nameEnd = (110 + field(94) + 3) & ~3;
      if (rest.length < nameEnd) break;
      const name = rest.toString('utf8', 110, 110 + field(94) - 1);
      if (name === 'TRAILER!!!') return names;
      names.add(name);
      const end = nameEnd + ((field(54) + 3) & ~3);
      skip = Math.max(0, end - rest.length);
      rest = rest.subarray(Math.min(end, rest.length));
    }
  }
  return names;
}

describe('the deploy ramdisk', () => {
  it('is small enough, has every tool the agent needs, and is found again without building', async () => {
    expect(built.manifest.initrd.size).toBeLessThan(90 * 1024 * 1024);
    const names = await namesIn(join(built.folder, 'initrd'));
    const contents = readContents();
    const has = (name: string) => ['bin', 'sbin'].some((folder) => names.has(`usr/${folder}/${name}`));
    expect([...contents.programs, ...contents.busybox, 'node', 'sh'].filter((name) => !has(name))).toEqual([]);
    for (const driver of [
      'nvme',
      'ahci',
      'virtio_blk',
      'mpt3sas',
      'megaraid_sas',
      'ixgbe',
      'i40e',
      'ice',
      'bnxt_en',
      'mlx5_core',
      'bonding',
      'ipmi_si',
    ])
      expect(
        [...names].find((name) => name.endsWith(`/${driver}.ko`)),
        driver,
      ).toBeDefined();
    expect(Object.keys(built.manifest.loaders)).toEqual(
      expect.arrayContaining(['undionly.kpxe', 'snponly.efi', 'shimx64.efi', 'grubx64.efi', 'isolinux.bin']),
    );
    const again = await firstCallRamdisk();
    expect(again).toMatchObject({ cached: true, folder: built.folder });
  }, 120_000);

  it('has the same bytes when it is made twice', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ird-'));
    dirs.push(dir);
    const files = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const entries = await agentEntries(
          join(import.meta.dirname, 'programs/first-call.ts'),
          AbortSignal.timeout(60_000),
        );
        await packInitrd(entries, join(dir, name), 1);
        return readFile(join(dir, name));
      }),
    );
    expect(files[0]?.equals(files[1] as Buffer)).toBe(true);
    expect((files[0]?.length ?? 1) % 4).toBe(0);
  }, 60_000);
});
