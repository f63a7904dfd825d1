import { type Machine, outputOf } from '../machine/contract.ts';
import { partitionPath, readTable, partitionsOf } from './tables.ts';

/** Makes the kernel look at a disk's partitions again, and waits for their device files. */
export async function rereadTable(machine: Machine, disk: string): Promise<void> {
  if (machine.kind === 'simulated') return;
  // partx looks no further than the partitions it knew; it is the way when the kernel says that one is in use.
  if ((await outputOf(machine, 'blockdev', ['--rereadpt', disk])) === null) {
    await outputOf(machine, 'partx', ['-d', disk]);
    await outputOf(machine, 'partx', ['-a', disk]);
  }
  const sector = Number(
    (await machine.text(`/sys/block/${disk.replace('/dev/', '')}/queue/logical_block_size`)) ?? 512,
  );
  const device = await machine.open(disk, 'read');
  try {
    const parts = partitionsOf(await readTable(device, sector));
    for (const part of parts) await machine.appears(partitionPath(disk, part.number));
  } finally {
    await device.close();
  }
}
