import { errors } from '../errors.ts';

interface Check {
  fits(value: unknown): boolean;
  words: string;
}

const text: Check = { fits: (value) => typeof value === 'string', words: 'a string' };
const flag: Check = { fits: (value) => typeof value === 'boolean', words: 'true or false' };
const oneOf = (...words: string[]): Check => ({
  fits: (value) => typeof value === 'string' && words.includes(value),
  words: `one of ${words.join(', ')}`,
});
const count = (least: number): Check => ({
  fits: (value) => typeof value === 'number' && Number.isInteger(value) && value >= least,
  words: `an integer from ${least} on`,
});

/** What a logical disk may say. */
const DISK: Readonly<Record<string, Check>> = {
  raid_level: oneOf('JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'),
  size_gb: { fits: (value) => value === 'MAX' || count(0).fits(value), words: "an integer from 0 on, or 'MAX'" },
  volume_name: text,
  is_root_volume: flag,
  share_physical_disks: flag,
  disk_type: oneOf('hdd', 'ssd'),
  interface_type: oneOf('sata', 'scsi', 'sas'),
  number_of_physical_disks: count(1),
  controller: text,
  physical_disks: {
    fits: (value) =>
      Array.isArray(value) &&
      (value.every((item) => typeof item === 'string') ||
        (value.length >= 2 && value.every((item) => typeof item === 'object' && item !== null))),
    words: 'a list of disks',
  },
};

function refuse(why: string): never {
  throw errors.InvalidParameterValue(`RAID config validation error: ${why}`);
}

/**
 * Checks a target RAID configuration (Ironic's `raid_config_schema.json`): `logical_disks` with a size and a level
 * each, one root volume at most. `{}` clears it. Throws 400.
 */
export function checkRaidConfig(config: Readonly<Record<string, unknown>>): void {
  if (Object.keys(config).length === 0) return;
  const disks = config['logical_disks'];
  if (!Array.isArray(disks) || disks.length === 0) refuse("'logical_disks' is a required property, a list of disks");
  const extra = Object.keys(config).find((key) => key !== 'logical_disks');
  if (extra !== undefined) refuse(`Additional properties are not allowed ('${extra.slice(0, 40)}' was unexpected)`);
  let roots = 0;
  for (const item of disks as unknown[]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) refuse('a logical disk must be an object');
    const disk = item as Record<string, unknown>;
    for (const [key, value] of Object.entries(disk)) {
      const check = DISK[key];
      if (check === undefined) refuse(`Additional properties are not allowed ('${key.slice(0, 40)}' was unexpected)`);
      if (!check.fits(value)) refuse(`'${key}' of a logical disk must be ${check.words}`);
    }
    for (const key of ['raid_level', 'size_gb']) if (disk[key] === undefined) refuse(`'${key}' is a required property`);
    if (disk['physical_disks'] !== undefined && disk['controller'] === undefined) {
      refuse("'controller' is a dependency of 'physical_disks'");
    }
    if (disk['is_root_volume'] === true) roots++;
  }
  if (roots > 1) refuse(`Raid config cannot have more than one root volume. There are ${roots}`);
}
