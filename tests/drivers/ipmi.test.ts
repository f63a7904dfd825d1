import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { conformance } from '#baremetal/drivers/conformance/suite';
import { ipmiHardware, ipmiInterfaces } from '#baremetal/drivers/ipmi/hardware';
import type { DriverCall } from '#baremetal/drivers/contract';
import { redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import { effectsOf } from '#lab/quirks/all';
import { callOf, interfacesOf, ipmiNode, type LabMachine, labMachine, labSubject, powerActions } from './rack.ts';

const labs: LabMachine[] = [];
// `external-pxe` comes with the Redfish drivers
const boot = redfishInterfaces(systemClock).interfaces.boot;
const interfaces = interfacesOf(ipmiHardware, { ...ipmiInterfaces(systemClock), boot });
const subject = labSubject(
  interfaces,
  async () => {
    const lab = await labMachine();
    return { lab, node: ipmiNode(lab) };
  },
  // every session sets its privilege, which changes nothing of the machine
  (lab) => lab.ledger.list({ kind: 'action' }).filter(({ action }) => !action.startsWith('sol.')).length,
);
afterAll(() => subject.close());

conformance('ipmi', async () => subject);

async function open(quirk?: string, more = {}, secrets = {}): Promise<{ lab: LabMachine; call: DriverCall }> {
  const lab = await labMachine();
  if (quirk !== undefined) lab.bmc.effects.on(quirk, effectsOf(quirk));
  const node = ipmiNode(lab, more, secrets);
  labs.push(lab);
  return { lab, call: callOf(interfaces, node) };
}

describe('IPMI', () => {
  afterEach(async () => {
    await Promise.all(labs.splice(0).map((lab) => lab.close()));
  });

  test.each([
    'ipmi-refuses-same-power',
    'ipmi-node-busy',
    'ipmi-out-of-space',
    'ipmi-insufficient-resources',
    'ipmi-initialising',
    'ipmi-cipher-3-only',
    'openbmc-no-boot-timeout-option',
    'supermicro-uefi-disk-selector',
  ])('power and boot device with %s', async (quirk) => {
    const { lab, call } = await open(quirk);
    if (quirk.startsWith('supermicro')) call.node.properties['vendor'] = 'supermicro';
    await interfaces.management.setBootDevice(call, 'disk', true);
    expect(lab.bmc.boot.override).toMatchObject({ target: 'Hdd', enabled: 'Continuous' });
    expect(lab.bmc.boot.mode).toBe('UEFI');
    expect(await interfaces.management.getBootDevice(call)).toEqual({ bootDevice: 'disk', persistent: true });
    await call.power.on();
    await call.power.off();
    expect(powerActions(lab)).toEqual(['power.on', 'power.off']);
  });

  test('a stale session is opened again', async () => {
    const { lab, call } = await open('ipmi-stale-sequence');
    await interfaces.power.get(call);
    expect(await interfaces.power.get(call)).toBe('power off');
    expect(powerActions(lab)).toEqual([]);
  });

  test('a K_g key, and none where one is needed', async () => {
    const kg = '4b47203132333435363738393061626364656667';
    const { call } = await open('ipmi-kg', {}, { ipmi_hex_kg_key: kg });
    expect(await interfaces.power.get(call)).toBe('power off');
    const without = await open('ipmi-kg');
    await expect(interfaces.power.get(without.call)).rejects.toMatchObject({ code: 'IpmiLoginRefused' });
  });

  test('a wrong password is told as such, and not in any text', async () => {
    const { call } = await open(undefined, {}, { ipmi_password: 'not-the-one' });
    const error: Error = await interfaces.power.get(call).then(
      () => new Error('it was taken'),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'IpmiLoginRefused' });
    expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('not-the-one');
  });

  test('a power action without an answer is sent once', async () => {
    const { lab, call } = await open();
    const effect = { kind: 'drop-answer' } as const;
    lab.bmc.effects.on('deaf', { ipmi: [{ netFn: 0, command: 2, times: 1, effect }] });
    await expect(interfaces.power.on(call)).rejects.toMatchObject({ code: 'IpmiNoAnswer' });
    expect(await interfaces.power.get(call)).toBe('power on');
    expect(powerActions(lab)).toEqual(['power.on']);
  });

  test('NMI, soft off, lamp, sensors, health', async () => {
    const { lab, call } = await open();
    const { management, power } = interfaces;
    await call.power.on();
    await management.injectNmi(call);
    await management.setIndicator(call, 'chassis', 'identify', 'on');
    expect(await management.getIndicator(call, 'chassis', 'identify')).toBe('on');
    await management.setIndicator(call, 'chassis', 'identify', 'off');
    expect(await management.getIndicator(call, 'chassis', 'identify')).toBe('off');
    expect(await management.sensors(call)).toMatchObject({ Temperature: expect.any(Object), Fan: expect.any(Object) });
    expect(await management.health(call)).toBe('OK');
    await power.softOff(call);
    expect(powerActions(lab)).toEqual(['power.on', 'power.nmi', 'power.soft']);
  });

  test('a boot device the BMC forgets is set again at each power on', async () => {
    const { lab, call } = await open('ipmi-forgets-boot-device', { ipmi_force_boot_device: true });
    await call.power.on();
    await interfaces.management.setBootDevice(call, 'pxe', true);
    await call.power.off();
    expect(lab.bmc.boot.override.enabled).toBe('Disabled');
    await call.power.on();
    expect(lab.bmc.boot.override).toMatchObject({ enabled: 'Continuous', target: 'Pxe' });
  });

  test('raw bytes and the reset of the BMC', async () => {
    const { call } = await open();
    const method = (name: string) => interfaces.vendor.methods.find((one) => one.name === name);
    expect(await method('send_raw')?.call(call, 'send_raw', { raw_bytes: '0x00 0x01' })).toMatch(/^[0-9a-f]{8}$/);
    await expect(method('send_raw')?.call(call, 'send_raw', { raw_bytes: '0x00 ;reboot' })).rejects.toMatchObject({
      status: 400,
    });
    await method('bmc_reset')?.call(call, 'bmc_reset', { warm: false });
  });

  test.each([
    [{ ipmi_address: '' }, 'ipmi_address'],
    [{ ipmi_address: '-H evil' }, 'ipmi_address'],
    [{ ipmi_port: 0 }, 'ipmi_port'],
    [{ ipmi_priv_level: 'GOD' }, 'ipmi_priv_level'],
    [{ ipmi_bridging: 'single' }, 'ipmi_target_channel'],
    [{ ipmi_bridging: 'single', ipmi_target_channel: '$(x)', ipmi_target_address: '0x20' }, 'ipmi_target_channel'],
  ])('%j is refused', async (more, key) => {
    const { call } = await open(undefined, more);
    await expect((async () => interfaces.power.validate(call.node))()).rejects.toThrow(key);
  });
});
