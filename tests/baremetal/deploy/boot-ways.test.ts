import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRack, PASSWORD, type Rack, USER } from './rack.ts';
import { standInBoots } from './stand-in-boots.ts';
import { INSTANCE } from './stand-in-images.ts';

// Machines that do not come up by one way to boot: the next is tried in the same operation, whatever that is.

const ATTEMPT_MS = 1_200;

let rack: Rack;
let boots: Awaited<ReturnType<typeof standInBoots>>;
beforeAll(async () => {
  boots = await standInBoots(ATTEMPT_MS);
  rack = await openRack({
    machines: 11,
    boot: boots,
    conductor: { stateLimitsMs: { 'wait call-back': 1_500 } },
  });
});
afterAll(async () => {
  await rack.close();
  boots.close();
});

const waysOf = (uuid: string) =>
  boots.published.filter((one) => one.node.uuid === uuid && one.payload.kind === 'ramdisk').map((one) => one.method);
const explained = (uuid: string) =>
  rack.ask<{ method: string | null; stage: string; tried: { method: string }[] }>('GET', `/v1/nodes/${uuid}/boot`);

const driverInfo = (i: number) => ({
  redfish_address: rack.lab.machine(`m${i}`).redfish.url,
  redfish_username: USER,
  redfish_password: PASSWORD,
  redfish_verify_ca: false,
});

async function available(i: number, more: Record<string, unknown> = {}): Promise<string> {
  const uuid = await rack.enrol(i, { boot_interface: 'auto', ...more });
  await rack.life.store.query({
    text: `update nodes set provision_state = 'available', instance_info = $2 where uuid = $1`,
    values: [uuid, JSON.stringify(INSTANCE)],
  });
  return uuid;
}

test('deploys by the second way when the machine did not come up by the first, and remembers', async () => {
  const uuid = await available(0);
  rack.agents.fault('m0', 'boot', 'vanish');
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  expect(waysOf(uuid)).toEqual(['virtual-media', 'uefi-http']);
  const said = (await rack.life.history(uuid)).map((one) => one.event);
  expect(said).toContainEqual(expect.stringMatching(/did not come up by virtual-media .* uefi-http is tried next/));
  // Nobody waits for the agent of a deployed machine, and it did call.
  expect(await explained(uuid)).toMatchObject({
    method: 'uefi-http',
    stage: 'agent',
    summary: 'The ramdisk came up by uefi-http and its agent called.',
    tried: [{ method: 'virtual-media' }],
  });
  // No medium is left in the drive, and the way that failed is not the first of the next operation.
  expect(rack.machine(0).power).toBe('on');
  await rack.life.verb(uuid, 'rebuild');
  await rack.life.until(uuid, 'active', 60_000);
  expect(waysOf(uuid).slice(2)).toEqual(['uefi-http']);
});

test('a node that is deleted is offered no boot any more: its machine may come back as another', async () => {
  const uuid = await available(10);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  expect(boots.offered.get(uuid)?.payload.kind).toBe('disk');
  await rack.ask('PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'scrapped' });
  await rack.ask('DELETE', `/v1/nodes/${uuid}`);
  expect(boots.offered.has(uuid)).toBe(false);
});

test('fails only when no way is left, and names them all', async () => {
  const uuid = await available(1, {});
  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [
    { op: 'add', path: '/driver_info/boot_methods', value: 'ipxe, virtual-media' },
  ]);
  rack.agents.fault('m1', 'boot', 'vanish', 9);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'deploy failed', 60_000);
  expect(waysOf(uuid)).toEqual(['ipxe', 'virtual-media']);
  const { last_error: error } = await rack.node(uuid);
  expect(error).toMatch(/boot the ramdisk.*by virtual-media.*ipxe before/);
  expect(rack.machine(1).power).toBe('off');
  expect(boots.offered.has(uuid)).toBe(false);
});

test('cleaning, inspection and rescue try the next way as well', async () => {
  for (const i of [2, 3, 4]) rack.agents.fault(`m${i}`, 'boot', 'vanish');
  const [clean, inspect, rescue] = await Promise.all([
    rack.enrol(2, { boot_interface: 'auto' }),
    rack.enrol(3, { boot_interface: 'auto', inspect_interface: 'agent' }),
    available(4),
  ]);
  await rack.life.store.query({
    text: `update nodes set provision_state = 'active' where uuid = $1`,
    values: [rescue],
  });
  await Promise.all([
    rack.life.verb(clean, 'provide'),
    rack.life.verb(inspect, 'inspect'),
    rack.life.verb(rescue, 'rescue', { rescuePassword: 'sesame' }),
  ]);
  await Promise.all([
    rack.life.until(clean, 'available', 60_000),
    rack.life.until(inspect, 'manageable', 60_000),
    rack.life.until(rescue, 'rescue', 60_000),
  ]);
  for (const uuid of [clean, inspect, rescue]) expect(waysOf(uuid)).toEqual(['virtual-media', 'uefi-http']);
  // A second inspection is not answered by what the first one found.
  rack.agents.fault('m3', 'boot', 'vanish');
  await rack.life.verb(inspect, 'inspect');
  await rack.life.until(inspect, 'manageable', 60_000);
  expect(rack.agents.of('m3').filter((what) => what === 'inspected')).toHaveLength(2);
});

test.each([
  ['is not seen', 6, []],
  ['asks for an address, as an installed system does', 9, ['DHCPDISCOVER', 'DHCPACK']],
])('notices that a one-time boot was ignored by a machine that %s, and boots by one that stays', async (_, i, seen) => {
  const one = rack.lab.machine(`m${i}`);
  one.quirk('dell-ignores-one-time-boot');
  const uuid = await available(i, { driver_info: { ...driverInfo(i), boot_methods: 'ipxe' } });
  rack.machine(i).install('nvme0', 'somebody elses system');
  boots.elsewhere.set(uuid, seen);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  // the same way twice: once for one start, which went to the disk, then for good
  expect(waysOf(uuid)).toEqual(['ipxe', 'ipxe']);
  const said = (await rack.life.history(uuid)).map((event) => event.event);
  expect(said).toContainEqual(
    expect.stringMatching(/used the one-time boot up and booted something else.*ipxe is tried/),
  );
  const started = rack.lab.ledger.list({ machine: `m${i}`, kind: 'event', action: 'boot.' });
  expect(started.slice(0, 2).map((boot) => (boot.detail['order'] as string[])[0])).toEqual(['disk:nvme0', 'network']);
  expect(started[1]?.detail['override']).toMatchObject({ target: 'Pxe', enabled: 'Continuous' });
  // what stayed was taken back, and it is remembered for the next time
  expect(one.bmc.boot.override).toMatchObject({ target: 'Hdd' });
  await rack.life.verb(uuid, 'rebuild');
  await rack.life.until(uuid, 'active', 60_000);
  expect(waysOf(uuid)).toEqual(['ipxe', 'ipxe', 'ipxe']);
});

test('leaves a Lenovo to its UEFI boot order once the agent wrote it, and every other to the BMC', async () => {
  rack.lab.machine('m7').quirk('lenovo-restoration-screen');
  const [lenovo, other] = await Promise.all([available(7), available(8)]);
  await Promise.all([lenovo, other].map((uuid) => rack.life.verb(uuid, 'active')));
  await Promise.all([lenovo, other].map((uuid) => rack.life.until(uuid, 'active', 60_000)));
  expect(rack.lab.machine('m7').bmc.boot.override).toMatchObject({ enabled: 'Disabled' });
  expect(rack.lab.machine('m8').bmc.boot.override).toMatchObject({ enabled: 'Continuous', target: 'Hdd' });
  const starts = () => rack.lab.ledger.list({ machine: 'm7', kind: 'event', action: 'boot.' });
  const before = starts().length;
  await rack.life.power(lenovo, 'rebooting');
  await expect.poll(() => starts().length, { timeout: 30_000 }).toBeGreaterThan(before);
  const plans = starts();
  expect(plans.map((boot) => (boot.detail['order'] as string[])[0])).not.toContain('setup');
  expect(rack.lab.machine('m7').bmc.lastPlan?.order[0]).toMatch(/^disk/);
});

test('refuses an order that names no way to boot', async () => {
  const uuid = await available(5);
  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/boot_methods', value: ['floppy'] }]);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'deploy failed', 60_000);
  expect((await rack.node(uuid)).last_error).toMatch(/boot_methods.*floppy/);
});
