import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf, place } from './partition-image.ts';

const GIB = 1024 ** 3;
const info = { id: 'x', urls: [], root_mb: 2000 };

describe('layouts of partition images', () => {
  test('are in the order of ironic-python-agent, by boot mode', () => {
    const roles = (more: object, drive = false) =>
      layoutOf({ ...info, ...more }, drive, 'x86_64').map((wish) => wish.role);
    expect(roles({ deploy_boot_mode: 'uefi', swap_mb: 5, ephemeral_mb: 7 }, true)).toEqual([
      'esp',
      'ephemeral',
      'swap',
      'configdrive',
      'root',
    ]);
    expect(roles({ deploy_boot_mode: 'bios' })).toEqual(['root']);
    expect(roles({ deploy_boot_mode: 'bios', disk_label: 'gpt' })).toEqual(['bios', 'root']);
    expect(layoutOf(info, false, 'ppc64le')[0]?.role).toBe('prep');
    expect(() => layoutOf({ ...info, root_mb: 0 }, false, 'x86_64')).toThrow(/root_mb/);
  });

  test('are placed without a gap or an overlap, and end before the backup table', () => {
    fc.assert(
      fc.property(fc.nat(4000), fc.nat(4000), fc.constantFrom(512, 4096), (swap_mb, ephemeral_mb, sector) => {
        const wishes = layoutOf({ ...info, deploy_boot_mode: 'uefi', swap_mb, ephemeral_mb }, true, 'x86_64');
        const parts = place(wishes, 16 * GIB, sector, '/dev/sda');
        parts.forEach((part, i) => {
          expect(part.first).toBe(i === 0 ? 2 ** 20 / sector : (parts[i - 1]?.last ?? 0) + 1);
          expect((part.last - part.first + 1) * sector).toBe(part.mib * 2 ** 20);
        });
        expect((parts.at(-1)?.last ?? 0) * sector).toBeLessThan(16 * GIB - 2 ** 20);
      }),
    );
    expect(() => place([{ role: 'root', mib: 4000 }], GIB, 512, '/dev/sda')).toThrow(/4195352576 bytes|are needed/);
  });
});
