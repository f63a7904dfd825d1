import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import type { InterfaceKind } from '#baremetal/model/interfaces';
import type { DriverCall } from '#baremetal/drivers/contract';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { firmwareImage } from '#lab/bmc/firmware';
import { effectsOf } from '#lab/quirks/all';
import { callOf, interfacesOf, type LabMachine, labMachine, powerActions, redfishNode } from './rack.ts';

const drivers = redfishInterfaces(systemClock);
const interfaces = interfacesOf(redfishHardware, drivers.interfaces);
const labs: LabMachine[] = [];

afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});
afterAll(() => drivers.close());

async function open(quirk?: string, wish = {}) {
  const lab = await labMachine({}, wish);
  labs.push(lab);
  if (quirk !== undefined) lab.bmc.effects.on(quirk, effectsOf(quirk));
  const node = redfishNode(lab);
  return { lab, node, call: callOf(interfaces, node) };
}

async function step(call: DriverCall, kind: InterfaceKind, name: string, args = {}) {
  const steps = (await interfaces[kind].steps?.(call.node)) ?? [];
  const found = steps.find((one) => one.step === name);
  if (found === undefined) throw new Error(`no step ${kind}.${name}`);
  return found.run(call, args);
}

describe('inspection', () => {
  test.each([undefined, 'hpe-adapter-ids-change', 'supermicro-port-ids-collide', 'hpe-drive-without-state'])(
    'finds processors, memory, disks and NICs (%s)',
    async (quirk) => {
      const { lab, call } = await open(quirk, { cpus: 4, memoryMiB: 2048 });
      const before = lab.ledger.list({ kind: 'action' }).length;
      const outcome = await interfaces.inspect.inspect(call);
      if (outcome.kind !== 'done') throw new Error('it waits');
      const { spec } = lab.machine;
      expect(outcome.result.ports.map((port) => port.address)).toEqual(spec.nics.map((nic) => nic.mac));
      expect(outcome.result.properties).toEqual({ cpus: 4, cpu_arch: 'x86_64', memory_mb: 2048, local_gb: 7 });
      expect(outcome.result.inventory).toMatchObject({
        cpu: { architecture: 'x86_64', count: 4 },
        system_vendor: { serial_number: spec.serialNumber },
        boot: { current_boot_mode: 'uefi' },
      });
      expect(lab.ledger.list({ kind: 'action' })).toHaveLength(before);
    },
  );
});

describe('BIOS', () => {
  test.each([undefined, 'hpe-bios-lower-case', 'lenovo-bios-pending', 'dell-loose-shapes', 'dell-job-queue'])(
    'settings are applied by a reboot and read back (%s)',
    async (quirk) => {
      const { lab, call } = await open(quirk);
      if (quirk === 'dell-loose-shapes') {
        // without a place for pending settings there is nothing to write to
        expect((await interfaces.bios.settings(call)).length).toBeGreaterThan(3);
        return;
      }
      const settings = await interfaces.bios.settings(call);
      const choice = settings.find(
        (one) => one.attribute_type === 'Enumeration' && !one.read_only && one.name !== 'BootMode',
      );
      const other = choice?.allowable_values?.find((value) => value !== choice.value);
      const args = { settings: [{ name: choice?.name, value: other }] };
      expect(await step(call, 'bios', 'apply_configuration', args)).toEqual({ kind: 'done' });
      const after = await interfaces.bios.settings(call);
      expect(after.find((one) => one.name === choice?.name)?.value).toBe(other);
      const actions = powerActions(lab);
      await step(call, 'bios', 'apply_configuration', args); // a second life finds it done
      expect(powerActions(lab)).toEqual(actions);
    },
  );

  test('factory settings', async () => {
    const { call } = await open('dell-reset-bios-needs-body');
    expect(await step(call, 'bios', 'factory_reset')).toEqual({ kind: 'done' });
  });
});

describe('management', () => {
  test('mode, Secure Boot, lamp, sensors, health, NMI, soft off', async () => {
    const { lab, call } = await open(undefined, { secureBoot: true });
    const { management, power } = interfaces;
    await management.setSecureBoot(call, false);
    await management.setBootMode(call, 'bios');
    expect(await management.getBootMode(call)).toBe('bios');
    await call.power.on();
    expect(await management.getSecureBoot(call)).toBe(false);
    const [lamp] = (await management.indicators(call))['system'] ?? [];
    await management.setIndicator(call, 'system', lamp?.id ?? '', 'on');
    expect(await management.getIndicator(call, 'system', lamp?.id ?? '')).toBe('on');
    expect(Object.keys(await management.sensors(call)).sort()).toEqual(['Drive', 'Fan', 'Power', 'Temperature']);
    expect(await management.health(call)).toBe('OK');
    await management.injectNmi(call);
    await power.softOff(call);
    expect(powerActions(lab)).toEqual(['power.on', 'power.nmi', 'power.soft']);
  });

  test.each(['supermicro-secure-boot-licence', 'secure-boot-fails-while-busy', 'no-boot-progress'])(
    'reading goes on with %s',
    async (quirk) => {
      const { call } = await open(quirk);
      if (quirk === 'supermicro-secure-boot-licence')
        expect(await interfaces.management.getSecureBoot(call)).toBeNull();
      expect(await interfaces.power.get(call)).toBe('power off');
    },
  );
});

describe('virtual media', () => {
  test.each([
    undefined,
    'supermicro-insert-no-defaults',
    'supermicro-plain-media-url',
    'lenovo-media-by-patch',
    'hpe-eject-needs-body',
    'dell-slow-eject',
    'dell-idrac10-versions',
  ])('an image goes in, is replaced and comes out (%s)', async (quirk) => {
    const { lab, call } = await open(quirk);
    const { virtualMedia } = interfaces.management;
    for (const url of ['http://192.0.2.1/a.iso', 'http://192.0.2.1/b.iso']) {
      await virtualMedia?.insert(call, 'cdrom', url);
      const inserted = (await virtualMedia?.list(call))?.filter((one) => one['inserted']);
      expect(inserted?.map((one) => one['image'])).toEqual([url]);
    }
    await virtualMedia?.eject(call, []);
    await expect.poll(() => lab.bmc.media.list().filter((one) => one.inserted), { timeout: 5_000 }).toEqual([]);
  });
});

const RAID_DISKS = Array.from({ length: 4 }, () => ({ bus: 'sata' as const, raid: true }));

describe('RAID', () => {
  test.each([undefined, 'one-raid-task', 'dell-task-appears-late', 'hpe-task-monitor-useless'])(
    'volumes are made, made once, and deleted (%s)',
    async (quirk) => {
      const { lab, node, call } = await open(quirk, { disks: RAID_DISKS });
      node.targetRaidConfig = {
        logical_disks: [
          { raid_level: '1', size_gb: 'MAX', volume_name: 'data' },
          { raid_level: '1', size_gb: 4, is_root_volume: true },
        ],
      };
      await step(call, 'raid', 'create_configuration');
      expect(node.raidConfig['logical_disks']).toHaveLength(2);
      expect(node.raidConfig['logical_disks']).toContainEqual(
        expect.objectContaining({ raid_level: '1', size_gb: 4, is_root_volume: true }),
      );
      await step(call, 'raid', 'create_configuration');
      expect(lab.ledger.list({ kind: 'action', action: 'raid.create' })).toHaveLength(2);
      await step(call, 'raid', 'delete_configuration');
      expect(lab.bmc.storage.volumes()).toEqual([]);
      expect(node.raidConfig).toEqual({});
    },
  );

  test('what cannot be made is refused with a sentence', async () => {
    const { node, call } = await open(undefined, { disks: RAID_DISKS });
    node.targetRaidConfig = { logical_disks: [{ raid_level: '6+0', size_gb: 4 }] };
    await expect(step(call, 'raid', 'create_configuration')).rejects.toThrow('8 free disks');
  });
});

describe('firmware', () => {
  test.each([
    [undefined, 'BIOS', 'bios'],
    ['hpe-bios-update-at-reset', 'BIOS', 'bios'],
    ['dell-task-states', 'BIOS', 'bios'],
    [undefined, 'BMC', 'bmc'],
    ['update-takes-bmc-away', 'BMC', 'bmc'],
    ['dell-no-if-match-on-update', 'BIOS', 'bios'],
  ] as const)('is updated and read back (%s, %s)', async (quirk, kind, name) => {
    const image = firmwareImage(kind, '9.9.1');
    const server = createServer((_request, response) => response.end(image));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { lab, call } = await open(quirk);
      await call.power.on();
      const { port } = server.address() as AddressInfo;
      const settings = [{ component: name, url: `http://127.0.0.1:${port}/${name}.bin` }];
      expect(await step(call, 'firmware', 'update', { settings })).toEqual({ kind: 'done' });
      const components = await interfaces.firmware.components(call);
      expect(components.find((one) => one.component === name)?.current_version).toBe('9.9.1');
      expect(lab.ledger.list({ kind: 'action', action: 'firmware.update' })).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  test('an unknown component is refused', async () => {
    const { call } = await open();
    const settings = [{ component: 'toaster', url: 'http://192.0.2.1/a.bin' }];
    await expect(step(call, 'firmware', 'update', { settings })).rejects.toMatchObject({ status: 400 });
  });
});

describe('vendor methods', () => {
  test('events are subscribed to, shown and ended by id', async () => {
    const { call } = await open();
    const ask = (name: string, input: object) => {
      const method = call.interfaces.vendor.methods.find((one) => one.name === name);
      return method?.call(call, name, input as Record<string, unknown>) as Promise<Record<string, unknown>>;
    };
    const Destination = 'https://192.0.2.7/events';
    for (const wrong of [
      {},
      { Destination: ['x'] },
      { Destination: 'not a url' },
      { Destination, Context: 5 },
      { Destination, Protocol: {} },
      { Destination, EventTypes: 7 },
      { Destination, HttpHeaders: 'x: y' },
    ]) {
      await expect(ask('create_subscription', wrong)).rejects.toMatchObject({ status: 400 });
    }
    const made = await ask('create_subscription', {
      Destination,
      Context: 'mine',
      HttpHeaders: [{ 'X-Key': 'secret' }],
    });
    expect(made).toMatchObject({ Destination, Context: 'mine', Protocol: 'Redfish' });
    expect(JSON.stringify(made)).not.toContain('secret');
    const id = made['Id'];
    expect(await ask('get_subscription', { id })).toEqual(made);
    expect(await ask('get_all_subscriptions', {})).toMatchObject({ 'Members@odata.count': 1 });
    for (const odd of ['../../Systems/1', 'none']) {
      await expect(ask('delete_subscription', { id: odd })).rejects.toMatchObject({ status: 404 });
    }
    await expect(ask('delete_subscription', {})).rejects.toMatchObject({ status: 400 });
    expect(await ask('delete_subscription', { id })).toBeNull();
    expect(await ask('get_all_subscriptions', {})).toMatchObject({ 'Members@odata.count': 0 });
  });

  test('the BMC restarts and the machine does not', async () => {
    const { lab, call } = await open();
    await call.power.on();
    await step(call, 'vendor', 'bmc_reset');
    await expect.poll(() => lab.ledger.list({ action: 'bmc.reboot' }).length, { timeout: 5_000 }).toBe(1);
    expect(lab.machine.power).toBe('on');
  });
});
