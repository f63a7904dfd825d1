import { isObject } from '../commands/parameters.ts';
import { chooseRootDisk, type Hints, readHints } from '../disks/hints.ts';
import { errors } from '../errors.ts';
import type { FoundDisk } from '../inventory/disks.ts';

/** An array to be made: a partition of `mib` on each disk. */
export interface ArrayPlan {
  index: number;
  level: string;
  /** For mdadm. */
  mdLevel: string;
  mib: number;
  /** Devices. */
  disks: readonly string[];
  name: string;
  root: boolean;
}

export interface RaidPlan {
  arrays: readonly ArrayPlan[];
  /** Each disk's partitions in MiB, by the index of their array. */
  disks: ReadonlyMap<string, readonly { array: number; mib: number }[]>;
}

interface Level {
  md: string;
  least: number;
  /** Disks that hold data, of n. */
  data(n: number): number;
}

const LEVELS: Readonly<Record<string, Level>> = {
  '0': { md: '0', least: 2, data: (n) => n },
  '1': { md: '1', least: 2, data: () => 1 },
  '1+0': { md: '10', least: 2, data: (n) => n / 2 },
  '5': { md: '5', least: 3, data: (n) => n - 1 },
  '6': { md: '6', least: 4, data: (n) => n - 2 },
};

/** Room for the tables at both ends, and for an ESP or BIOS boot partition on each disk of the root volume. */
const RESERVED_MIB = 2 + 551;

/**
 * Plans software RAID from `target_raid_config`: at most two volumes, the first a mirror so that firmware finds its
 * loader on any disk, at most one of `MAX` size. Throws `RaidRefused` with what is wrong.
 */
export function planRaid(config: unknown, disks: readonly FoundDisk[]): RaidPlan {
  const wishes =
    isObject(config) && Array.isArray(config['logical_disks']) ? config['logical_disks'].filter(isObject) : [];
  const soft = wishes.filter((wish) => wish['controller'] === 'software');
  if (soft.length === 0) throw errors.RaidRefused('it names no logical disk with the controller software');
  if (soft.length !== wishes.length) throw errors.RaidRefused('software and hardware volumes cannot be mixed here');
  if (soft.length > 2) throw errors.RaidRefused('there can be at most two software volumes');
  if (soft[0]?.['raid_level'] !== '1') throw errors.RaidRefused('the first volume must have the level 1');
  if (soft.filter((wish) => wish['size_gb'] === 'MAX').length > 1)
    throw errors.RaidRefused('only one volume can be MAX');
  const usable = disks.filter((disk) => !disk.array && !disk.readOnly && !disk.removable);
  const members = soft.map((wish) => membersOf(wish, usable));
  const free = new Map(usable.map((disk) => [disk.name, Math.floor(disk.size / 2 ** 20) - RESERVED_MIB]));
  // Sizes that are given come first; what is left is the one of MAX.
  const order = soft
    .map((_, i) => i)
    .sort((a, b) => Number(soft[a]?.['size_gb'] === 'MAX') - Number(soft[b]?.['size_gb'] === 'MAX'));
  const arrays: ArrayPlan[] = [];
  for (const i of order) {
    const wish = soft[i] ?? {};
    const on = members[i] ?? [];
    const name = String(wish['raid_level']);
    const level = LEVELS[name];
    if (level === undefined)
      throw errors.RaidRefused(`the level ${name} is not one of ${Object.keys(LEVELS).join(', ')}`);
    if (on.length < level.least || (name === '1+0' && on.length % 2 !== 0)) {
      throw errors.RaidRefused(`the level ${name} cannot be made of ${on.length} disks`);
    }
    const room = Math.min(...on.map((disk) => free.get(disk.name) ?? 0));
    const wanted =
      wish['size_gb'] === 'MAX' ? room : Math.ceil((Number(wish['size_gb']) * 1024) / level.data(on.length));
    if (!(wanted > 0) || wanted > room)
      throw errors.RaidRefused(`there is no room for ${String(wish['size_gb'])} GB of volume ${i}`);
    for (const disk of on) free.set(disk.name, (free.get(disk.name) ?? 0) - wanted);
    const volume = typeof wish['volume_name'] === 'string' ? wish['volume_name'] : String(i);
    arrays[i] = {
      index: i,
      level: name,
      mdLevel: level.md,
      mib: wanted,
      disks: on.map((disk) => disk.name),
      name: volume.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 32),
      root: wish['is_root_volume'] === true,
    };
  }
  const parts = new Map<string, { array: number; mib: number }[]>();
  for (const array of arrays) {
    for (const disk of array.disks)
      parts.set(disk, [...(parts.get(disk) ?? []), { array: array.index, mib: array.mib }]);
  }
  return { arrays, disks: parts };
}

function membersOf(wish: Readonly<Record<string, unknown>>, usable: readonly FoundDisk[]): FoundDisk[] {
  const hints = wish['physical_disks'];
  if (!Array.isArray(hints)) return [...usable];
  const left = [...usable];
  return hints.filter(isObject).map((hint: Hints) => {
    readHints(hint); // a hint that means nothing is refused before a disk is chosen
    const disk = chooseRootDisk(left, hint);
    left.splice(left.indexOf(disk), 1);
    return disk;
  });
}
