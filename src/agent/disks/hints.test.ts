import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FoundDisk } from '../inventory/disks.ts';
import { chooseRootDisk, hintsOf, readHints } from './hints.ts';

const GIB = 1024 ** 3;
const disk = (name: string, gib: number, more: Partial<FoundDisk> = {}): FoundDisk => ({
  name: `/dev/${name}`,
  model: null,
  size: gib * GIB,
  rotational: false,
  wwn: null,
  serial: null,
  vendor: null,
  wwn_with_extension: null,
  wwn_vendor_extension: null,
  hctl: null,
  by_path: null,
  logical_sectors: 512,
  physical_sectors: 512,
  tran: null,
  readOnly: false,
  removable: false,
  array: false,
  member: false,
  ...more,
});

const DISKS = [
  disk('sda', 500, { model: 'Samsung SSD 870', serial: 'S1', rotational: false, vendor: 'ATA' }),
  disk('sdb', 4000, { model: 'ST4000NM0033', serial: 'Z1', rotational: true, hctl: '1:0:0:0' }),
  disk('nvme0n1', 960, { model: 'SAMSUNG MZ1LB960', serial: 'N1', wwn: 'eui.0025385b91d02ae7' }),
];
const chosen = (hints: Record<string, unknown>) => chooseRootDisk(DISKS, hints).name;

describe('root device hints', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ name: '/dev/nvme0n1' }, '/dev/nvme0n1'],
    [{ size: 500 }, '/dev/sda'],
    [{ size: '>= 900' }, '/dev/sdb'],
    [{ size: '>= 900', rotational: false }, '/dev/nvme0n1'],
    [{ size: '<or> 960 <or> 1000' }, '/dev/nvme0n1'],
    [{ rotational: 'true' }, '/dev/sdb'],
    [{ model: '<in> samsung', size: '> 600' }, '/dev/nvme0n1'],
    [{ model: 's== samsung ssd 870' }, '/dev/sda'],
    [{ model: 'Samsung%20SSD%20870' }, '/dev/sda'],
    [{ model: '<all-in> mz1 960' }, '/dev/nvme0n1'],
    [{ serial: 's!= s1', rotational: 'false' }, '/dev/nvme0n1'],
    [{ serial: '<or> x <or> z1' }, '/dev/sdb'],
    [{ wwn: 'eui.0025385b91d02ae7' }, '/dev/nvme0n1'],
    [{ hctl: '1:0:0:0' }, '/dev/sdb'],
  ])('%j is %s', (hints, name) => expect(chosen(hints)).toBe(name));

  test('a hint that means nothing is refused, not ignored', () => {
    for (const hints of [
      { colour: 'red' },
      { size: 'big' },
      { size: '' },
      { rotational: 'perhaps' },
      { serial: null },
      { model: { toString: null } },
      { size: [60] },
    ]) {
      expect(() => readHints(hints), JSON.stringify(hints)).toThrow(/cannot be read/);
    }
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('size', 'model', 'serial', 'rotational'), fc.anything()), (hints) => {
        try {
          for (const hint of readHints(hints)) for (const one of DISKS) expect(typeof hint(one)).toBe('boolean');
        } catch (error) {
          expect(error).toMatchObject({ code: 'BadHint' });
        }
      }),
    );
  });

  test('without hints it is the smallest fixed disk of at least 4 GiB that can be written', () => {
    expect(chooseRootDisk(DISKS, null).name).toBe('/dev/sda');
    const odd = [
      disk('sr1', 8, { readOnly: true }),
      disk('sdu', 16, { removable: true }),
      disk('sdt', 2),
      disk('sdm', 64, { member: true }),
    ];
    expect(chooseRootDisk([...odd, ...DISKS], {}).name).toBe('/dev/sda');
    expect(() => chooseRootDisk(odd, null)).toThrow(/\/dev\/sr1 \(8589934592 bytes, read only\)/);
  });

  test('those of the instance come before those of the machine', () => {
    const node = { properties: { root_device: { name: 'a' } }, instance_info: { root_device: { name: 'b' } } };
    expect(hintsOf(node)).toEqual({ name: 'b' });
    expect(hintsOf({ properties: { root_device: { name: 'a' } }, instance_info: {} })).toEqual({ name: 'a' });
    expect(hintsOf(null)).toBeNull();
  });
});
