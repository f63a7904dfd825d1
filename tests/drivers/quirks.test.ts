// The drivers live with every quirk of the lab's list, and with every fault. What other files prove is looked up there, so
// that a quirk nobody drove is a failure here.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IngotError } from '#kernel/errors';
import { type Clock, systemClock } from '#kernel/clock';
import { serialParts } from '#baremetal/drivers/conformance/serial-parts';
import type { DriverCall, NodeInterfaces } from '#baremetal/drivers/contract';
import { IpmiTools } from '#baremetal/drivers/ipmi/bmc';
import { ipmiHardware, ipmiInterfaces } from '#baremetal/drivers/ipmi/hardware';
import { redfishHardware, redfishInterfaces } from '#baremetal/drivers/redfish/hardware';
import type { InterfaceKind } from '#baremetal/model/interfaces';
import type { Document, Node } from '#baremetal/model/node';
import { firmwareImage } from '#lab/bmc/firmware';
import { namedFaults } from '#lab/faults/named';
import { allQuirks } from '#lab/quirks/all';
import {
  callOf,
  eventually,
  interfacesOf,
  ipmiNode,
  type LabMachine,
  labMachine,
  powerActions,
  redfishNode,
} from './rack.ts';

const redfish = redfishInterfaces(systemClock);
const overRedfish = interfacesOf(redfishHardware, redfish.interfaces);
/** Pauses between attempts are a tenth of their length. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) };
const overIpmi = interfacesOf(ipmiHardware, ipmiInterfaces(hasty));
/** Who is not there is known after one second, not after a minute. */
const impatient = new IpmiTools(hasty, { waitS: 1, readAttempts: 1 });
const overIpmiInHaste = interfacesOf(ipmiHardware, ipmiInterfaces(hasty, impatient));
const web = createServer((_request, response) => response.end(firmwareImage('BIOS', '9.9.1')));
let webUrl: string;
const ISO = 'http://192.0.2.1/a.iso';

beforeAll(async () => {
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(async () => {
  web.close();
  await redfish.close();
});

/** A machine with a quirk or a fault, as a driver has it. */
interface Driven {
  lab: LabMachine;
  node: Node;
  call: DriverCall;
  i: NodeInterfaces;
}

const redfishOn = (lab: LabMachine, more: Document = {}): Driven => {
  const node = redfishNode(lab, more);
  return { lab, node, call: callOf(overRedfish, node), i: overRedfish };
};
const ipmiOn = (lab: LabMachine, more: Document = {}): Driven => {
  const node = ipmiNode(lab, more);
  return { lab, node, call: callOf(overIpmi, node), i: overIpmi };
};

const step = async ({ i, call, node }: Driven, kind: InterfaceKind, name: string, args: Document = {}) => {
  const found = ((await i[kind].steps?.(node)) ?? []).find((one) => one.step === name);
  if (found === undefined) throw new Error(`no step ${kind}.${name}`);
  return await found.run(call, args);
};
const requests = ({ lab }: Driven, pattern: RegExp) =>
  lab.ledger.list({ kind: 'request' }).filter((one) => pattern.test(one.action)).length;
const first = ({ lab }: Driven) => lab.bmc.lastPlan?.order[0] ?? '';
const failure = async (work: Promise<unknown>): Promise<IngotError> => {
  const error = await work.then(
    () => new Error('it went through'),
    (thrown: Error) => thrown,
  );
  if (!(error instanceof IngotError)) throw error;
  return error;
};

type Cope = (machine: Driven) => Promise<void>;

/** Boot devices are set and read back, and the machine goes on and off, each once. */
const boots: Cope = async (m) => {
  const mode = await m.i.management.getBootMode(m.call);
  for (const persistent of [false, true]) {
    await m.i.management.setBootDevice(m.call, 'pxe', persistent);
    expect(await m.i.management.getBootDevice(m.call)).toEqual({ bootDevice: 'pxe', persistent });
  }
  // over IPMI it is a part of the boot device, and there was none
  if (mode !== null) expect(await m.i.management.getBootMode(m.call)).toBe(mode);
  await m.call.power.on();
  expect(first(m)).toBe('network');
  await m.call.power.off();
  expect(powerActions(m.lab)).toEqual(['power.on', 'power.off']);
};

/** An image goes in, is what the machine boots, and comes out. */
const mediaBoot: Cope = async (m) => {
  await m.i.management.virtualMedia?.insert(m.call, 'cdrom', ISO);
  await m.i.management.setBootDevice(m.call, 'cdrom', false);
  await m.call.power.on();
  expect(first(m)).toMatch(/^(cd|dvd|medi)/);
  await eventually(
    () => m.lab.machine.guest?.name,
    (now) => expect(now).toBe(`medium ${ISO}`),
  );
  await m.call.power.off();
  await m.i.management.virtualMedia?.eject(m.call, []);
  await eventually(
    () => m.lab.bmc.media.list().filter((one) => one.inserted),
    (now) => expect(now).toEqual([]),
  );
};

const inspects: Cope = async (m) => {
  const outcome = await m.i.inspect.inspect(m.call);
  if (outcome.kind !== 'done') throw new Error('it waits');
  const { nics } = m.lab.machine.spec;
  expect(outcome.result.properties).toMatchObject({ cpu_arch: 'x86_64', cpus: expect.any(Number) });
  for (const { address } of outcome.result.ports) expect(nics.map((nic) => nic.mac)).toContain(address);
  expect(Object.keys(await m.i.management.sensors(m.call))).toEqual(expect.arrayContaining(['Temperature', 'Fan']));
};

const biosApplies: Cope = async (m) => {
  const settings = await m.i.bios.settings(m.call);
  const choice = settings.find(
    (one) => one.attribute_type === 'Enumeration' && !one.read_only && one.name !== 'BootMode',
  );
  const value = choice?.allowable_values?.find((one) => one !== choice.value);
  await step(m, 'bios', 'apply_configuration', { settings: [{ name: choice?.name, value }] });
  expect((await m.i.bios.settings(m.call)).find((one) => one.name === choice?.name)?.value).toBe(value);
};

const updates = (m: Driven, file = 'bios.bin') =>
  step(m, 'firmware', 'update', { settings: [{ component: 'bios', url: `${webUrl}/${file}` }] });
const isUpdated: Cope = async (m) => {
  await updates(m);
  const bios = (await m.i.firmware.components(m.call)).find((one) => one.component === 'bios');
  expect(bios?.current_version).toBe('9.9.1');
  expect(m.lab.ledger.list({ kind: 'action', action: 'firmware.update' })).toHaveLength(1);
};

/** Power can be read and changed over one session, which is closed in the end. */
const logsIn: Cope = async (m) => {
  for (let time = 0; time < 4; time++) expect(await m.i.power.get(m.call)).toBe('power off');
  await m.call.power.on();
  expect(powerActions(m.lab)).toEqual(['power.on']);
};

/** What the driver never does: no request of it goes there. */
const leavesAlone =
  (where: RegExp): Cope =>
  async (m) => {
    await boots(m);
    await inspects(m);
    expect(requests(m, where)).toBe(0);
  };

/** The system on it switched itself off or restarted, and it hangs: off and on by the BMC bring it back. */
const comesBack =
  (act: (machine: LabMachine['machine']) => void): Cope =>
  async (m) => {
    await m.call.power.on();
    await eventually(
      () => m.lab.machine.guest,
      (now) => expect(now).toBeDefined(),
    );
    act(m.lab.machine);
    await eventually(
      () => m.lab.machine.power,
      (now) => expect(now).toBe('off'),
    );
    await m.call.power.reboot();
    expect(m.lab.machine.power).toBe('on');
  };

const REDFISH: Record<string, Cope> = {
  'supermicro-usb-cd': mediaBoot,
  'supermicro-cd-on-arm': mediaBoot,
  async 'supermicro-stuck-in-flash-mode'(m) {
    await failure(
      step(m, 'firmware', 'update', { settings: [{ component: 'bios', url: 'http://127.0.0.1:9/none.bin' }] }),
    );
    expect(m.lab.bmc.settings.flashStuck).toBe(true);
    // the way out is the step before it
    await step(m, 'vendor', 'bmc_reset');
    await eventually(
      () => m.lab.bmc.settings.flashStuck,
      (now) => expect(now).toBe(false),
    );
    await eventually(
      () => m.i.power.get(m.call).catch(() => 'away'),
      (now) => expect(now).toBe('power off'),
    );
    await updates(m);
    expect(m.lab.bmc.firmware.version('BIOS')).toBe('9.9.1');
  },
  async 'hpe-no-boot-change-in-post'(m) {
    await m.call.power.on();
    await m.i.management.setBootDevice(m.call, 'pxe', true);
    expect(await m.i.management.getBootDevice(m.call)).toEqual({ bootDevice: 'pxe', persistent: true });
  },
  'hpe-identity-encoding': boots,
  async 'lenovo-restoration-screen'(m) {
    await boots(m);
    // told by the BMC after the system wrote its boot entry, the firmware stops
    await m.i.management.setBootDevice(m.call, 'disk', true);
    m.lab.bmc.settings.nvramChanged = true;
    await m.call.power.on();
    expect(first(m)).toBe('setup');
    // left to its own boot order, it starts from the disk (a deploy does so: deploy/boot-ways)
    m.lab.bmc.settings.nvramChanged = true;
    expect(await m.i.management.leaveBootToFirmware?.(m.call)).toBe(true);
    await m.call.power.reboot();
    expect(first(m)).toMatch(/^disk/);
    // over IPMI the node has to say what make it is
    const over = ipmiOn(m.lab);
    await over.i.management.setBootDevice(over.call, 'disk', true);
    expect(await over.i.management.leaveBootToFirmware?.(over.call)).toBe(false);
    over.node.properties['vendor'] = 'Lenovo';
    expect(await over.i.management.leaveBootToFirmware?.(over.call)).toBe(true);
    expect(await over.i.management.getBootDevice(over.call)).toEqual({ bootDevice: null, persistent: null });
  },
  async 'dell-mode-by-job'(m) {
    await m.i.management.setBootMode(m.call, 'bios');
    await m.call.power.on();
    expect(await m.i.management.getBootMode(m.call)).toBe('bios');
  },
  async 'dell-boot-job-late'(m) {
    await m.i.management.setBootDevice(m.call, 'pxe', false);
    await m.call.power.on();
    expect(first(m)).toBe('network');
  },
  'dell-tasks-forgotten': isUpdated,
  async 'dell-completed-with-errors'(m) {
    expect(await failure(updates(m))).toMatchObject({ code: 'RedfishTaskFailed' });
  },
  'dell-oem-media-boot': mediaBoot,
  'dell-media-detached': mediaBoot,
  'dell-gzip-etag': boots,
  'dell-role-needs-password': leavesAlone(/AccountService/),
  async 'dell-drives-need-raid-mode'(m) {
    m.node.targetRaidConfig = { logical_disks: [{ raid_level: '1', size_gb: 4 }] };
    await step(m, 'raid', 'create_configuration');
    expect(m.lab.bmc.storage.volumes()).toMatchObject([{ raidType: 'RAID1', driveIds: ['sata1', 'sata2'] }]);
    // those it needs and no others, once
    const converted = m.lab.ledger.list({ kind: 'action', action: 'raid.convert' });
    expect(converted.map((one) => one.detail)).toEqual([{ drives: ['sata1', 'sata2'] }]);
    // the next one finds them converted
    await step(m, 'raid', 'delete_configuration');
    await step(m, 'raid', 'create_configuration');
    expect(m.lab.ledger.list({ kind: 'action', action: 'raid.convert' })).toHaveLength(1);
    // a BMC without that service: nothing is made, and what to do is said
    await step(m, 'raid', 'delete_configuration');
    for (const id of ['sata1', 'sata2']) m.lab.bmc.storage.setRaidReady(id, false);
    m.lab.lab.machines[0]?.fault('http-error', { path: '/DellRaidService/?$', status: 404 });
    expect((await failure(step(m, 'raid', 'create_configuration'))).message).toMatch(/sata1, sata2.*RAID controller/);
    expect(m.lab.bmc.storage.volumes()).toEqual([]);
  },
  async 'dell-ignores-one-time-boot'(m) {
    // that one was used up for nothing can be seen, and one that stays is taken (a deploy does so: deploy/boot-ways)
    await m.i.management.setBootDevice(m.call, 'pxe', false);
    await m.call.power.reboot();
    expect(first(m)).not.toBe('network');
    expect(await m.i.management.getBootDevice(m.call)).toEqual({ bootDevice: null, persistent: null });
    await m.i.management.setBootDevice(m.call, 'pxe', true);
    await m.call.power.reboot();
    expect(first(m)).toBe('network');
  },
  'settings-without-boot': boots,
  'conflict-in-target-state': boots,
  'weak-etag-refused': boots,
  'empty-etag': boots,
  'if-match-required': boots,
  'if-match-never-works': boots,
  'cisco-dvd-only': mediaBoot,
  'cisco-slots-without-insert': mediaBoot,
  'off-spec-json': inspects,
  'nvidia-insert-needs-credentials': mediaBoot,
  'insert-needs-transfer-property': mediaBoot,
  'insert-needs-transfer-parameter': mediaBoot,
  'insert-needs-transfer-method': mediaBoot,
  async 'bluefield-nic-mode'(m) {
    await inspects(m);
    expect((await failure(m.i.bios.settings(m.call))).message).toMatch(/500/);
    await boots(m);
  },
  async 'nvidia-viking'(m) {
    await boots(m);
    await biosApplies(m);
  },
  async 'no-managed-by'(m) {
    await mediaBoot(m);
    expect((await m.i.firmware.components(m.call)).map((one) => one.component)).toContain('bmc');
  },
  'zt-rate-limit': inspects,
  async 'subscriptions-differ'(m) {
    const ask = (name: string, input: Document) =>
      m.i.vendor.methods.find((one) => one.name === name)?.call(m.call, name, input) as Promise<Document>;
    const { Id: id } = await ask('create_subscription', { Destination: 'https://192.0.2.7/events' });
    expect(await ask('delete_subscription', { id })).toBeNull();
  },
  async 'trailing-slash-needed'(m) {
    await boots(m);
    await inspects(m);
  },
  'drops-kept-connections': logsIn,
  async 'few-sessions'(m) {
    const other = redfishOn(m.lab, { redfish_auth_type: 'session' });
    await logsIn(other);
    await m.i.power.get(m.call);
    expect(m.lab.lab.machines[0]?.redfish.door.sessions.peak).toBeLessThanOrEqual(2);
  },
  'session-location-absolute': logsIn,
  'session-location-in-body': logsIn,
  'no-session-service': logsIn,
  'sessions-only': logsIn,
  'slow-bios-write': biosApplies,
  'time-offset-refused': leavesAlone(/PATCH .*Managers/),
  'no-return-after-power-off': comesBack((machine) => machine.guestPowerOff()),
  'no-return-after-reboot': comesBack((machine) => machine.guestReset()),
};

const IPMI: Record<string, Cope> = {
  async 'ipmi-timeout'(m) {
    for (let time = 0; time < 4; time++) expect(await m.i.power.get(m.call)).toBe('power off');
    // after a write nobody knows: it is told, and whoever called looks again
    for (let on = false; !on; on = (await m.i.power.get(m.call)) === 'power on') {
      const said = await m.i.power.on(m.call).then(
        () => 'IpmiNoAnswer',
        (thrown: IngotError) => thrown.code,
      );
      expect(said).toBe('IpmiNoAnswer');
    }
    expect(powerActions(m.lab)).toEqual(['power.on']);
  },
  async 'ipmi-hangs'(m) {
    // every command of its kind: told within seconds, and then the BMC is left alone
    expect(await failure(m.i.power.get(m.call))).toMatchObject({ code: 'IpmiNoAnswer' });
  },
  async 'ipmi-hashes-open-privilege'(m) {
    await boots(m);
    expect(m.node.driverInternalInfo['ipmi_quirks']).toEqual(['hashes-open-privilege']);
    // it is remembered: one login a command
    const before = m.lab.bmc.counters.ipmiTries;
    await m.i.power.get(m.call);
    expect(m.lab.bmc.counters.ipmiTries).toBe(before + 1);
    // a privilege somebody asked for is not changed behind his back
    const named = ipmiOn(m.lab, { ipmi_priv_level: 'ADMINISTRATOR' });
    expect(await failure(named.i.power.get(named.call))).toMatchObject({ code: 'IpmiLoginRefused' });
    const console = await m.i.console.serial?.(m.node, serialParts(new AbortController().signal));
    expect(m.lab.lab.machines[0]?.ipmi.sol.holder).not.toBe(0);
    console?.close();
    await console?.closed;
  },
  async 'ipmi-boot-flags-expire'(m) {
    await m.i.management.setBootDevice(m.call, 'pxe', false);
    expect(m.lab.bmc.boot.override).toMatchObject({ target: 'Pxe', enabled: 'Once' });
    // the BMC was told to keep them (boot option 3)
    const call = m.i.vendor.methods.find((one) => one.name === 'send_raw');
    const kept = await call?.call(m.call, 'send_raw', { raw_bytes: '0x00 0x09 0x03 0x00 0x00' });
    expect(String(kept).slice(-2)).toBe('08');
  },
  async 'ipmi-drops-uefi-flag'(m) {
    await m.i.management.setBootDevice(m.call, 'pxe', true);
    expect(await m.i.management.getBootDevice(m.call)).toEqual({ bootDevice: 'pxe', persistent: true });
    // what became of the mode is read, not believed
    expect(await m.i.management.getBootMode(m.call)).toBe('bios');
  },
  async 'ipmi-commands-too-close'({ lab, node }) {
    // whole pauses: the lab's BMC wants a whole second
    const i = interfacesOf(ipmiHardware, ipmiInterfaces(systemClock));
    await boots({ lab, node, call: callOf(i, node), i });
  },
  async 'fujitsu-ipmi-off'(m) {
    const once = ipmiNode(m.lab, { ipmi_cipher_suite: 3 }); // or it takes as long again
    expect((await failure(overIpmiInHaste.power.get(callOf(overIpmiInHaste, once)))).code).toMatch(
      /^Ipmi(Unreachable|NoAnswer)$/,
    );
    await logsIn(redfishOn(m.lab)); // the same BMC by Redfish
  },
  async 'openbmc-sol-closes'(m) {
    const end = new AbortController();
    const open = () => m.i.console.serial?.(m.node, serialParts(end.signal));
    const line = await open();
    await m.call.power.on();
    const sol = m.lab.lab.machines[0]?.ipmi.sol;
    await eventually(
      () => sol?.holder,
      (now) => expect(now).toBe(0),
    );
    // what the recorder does once it misses the keepalive's answer
    line?.close();
    await line?.closed;
    const again = await open();
    expect(sol?.holder).not.toBe(0);
    again?.close();
    await again?.closed;
  },
};

/** Faults no other file of the drivers switches on. */
const FAULTS: Record<string, Cope> = {
  async oversized(m) {
    m.lab.lab.machines[0]?.fault('oversized', { path: '/Systems/1$' });
    expect(await failure(m.i.power.get(m.call))).toMatchObject({ code: 'BmcTooLarge' });
  },
  async 'deep-json'(m) {
    m.lab.lab.machines[0]?.fault('deep-json', { path: '/Systems/1$' });
    expect(await failure(m.i.power.get(m.call))).toMatchObject({ code: 'BmcTooLarge' });
  },
  async trickle(m) {
    m.lab.lab.machines[0]?.fault('trickle', { path: '/Systems/1$', bytesPerSecond: 10_000 });
    expect(await m.i.power.get(m.call)).toBe('power off');
  },
  async certificate(m) {
    m.lab.lab.machines[0]?.fault('certificate', { kind: 'expired' });
    const strict = redfishOn(m.lab, { redfish_verify_ca: true });
    expect(await failure(strict.i.power.get(strict.call))).toMatchObject({ code: 'BmcNotTrusted' });
  },
  async 'ipmi-latency'(m) {
    m.lab.lab.machines[0]?.fault('ipmi-latency', { ms: 1_000 });
    const over = ipmiOn(m.lab);
    expect(await over.i.power.get(over.call)).toBe('power off');
  },
};

const RAID_DISKS = [
  { bus: 'sata' as const },
  { bus: 'sata' as const, raid: true },
  { bus: 'sata' as const, raid: true },
];

async function run(cope: Cope, driver: (lab: LabMachine) => Driven, quirk?: string): Promise<void> {
  const lab = await labMachine({}, { disks: RAID_DISKS });
  try {
    if (quirk !== undefined) lab.lab.machines[0]?.quirk(quirk);
    await cope(driver(lab));
  } finally {
    await lab.close();
  }
}

describe('the drivers live with', () => {
  test.concurrent('none of them over IPMI: one login a command, and nothing is noted', () =>
    run(async (m) => {
      await boots(m);
      const { ipmiTries, logins } = m.lab.bmc.counters;
      expect(ipmiTries).toBe(logins);
      expect(m.node.driverInternalInfo).not.toHaveProperty('ipmi_quirks');
    }, ipmiOn));
  test.concurrent('none of them over Redfish: no drive is converted, and the BMC is told what to boot', () =>
    run(async (m) => {
      m.node.targetRaidConfig = { logical_disks: [{ raid_level: '1', size_gb: 4 }] };
      await step(m, 'raid', 'create_configuration');
      expect(m.lab.bmc.storage.volumes()).toHaveLength(1);
      expect(requests(m, /DellRaidService/)).toBe(0);
      expect(await m.i.management.leaveBootToFirmware?.(m.call)).toBe(false);
    }, redfishOn));
  for (const [id, cope] of Object.entries(REDFISH))
    test.concurrent(`${id} over Redfish`, () => run(cope, redfishOn, id));
  for (const [id, cope] of Object.entries(IPMI)) test.concurrent(`${id} over IPMI`, () => run(cope, ipmiOn, id));
  for (const [id, cope] of Object.entries(FAULTS)) test.concurrent(`the fault ${id}`, () => run(cope, redfishOn));
});

test('no quirk and no fault of the lists is forgotten', () => {
  const here = import.meta.dirname;
  const others = readdirSync(here)
    .filter((name) => name.endsWith('.test.ts') && name !== 'quirks.test.ts')
    .map((name) => readFileSync(join(here, name), 'utf8'))
    .join('\n');
  const driven = (own: Record<string, Cope>) => (id: string) => id in own || others.includes(`'${id}'`);
  expect(allQuirks.map(({ id }) => id).filter((id) => !driven({ ...REDFISH, ...IPMI })(id))).toEqual([]);
  // Disks are nothing that a BMC's driver sees: tests/lab/emulated, e2e/bad-days.
  const ofBmcs = Object.keys(namedFaults).filter((name) => !name.endsWith('-disk'));
  expect(ofBmcs.filter((name) => !driven(FAULTS)(name))).toEqual([]);
  const known = new Set(allQuirks.map(({ id }) => id));
  expect(Object.keys({ ...REDFISH, ...IPMI }).filter((id) => !known.has(id))).toEqual([]);
});
