import type { Run } from '../commands/command.ts';
import { partitionsOf, readTable } from '../disks/tables.ts';
import { zeroRange } from '../images/writer.ts';
import type { BlockDevice } from '../machine/contract.ts';

const PIECE = 256 * 1024 * 1024;
const CHUNK = 4 * 1024 * 1024;
const ENDS = 1024 * 1024;

/** Writes zeroes over all of a device, as bytes. */
export async function overwrite(device: BlockDevice, run: Run, tell: (bytes: number) => void): Promise<void> {
  const zeroes = Buffer.alloc(CHUNK);
  let unsynced = 0;
  for (let at = 0; at < device.size; ) {
    run.signal.throwIfAborted();
    const n = Math.min(CHUNK, device.size - at);
    await device.write(zeroes.subarray(0, n), at);
    at += n;
    unsynced += n;
    if (unsynced >= PIECE) {
      await device.sync();
      unsynced = 0;
    }
    tell(at);
  }
  await device.sync();
}

/** Zeroes all of a device by its own command; false when it has none. */
export async function zeroByDevice(device: BlockDevice, run: Run, tell: (bytes: number) => void): Promise<boolean> {
  for (let at = 0; at < device.size; ) {
    run.signal.throwIfAborted();
    const n = Math.min(4 * PIECE, device.size - at);
    if (n < PIECE && at > 0) await zeroRange(device, at, n);
    else if (!(await device.zero(at, n))) return false;
    at += n;
    tell(at);
  }
  await device.sync();
  return true;
}

/**
 * Erases what makes a disk's content findable: both ends of the disk and of every partition, where tables, file
 * system, RAID, LVM and ZFS labels stand. Gives the bytes written.
 */
export async function eraseMetadata(device: BlockDevice, sector: number): Promise<number> {
  const ends = Buffer.alloc(ENDS);
  let bytes = 0;
  const clear = async (from: number, to: number) => {
    const length = Math.min(ENDS, to - from);
    await device.write(ends.subarray(0, length), from);
    await device.write(ends.subarray(0, length), to - length);
    bytes += 2 * length;
  };
  // A table that cannot be believed still has disk ends.
  const table = await readTable(device, sector).catch(() => ({ label: 'none' }) as const);
  for (const part of partitionsOf(table)) {
    const from = part.first * sector;
    const to = Math.min((part.last + 1) * sector, device.size);
    if (from < to) await clear(from, to);
  }
  await clear(0, device.size);
  await device.sync();
  return bytes;
}
