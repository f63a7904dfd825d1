import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { openRack, type Rack } from './rack.ts';
import { INSTANCE, standInImages } from './stand-in-images.ts';

// Machines that wait warm after cleaning, systems that start without the firmware, disks that become images.

let rack: Rack;
const images = standInImages();
beforeAll(async () => {
  rack = await openRack({
    machines: 5,
    images,
    conductor: {
      agent: { ...DEFAULT_CONDUCTOR_CONFIG.agent, networks: ['127.0.0.0/8'], kexec: true, warmPool: true },
    },
  });
});
afterAll(() => rack.close());

test('a machine waits in its ramdisk, and is deployed without ever starting its firmware', async () => {
  const uuid = await rack.enrol(0);
  await rack.life.verb(uuid, 'provide');
  await rack.life.until(uuid, 'available', 60_000);
  expect(rack.machine(0).power).toBe('on');
  const before = rack.agents.of('m0').length;
  expect(rack.agents.of('m0').slice(-2)).toEqual(['ingot.get_capabilities', 'ingot.rotate_token']);
  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: INSTANCE }]);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  expect(rack.agents.of('m0').slice(before)).toEqual([
    'deploy.get_deploy_steps',
    'standby.prepare_image',
    'image.install_bootloader',
    'ingot.kexec_load',
    'standby.sync',
    'ingot.kexec_arm',
  ]);
  await expect.poll(() => rack.machine(0).guest?.name, { timeout: 20_000 }).toMatch(/^img-/);
  const power = rack.lab.ledger.list({ machine: 'm0', kind: 'action', action: 'power.' }).map((one) => one.action);
  expect(power).toEqual(['power.on']);
  const tokens = await rack.life.store.query({
    text: 'select 1 from node_agents where node_uuid = $1 and token_hash is not null',
    values: [uuid],
  });
  expect(tokens).toEqual([]);
  // A cold start boots the same system.
  await rack.life.power(uuid, 'rebooting');
  await expect.poll(() => rack.machine(0).guest?.name, { timeout: 20_000 }).toMatch(/^img-/);
});

test('an image that is made ready on the server says how far it is', async () => {
  const uuid = await rack.insert('m4', { instance_info: INSTANCE });
  images.slow = 4_000;
  try {
    await rack.life.verb(uuid, 'active');
    type Work = { current: { progress: Record<string, unknown> | null } | null };
    const seen: Record<string, unknown>[] = [];
    await expect
      .poll(
        async () => {
          const { current } = await rack.ask<Work>('GET', `/v1/nodes/${uuid}/timeline`);
          if (current?.progress != null) seen.push(current.progress);
          return seen.filter(({ by }) => by === 'ingot').length;
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBeGreaterThan(1);
    expect(seen.find(({ by }) => by === 'ingot')).toMatchObject({
      phase: 'fetch',
      what: 'the image, on the server',
      total: 4_000_000,
      eta_seconds: expect.any(Number) as number,
    });
  } finally {
    images.slow = 0;
  }
  await rack.life.until(uuid, 'active', 60_000);
  const left = await rack.life.store.query({
    text: `select progress from node_agents where node_uuid = $1`,
    values: [uuid],
  });
  expect(JSON.stringify(left)).not.toContain('ingot');
});

test('where no kernel can be loaded the machine reboots, and the node says why', async () => {
  const uuid = await rack.insert('m1', { instance_info: INSTANCE });
  rack.agents.fault('m1', 'ingot.kexec_load', 'fail');
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  const node = await rack.node(uuid);
  expect(node.driver_internal_info['kexec_refused']).toMatch(/went wrong/);
  await expect.poll(() => rack.machine(1).guest?.name, { timeout: 20_000 }).toMatch(/^img-/);
});

test('a warm machine that died is started as usual', async () => {
  const uuid = await rack.enrol(2);
  await rack.life.verb(uuid, 'provide');
  await rack.life.until(uuid, 'available', 60_000);
  rack.machine(2).guestPowerOff();
  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: INSTANCE }]);
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'active', 60_000);
  expect(rack.agents.of('m2').filter((what) => what === 'boot')).toHaveLength(2);
});

test('the disk of an instance becomes an image, and an image its disk again', async () => {
  const uuid = await rack.insert('m3', { provision_state: 'active', instance_info: INSTANCE });
  await rack.life.verb(uuid, 'service', {
    serviceSteps: [{ interface: 'deploy', step: 'capture', args: { name: 'backup' } }],
  });
  await rack.life.until(uuid, 'active', 60_000);
  const node = await rack.node(uuid);
  expect(node.last_error).toBeNull();
  expect(node.driver_internal_info['last_capture']).toMatchObject({ image_id: 'cap-1', sent_blocks: 3 });
  const told = rack.agents.acts.find((act) => act.what === 'ingot.capture')?.detail;
  expect(told).toMatchObject({ upload_url: 'http://127.0.0.1:1/captures/cap-1' });
  await rack.life.verb(uuid, 'service', {
    serviceSteps: [{ interface: 'deploy', step: 'restore', args: { image: 'cap-1' } }],
  });
  await rack.life.until(uuid, 'active', 60_000);
  await expect.poll(() => rack.machine(3).guest?.name, { timeout: 20_000 }).toBe('img-cap-1');
});

test('a plan says what would happen and what is missing, and touches nothing', async () => {
  const acts = rack.agents.acts.length;
  await rack.lab.add({ name: 'planned' });
  const uuid = await rack.insert('planned');
  const plan = await rack.ask<{
    ready: boolean;
    checks: { what: string; ok: boolean | null; said: string }[];
    steps: { step: string }[];
    estimate: { seconds: number; from: string } | null;
  }>('POST', `/v1/nodes/${uuid}/deploy_plan`, { instance_info: INSTANCE });
  expect(plan.ready).toBe(true);
  expect(Object.fromEntries(plan.checks.map((check) => [check.what, check.ok]))).toMatchObject({
    state: true,
    image: true,
    BMC: true,
    ports: true,
    'boot path': null,
  });
  expect(plan.steps.map((step) => step.step)).toEqual([
    'deploy',
    'write_image',
    'prepare_instance_boot',
    'tear_down_agent',
    'switch_to_tenant_network',
    'boot_instance',
  ]);
  expect(plan.estimate?.seconds).toBeGreaterThan(0);
  expect(rack.agents.acts.length).toBe(acts);
});
