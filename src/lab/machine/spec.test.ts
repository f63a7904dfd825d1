import { describe, expect, it } from 'vitest';
import { machineSpec } from './spec.ts';

describe('a machine made from a wish', () => {
  it('is the same every time, and unlike any other of a rack of twenty thousand', () => {
    expect(machineSpec({ name: 'lab1' })).toEqual(machineSpec({ name: 'lab1' }));
    const macs = new Set<string>();
    const uuids = new Set<string>();
    for (let i = 1; i <= 20_000; i++) {
      const spec = machineSpec({ name: `lab${i}` });
      uuids.add(spec.uuid);
      for (const nic of spec.nics) macs.add(nic.mac);
    }
    expect([uuids.size, macs.size]).toEqual([20_000, 40_000]);
    expect([...macs].every((mac) => /^52(:[0-9a-f]{2}){5}$/.test(mac))).toBe(true);
  });

  it('is refused when it cannot be', () => {
    expect(() => machineSpec({ name: 'Bad Name' })).toThrow(/name/);
    expect(() => machineSpec({ name: 'm', memoryMiB: 1 })).toThrow(/memory/);
    expect(() => machineSpec({ name: 'm', mode: 'bios', secureBoot: true })).toThrow(/UEFI/);
    expect(() => machineSpec({ name: 'm', certificates: ['a'] })).toThrow(/Secure Boot only/);
    expect(() => machineSpec({ name: 'm', disks: [{ bus: 'nvme', raid: true }] })).toThrow(/RAID/);
    expect(() => machineSpec({ name: 'm', nics: [{ id: 'x' }, { id: 'x' }] })).toThrow(/one id/);
    expect(() => machineSpec({ name: 'm', nics: Array.from({ length: 17 }, () => ({})) })).toThrow(/16/);
  });
});
