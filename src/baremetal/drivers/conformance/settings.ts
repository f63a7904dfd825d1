import { expect, test } from 'vitest';
import type { Subject } from './subject.ts';
import { stepOf, supported } from './subject.ts';

/** BIOS settings, RAID, firmware and inventory: steps that may run twice, and what is read after them. */
export function settingsConformance(name: string, open: () => Promise<Subject>): void {
  test(`${name}: a BIOS setting is applied and read back, where there are any`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    const { bios } = subject.interfaces;
    const before = await supported(() => bios.settings(call));
    const apply = await stepOf(subject, node, 'bios', 'apply_configuration');
    expect(apply === undefined).toBe(before === null);
    if (before === null || apply === undefined) return;
    expect(new Set(before.map((one) => one.name)).size).toBe(before.length);
    // where a setting says what it may be, one of those; else anything
    const free = before.filter((one) => one.read_only !== true && !/BootMode/.test(one.name));
    const choice = free.find((one) => (one.allowable_values?.length ?? 2) > 1 && one.value !== null);
    const value = choice?.allowable_values?.find((one) => one !== choice.value) ?? 'another';
    const args = { settings: [{ name: choice?.name, value }] };
    for (let life = 0; life < 2; life++) {
      expect(await apply.run({ ...call, resumed: life > 0 }, args)).toEqual({ kind: 'done' });
      expect((await bios.settings(call)).find((one) => one.name === choice?.name)?.value).toBe(value);
    }
    await expect(apply.run(call, {})).rejects.toMatchObject({ status: 400 });
    const reset = await stepOf(subject, node, 'bios', 'factory_reset');
    expect(await reset?.run(call, {})).toEqual({ kind: 'done' });
  });

  test(`${name}: RAID volumes are made once and deleted, where there are any`, async () => {
    const subject = await open();
    const node = await subject.node();
    let config: Record<string, unknown> = {};
    const made = subject.call(node);
    const call = {
      ...made,
      notes: { ...made.notes, raidConfig: (now: Record<string, unknown>) => void (config = now) },
    };
    const create = await stepOf(subject, node, 'raid', 'create_configuration');
    const erase = await stepOf(subject, node, 'raid', 'delete_configuration');
    expect(create === undefined).toBe(erase === undefined);
    if (create === undefined || erase === undefined) return;
    expect(Object.keys(subject.interfaces.raid.logicalDiskProperties)).toContain('raid_level');
    node.targetRaidConfig = { logical_disks: [{ raid_level: '1', size_gb: 4, is_root_volume: true }] };
    for (let life = 0; life < 2; life++) {
      await create.run({ ...call, resumed: life > 0 }, {});
      expect(config['logical_disks']).toMatchObject([{ raid_level: '1', size_gb: 4, is_root_volume: true }]);
    }
    for (let life = 0; life < 2; life++) {
      await erase.run({ ...call, resumed: life > 0 }, {});
      expect(config).toEqual({});
    }
  });

  test(`${name}: firmware is updated and read back, where it can be`, async () => {
    const subject = await open();
    const node = await subject.node();
    const call = subject.call(node);
    const { firmware } = subject.interfaces;
    const before = await supported(() => firmware.components(call));
    const update = await stepOf(subject, node, 'firmware', 'update');
    expect(update === undefined).toBe(before === null);
    if (before === null || update === undefined) return;
    expect(before.map((one) => one.component)).toEqual(expect.arrayContaining(['bios', 'bmc']));
    const newer = await subject.bios?.();
    if (newer === undefined) throw new Error('the subject has no firmware to try');
    const args = { settings: [{ component: 'bios', url: newer.url }] };
    expect(await update.run(call, args)).toEqual({ kind: 'done' });
    const after = (await firmware.components(call)).find((one) => one.component === 'bios');
    expect(after?.current_version).toBe(newer.version);
    await expect(update.run(call, {})).rejects.toMatchObject({ status: 400 });
  });

  test(`${name}: inspection tells of processors, memory and ports, or waits, or is refused`, async () => {
    const subject = await open();
    const call = subject.call(await subject.node());
    const outcome = await supported(() => subject.interfaces.inspect.inspect(call));
    if (outcome?.kind !== 'done') return;
    const { inventory, properties, ports } = outcome.result;
    expect(inventory).toMatchObject({
      cpu: { count: expect.any(Number) },
      memory: { physical_mb: expect.any(Number) },
    });
    expect(properties).toMatchObject({ cpus: expect.any(Number), memory_mb: expect.any(Number), cpu_arch: 'x86_64' });
    expect(ports.length).toBeGreaterThan(0);
    for (const { address } of ports) expect(address).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  });
}
