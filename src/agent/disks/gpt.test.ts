import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSparse, SparseDisk } from '../machine/simulated/sparse-device.ts';
import { emptyGpt, readGpt, TYPES, writeGpt } from './gpt.ts';
import { addAtEnd, partitionPath, partitionsOf, putMbrEntry, readTable, repairGpt, systemPartition } from './tables.ts';

const MIB = 1024 * 1024;
const diskOf = (mib: number) => openSparse('/dev/sda', new SparseDisk(mib * MIB), () => null);

async function image(mib: number, sector: number) {
  const small = diskOf(mib);
  const table = emptyGpt(small.size, sector);
  const part = (number: number, first: number, last: number, type: string) => ({
    number,
    first: (first * MIB) / sector,
    last: (last * MIB) / sector - 1,
    type,
    uuid: `${String(number).padStart(8, '0')}-1111-4222-8333-444444444444`,
    name: `part ${number}`,
    attributes: 0n,
  });
  table.partitions = [part(15, 1, 3, TYPES.esp), part(1, 3, mib - 2, TYPES.linux)];
  await writeGpt(small, table, { protective: true });
  return { small, table };
}

describe('GUID partition tables', () => {
  test('are read as they were written, from both ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: 64 }), fc.constantFrom(512, 4096), async (mib, sector) => {
        const { small, table } = await image(mib, sector);
        const read = await readGpt(small, sector);
        expect(read).toEqual({ ...table, partitions: [...table.partitions].sort((a, b) => a.number - b.number) });
        const backup = Buffer.alloc(sector);
        await small.read(backup, small.size - sector);
        expect(backup.toString('latin1', 0, 8)).toBe('EFI PART');
      }),
      { numRuns: 20 },
    );
  });

  test('of a smaller image grow with the disk, once', async () => {
    const { small } = await image(16, 512);
    const large = diskOf(256);
    const all = Buffer.alloc(small.size);
    await small.read(all, 0);
    await large.write(all, 0);
    expect(await repairGpt(large, 512)).toBe(true);
    expect(await repairGpt(large, 512)).toBe(false);
    const read = await readGpt(large, 512);
    expect(read).toMatchObject({ alternate: large.size / 512 - 1, lastUsable: large.size / 512 - 34 });
    const drive = await addAtEnd(large, 512, 64 * MIB, 'config-2');
    expect(drive).toMatchObject({ number: 2, name: 'config-2' });
    expect((drive.last - drive.first + 1) * 512).toBe(64 * MIB);
    const after = await readTable(large, 512);
    expect(partitionsOf(after).map((part) => part.number)).toEqual([1, 2, 15]);
    expect(systemPartition(after)?.number).toBe(15);
  });

  test('that do not fit, or were changed, are not believed', async () => {
    const { small } = await image(64, 512);
    const tiny = diskOf(8);
    const head = Buffer.alloc(4 * MIB);
    await small.read(head, 0);
    await tiny.write(head, 0);
    await expect(repairGpt(tiny, 512)).rejects.toMatchObject({ code: 'DeviceTooSmall' });
    head[600] = (head[600] ?? 0) ^ 1;
    await tiny.write(head, 0);
    await expect(readGpt(tiny, 512)).rejects.toThrow(/not valid/);
  });

  test('a full disk has no place for a config drive', async () => {
    const { small } = await image(128, 512);
    await expect(addAtEnd(small, 512, 64 * MIB, 'config-2')).rejects.toThrow(/free at its end/);
  });
});

describe('MBRs', () => {
  test('get a config drive, and a boot sector of a file system is none', async () => {
    const device = diskOf(256);
    const mbr = Buffer.alloc(512);
    putMbrEntry(mbr, { number: 1, first: 2048, last: 65_535, type: '0x83', uuid: '', name: '', attributes: 0n }, true);
    mbr.writeUInt16LE(0xaa55, 510);
    await device.write(mbr, 0);
    const drive = await addAtEnd(device, 512, 64 * MIB, 'config-2');
    const table = await readTable(device, 512);
    expect(table.label).toBe('msdos');
    expect(partitionsOf(table)).toMatchObject([
      { number: 1, first: 2048, last: 65_535 },
      { number: 2, first: drive.first, last: drive.last },
    ]);
    const fat = Buffer.alloc(512, 0x41);
    fat.writeUInt16LE(0xaa55, 510);
    await device.write(fat, 0);
    expect(await readTable(device, 512)).toEqual({ label: 'none' });
    await expect(addAtEnd(device, 512, MIB, 'x')).rejects.toThrow(/no partition table/);
  });

  test('partitions are named as the kernel names them', () => {
    expect([partitionPath('/dev/sda', 1), partitionPath('/dev/nvme0n1', 2), partitionPath('/dev/md0', 3)]).toEqual([
      '/dev/sda1',
      '/dev/nvme0n1p2',
      '/dev/md0p3',
    ]);
  });
});
