import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { AgentGuest } from '#lab/machine/simulated/agent/guest';
import { BAD_DAYS } from './bad-day-cases.ts';
import { openRack, type Rack, type Shown } from './rack.ts';
import { standInBoots } from './stand-in-boots.ts';
import { INSTANCE, standInImages } from './stand-in-images.ts';

// What goes wrong besides the agent in a deploy or a cleaning (faults.test.ts): in the other operations, at the image
// service, at the BMC, and by people. Each ends in a state that says why, and leaves nothing behind.

const images = standInImages();
let rack: Rack;
let boots: Awaited<ReturnType<typeof standInBoots>>;
beforeAll(async () => {
  boots = await standInBoots(60_000);
  rack = await openRack({
    machines: 15,
    images,
    boot: boots,
    agent: { latencies: { heartbeatMs: 700 } },
    conductor: {
      powerChangeMs: 2_500,
      stateLimitsMs: {
        'wait call-back': 6_000,
        'clean wait': 6_000,
        'inspect wait': 6_000,
        'rescue wait': 6_000,
        'service wait': 6_000,
      },
      agent: { ...DEFAULT_CONDUCTOR_CONFIG.agent, networks: ['127.0.0.0/8'], answerMs: 3_000 },
    },
  });
});
afterAll(async () => {
  await rack.close();
  boots.close();
});

async function node(i: number, state: string, instance: object = INSTANCE, more: object = {}): Promise<string> {
  const uuid = await rack.enrol(i, { inspect_interface: 'agent', ...more });
  await rack.life.store.query({
    text: 'update nodes set provision_state = $2, instance_info = $3 where uuid = $1',
    values: [uuid, state, JSON.stringify(instance)],
  });
  return uuid;
}

async function ended(uuid: string): Promise<Shown> {
  await expect
    .poll(
      async () => {
        const shown = await rack.node(uuid);
        const rests = !/wait|ing$/.test(shown.provision_state) && shown['reservation'] === null;
        return rests && (await rack.life.row(uuid)).operation_id === null;
      },
      { timeout: 120_000, interval: 200 },
    )
    .toBe(true);
  return await rack.node(uuid);
}

const tokens = async (uuid: string) =>
  await rack.life.store.query({
    text: 'select 1 from node_agents where node_uuid = $1 and token_hash is not null',
    values: [uuid],
  });

const PHASES = [
  {
    at: 'boot',
    fault: 'vanish',
    verb: 'inspect',
    from: 'manageable',
    ends: 'inspect failed',
    error: /boot the ramdisk/,
  },
  { at: 'boot', fault: 'vanish', verb: 'rescue', from: 'active', ends: 'rescue failed', error: /boot the ramdisk/ },
  {
    at: 'rescue.finalize_rescue',
    fault: 'fail',
    verb: 'rescue',
    from: 'active',
    ends: 'rescue failed',
    error: /rescue\.finalize_rescue.*went wrong/,
  },
  {
    at: 'ingot.capture',
    fault: 'vanish',
    verb: 'service',
    from: 'active',
    ends: 'service failed',
    error: /Timeout.*deploy\.capture/,
  },
  {
    at: 'ingot.capture',
    fault: 'fail',
    verb: 'service',
    from: 'active',
    ends: 'service failed',
    error: /deploy\.capture.*went wrong/,
  },
] as const;

test('agents that vanish or fail in inspection, rescue and service', async () => {
  const uuids = await Promise.all(PHASES.map((one, i) => node(i, one.from)));
  for (const [i, one] of PHASES.entries()) rack.agents.fault(`m${i}`, one.at, one.fault);
  for (const [i, one] of PHASES.entries()) {
    const uuid = uuids[i] as string;
    if (one.verb === 'rescue') await rack.life.verb(uuid, 'rescue', { rescuePassword: 'sesame' });
    else if (one.verb === 'service')
      await rack.life.verb(uuid, 'service', { serviceSteps: [{ interface: 'deploy', step: 'capture', args: {} }] });
    else await rack.life.verb(uuid, 'inspect');
  }
  const ends = await Promise.all(uuids.map(ended));
  for (const [i, one] of PHASES.entries()) {
    const label = `${one.verb} ${one.at} ${one.fault}`;
    expect(`${label}: ${ends[i]?.provision_state}`, String(ends[i]?.last_error)).toBe(`${label}: ${one.ends}`);
    expect(ends[i]?.last_error, label).toMatch(one.error);
    expect(await tokens(uuids[i] as string), label).toEqual([]);
    const left = Object.keys(ends[i]?.driver_internal_info ?? {}).filter((key) => /^(agent_|capture$)/.test(key));
    expect(left, label).toEqual([]);
  }
  // What was sent of a capture that did not end well is thrown away.
  expect(images.asked.filter((what) => what === 'end cap-1 failed')).toHaveLength(2);
}, 240_000);

test('an image that cannot be had: before the machine is touched, or when it is to be written', async () => {
  const [refused, cut] = await Promise.all([
    node(5, 'available', { ...INSTANCE, image_source: 'http://images.example/hostile.raw' }),
    node(6, 'available', { ...INSTANCE, image_source: 'http://images.example/cut.raw' }),
  ]);
  const power = (name: string) => rack.lab.ledger.list({ machine: name, kind: 'action', action: 'power.' }).length;
  images.fail['examine http://images.example/hostile.raw'] = 'The image is refused: it has a backing file';
  images.fail['prepare http://images.example/cut.raw'] = 'The source ended after 5 of 10 bytes';
  await Promise.all([refused, cut].map((uuid) => rack.life.verb(uuid, 'active')));
  const [first, second] = await Promise.all([refused, cut].map(ended));
  expect([first?.provision_state, second?.provision_state]).toEqual(['deploy failed', 'deploy failed']);
  expect(first?.last_error).toMatch(/backing file/);
  expect(power('m5')).toBe(0);
  expect(second?.last_error).toMatch(/deploy\.write_image: The source ended after 5 of 10 bytes/);
  expect(rack.machine(6).power).toBe('off');
  expect(await tokens(cut)).toEqual([]);
}, 180_000);

test('a disk that is too small, fails or takes no writes: off, nothing in the drive, nothing offered, no token', async () => {
  const disks = [
    { fault: 'small-disk', error: /too small/ },
    { fault: 'failing-disk', error: /Input\/output error/ },
    { fault: 'readonly-disk', error: /Read-only/ },
  ] as const;
  const first = 12;
  const more = { boot_interface: 'redfish-virtual-media' };
  const uuids = await Promise.all(disks.map((_, i) => node(first + i, 'available', INSTANCE, more)));
  const drives = (i: number) =>
    rack.lab
      .machine(`m${first + i}`)
      .bmc.media.list()
      .map((slot) => slot.inserted);
  for (const [i, { fault }] of disks.entries()) rack.agents.fault(`m${first + i}`, 'standby.prepare_image', fault);
  await Promise.all(uuids.map((uuid) => rack.life.verb(uuid, 'active')));
  const ends = await Promise.all(uuids.map(ended));
  for (const [i, { fault, error }] of disks.entries()) {
    const uuid = uuids[i] as string;
    expect(ends[i]?.provision_state, fault).toBe('deploy failed');
    expect(ends[i]?.last_error, fault).toMatch(/deploy\.write_image: /);
    expect(ends[i]?.last_error, fault).toMatch(error);
    expect(
      boots.published.filter((one) => one.node.uuid === uuid),
      fault,
    ).not.toEqual([]);
    expect(boots.offered.has(uuid), fault).toBe(false);
    expect(drives(i), fault).not.toContain(true);
    expect(rack.machine(first + i).power, fault).toBe('off');
    expect(await tokens(uuid), fault).toEqual([]);
  }
}, 180_000);

test('a BMC that ignores power, or a boot order that leads to the disk, ends with the step named', async () => {
  const [deaf, disk] = await Promise.all([node(7, 'available'), node(8, 'available')]);
  rack.lab.machine('m7').fault('ignored-power');
  // What an earlier tenant left starts instead of the ramdisk: the firmware keeps its own order.
  rack.machine(8).install('nvme0', 'earlier tenant');
  rack.agents.fault('m8', 'boot', 'vanish');
  await Promise.all([deaf, disk].map((uuid) => rack.life.verb(uuid, 'active')));
  const [first, second] = await Promise.all([deaf, disk].map(ended));
  expect(first?.provision_state).toBe('deploy failed');
  expect(first?.last_error).toMatch(/deploy\.deploy: .*power on/);
  expect(second?.provision_state).toBe('deploy failed');
  expect(second?.last_error).toMatch(/boot the ramdisk/);
  expect(rack.machine(8).power).toBe('off');
}, 180_000);

test('a stolen token turns nothing to the thief, and dies with the operation', async () => {
  const uuid = await node(9, 'available');
  rack.agents.fault('m9', 'standby.prepare_image', 'drop');
  await rack.life.verb(uuid, 'active');
  let token: string | null = null;
  await expect
    .poll(
      () => {
        const { guest } = rack.machine(9);
        if (guest instanceof AgentGuest) token ??= guest.token;
        return token;
      },
      { timeout: 30_000, interval: 5 },
    )
    .not.toBeNull();
  const beat = async (url: string) =>
    (
      await fetch(`${rack.url}/v1/heartbeat/${uuid}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.68' },
        body: JSON.stringify({ callback_url: url, agent_token: token, agent_version: '11' }),
      })
    ).status;
  await expect.poll(() => rack.agents.of('m9').includes('deploy.get_deploy_steps'), { timeout: 30_000 }).toBe(true);
  expect(await beat('https://127.0.0.1:1')).toBe(400);
  await rack.life.until(uuid, 'active', 60_000);
  expect(await beat('https://127.0.0.1:1')).toBe(400);
  expect(await tokens(uuid)).toEqual([]);
}, 120_000);

test('an abort in the middle of the write leaves the machine off, without token, and available again after cleaning', async () => {
  const uuid = await node(10, 'available');
  rack.agents.fault('m10', 'standby.prepare_image', 'never');
  await rack.life.verb(uuid, 'active');
  await expect
    .poll(() => rack.agents.of('m10').includes('standby.prepare_image'), { timeout: 60_000, interval: 20 })
    .toBe(true);
  await rack.life.until(uuid, 'wait call-back', 30_000);
  await rack.life.verb(uuid, 'deleted');
  await rack.life.until(uuid, 'available', 90_000);
  expect(await tokens(uuid)).toEqual([]);
  expect(rack.machine(10).power).toBe('off');
}, 180_000);

test('every bad day has a proof', () => {
  const root = join(import.meta.dirname, '../../..');
  expect(Object.keys(BAD_DAYS)).toHaveLength(13);
  for (const [day, { simulated, emulated }] of Object.entries(BAD_DAYS)) {
    expect(simulated.length, day).toBeGreaterThan(0);
    for (const { file, title } of [...simulated, ...(typeof emulated === 'string' ? [] : emulated)]) {
      const stands = existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8').includes(title);
      expect(stands, `${day}: ${file}: ${title}`).toBe(true);
    }
  }
});
