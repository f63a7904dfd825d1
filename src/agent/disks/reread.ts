import { type Machine, outputOf } from '../machine/contract.ts';
import { partitionPath, readTable, partitionsOf } from './tables.ts';

/** Makes the kernel look at a disk's partitions again, and waits for their device files. */
export async function rereadTable(machine: Machine, disk: string): Promise<void> {
  if (machine.kind === 'simulated') return;
  await outputOf(machine, 'partx', ['-u', disk]);
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
