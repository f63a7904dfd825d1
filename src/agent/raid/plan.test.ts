import { describe, expect, test } from 'vitest';
import type { FoundDisk } from '../inventory/disks.ts';
import { planRaid } from './plan.ts';

const GIB = 1024 ** 3;
const disks = (n: number, gib = 100) =>
  Array.from(
    { length: n },
    (_, i) => ({ name: `/dev/sd${'abcdef'[i]}`, size: gib * GIB, rotational: i > 1, serial: `S${i}` }) as FoundDisk,
  );
const volume = (level: string, size: number | 'MAX', more = {}) => ({
  raid_level: level,
  size_gb: size,
  controller: 'software',
  ...more,
});
const plan = (volumes: unknown[], on = disks(4)) => planRaid({ logical_disks: volumes }, on);

describe('plans of software RAID', () => {
  test('sizes that are given come first, what is left is MAX', () => {
    const made = plan([
      volume('1', 'MAX', { is_root_volume: true }),
      volume('1+0', 50, { volume_name: 'data; reboot' }),
    ]);
    expect(made.arrays).toMatchObject([
      {
        index: 0,
        mdLevel: '1',
        mib: 100 * 1024 - 553 - 25 * 1024,
        root: true,
        disks: ['/dev/sda', '/dev/sdb', '/dev/sdc', '/dev/sdd'],
      },
      { index: 1, mdLevel: '10', mib: 25 * 1024, name: 'data--reboot' },
    ]);
    expect([...made.disks.values()].every((parts) => parts.length === 2)).toBe(true);
  });

  test('disks are those that hints name, each once', () => {
    const hints = [{ rotational: false }, { rotational: false }];
    const made = plan([volume('1', 20, { physical_disks: hints }), volume('5', 'MAX')]);
    expect(made.arrays[0]?.disks).toEqual(['/dev/sda', '/dev/sdb']);
    expect(made.arrays[1]?.disks.length).toBe(4);
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', {}, /no logical disk/],
    ['hardware', { logical_disks: [volume('1', 1), { raid_level: '1', size_gb: 1 }] }, /cannot be mixed/],
    ['three', { logical_disks: [volume('1', 1), volume('1', 1), volume('1', 1)] }, /at most two/],
    ['no mirror', { logical_disks: [volume('0', 1)] }, /must have the level 1/],
    ['two of MAX', { logical_disks: [volume('1', 'MAX'), volume('1', 'MAX')] }, /only one volume/],
    ['an unknown level', { logical_disks: [volume('1', 1), volume('7', 1)] }, /level 7 is not one of/],
    ['too much', { logical_disks: [volume('1', 5000)] }, /no room for 5000/],
    ['no size', { logical_disks: [volume('1', Number.NaN)] }, /no room/],
  ])('%s is refused', (_name, config, why) => {
    expect(() => planRaid(config, disks(4))).toThrow(why);
  });

  test('levels want their number of disks', () => {
    expect(() => plan([volume('1', 1)], disks(1))).toThrow(/cannot be made of 1 disks/);
    expect(() => plan([volume('1', 1), volume('1+0', 1)], disks(3))).toThrow(/cannot be made of 3 disks/);
    expect(() => plan([volume('1', 1), volume('6', 1)], disks(3))).toThrow(/cannot be made of 3 disks/);
  });
});
