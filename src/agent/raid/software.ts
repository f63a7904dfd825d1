import { randomUUID } from 'node:crypto';
import type { Params, Run } from '../commands/command.ts';
import { emptyGpt, TYPES, writeGpt } from '../disks/gpt.ts';
import { rereadTable } from '../disks/reread.ts';
import { partitionPath, partitionsOf, readTable } from '../disks/tables.ts';
import { eraseMetadata } from '../erase/overwrite.ts';
import { errors } from '../errors.ts';
import { eraseEnds } from '../images/writer.ts';
import { listDisks } from '../inventory/disks.ts';
import { outputOf } from '../machine/contract.ts';
import { planRaid } from './plan.ts';

const MIB = 1024 * 1024;

/** Makes the software RAID that a node's `target_raid_config` asks for; gives the configuration as it is now. */
export async function createRaid(config: unknown, run: Run): Promise<Params> {
  const { machine } = run;
  const disks = await listDisks(machine);
  if (disks.some((disk) => disk.array))
    throw errors.RaidRefused('there are arrays already; delete_configuration removes them');
  const plan = planRaid(config, disks);
  for (const [name, parts] of plan.disks) {
    const disk = disks.find((other) => other.name === name);
    const sector = disk?.logical_sectors ?? 512;
    const device = await machine.open(name, 'write');
    try {
      if (partitionsOf(await readTable(device, sector)).length > 0) {
        throw errors.RaidRefused(`${name} has partitions; clean the machine first`);
      }
      await eraseEnds(device);
      const table = emptyGpt(device.size, sector);
      // The ESP or BIOS boot partition of a deployed image has its place before the arrays.
      let at = (552 * MIB) / sector;
      table.partitions = parts.map((part, i) => {
        const first = at;
        at += (part.mib * MIB) / sector;
        return { number: i + 1, first, last: at - 1, type: TYPES.raid, uuid: randomUUID(), name: '', attributes: 0n };
      });
      await writeGpt(device, table, { protective: true });
    } finally {
      await device.close();
    }
    await rereadTable(machine, name);
  }
  for (const array of plan.arrays) {
    const members = array.disks.map((disk) => {
      const index = plan.disks.get(disk)?.findIndex((part) => part.array === array.index) ?? 0;
      return partitionPath(disk, index + 1);
    });
    const args = ['--create', `/dev/md${array.index}`, '--force', '--run', '--metadata=1', `--level=${array.mdLevel}`];
    try {
      await machine.run('mdadm', [...args, `--name=${array.name}`, `--raid-devices=${members.length}`, ...members], {
        timeoutMs: 300_000,
      });
    } catch (error) {
      throw errors.RaidFailed(`mdadm refused array ${array.index}`, { cause: error });
    }
    run.log.info('an array is made', { array: `/dev/md${array.index}`, level: array.level, members });
  }
  return config as Params;
}

/** Stops all arrays and forgets them. */
export async function deleteRaid(run: Run): Promise<{ result: string }> {
  const { machine } = run;
  const arrays = (await listDisks(machine)).filter((disk) => disk.array);
  const members = new Set<string>();
  for (const array of arrays) {
    const slaves = await machine.names(`/sys/block/${array.name.replace('/dev/', '')}/slaves`);
    for (const slave of slaves) members.add(`/dev/${slave}`);
  }
  for (const array of arrays) await machine.run('mdadm', ['--stop', array.name], { timeoutMs: 120_000 });
  for (const member of members) await outputOf(machine, 'mdadm', ['--zero-superblock', member]);
  const holders = (await listDisks(machine)).filter((disk) =>
    [...members].some((member) => member.startsWith(disk.name)),
  );
  for (const disk of holders) {
    const device = await machine.open(disk.name, 'write');
    await eraseMetadata(device, disk.logical_sectors ?? 512).finally(() => device.close());
    await rereadTable(machine, disk.name);
  }
  return { result: `${arrays.length} arrays were deleted` };
}
