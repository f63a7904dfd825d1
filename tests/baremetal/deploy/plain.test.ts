import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRack, type Rack } from './rack.ts';
import { INSTANCE } from './stand-in-images.ts';

// The plain path on a simulated rack: from manageable over available to active and back, through an agent that
// speaks ironic-python-agent's protocol.

let rack: Rack;
beforeAll(async () => {
  rack = await openRack({ machines: 2, conductor: { quietMs: 1_500 } });
});
afterAll(() => rack.close());

test('a machine is cleaned with proof, deployed, booted from disk, and cleaned again', async () => {
  const uuid = await rack.enrol(0);
  await rack.life.verb(uuid, 'provide');
  await rack.life.until(uuid, 'available', 40_000);
  expect(rack.agents.of('m0')).toEqual([
    'boot',
    'lookup',
    'clean.get_clean_steps',
    'clean.erase_devices_metadata',
    'clean.erase_devices',
  ]);
  const { proofs } = await rack.ask<{ proofs: { step: string; device: string; outcome: string }[] }>(
    'GET',
    `/v1/nodes/${uuid}/proofs`,
  );
  expect(proofs.reverse().map((one) => `${one.step} ${one.device.split(' ')[0]} ${one.outcome}`)).toEqual([
    'deploy.erase_devices_metadata /dev/nvme0n1 erased',
    'deploy.erase_devices_metadata /dev/sda erased',
    'deploy.erase_devices /dev/nvme0n1 erased',
    'deploy.erase_devices /dev/sda erased',
  ]);
  expect(rack.machine(0).power).toBe('off');

  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: INSTANCE }]);
  const { counters } = rack.lab.machine('m0').bmc;
  const before = { ...counters };
  await rack.life.verb(uuid, 'active', { configdrive: { user_data: '#cloud-config\n' } });
  await rack.life.until(uuid, 'active', 40_000);
  expect(rack.agents.of('m0').slice(5)).toEqual([
    'boot',
    'lookup',
    'deploy.get_deploy_steps',
    'standby.prepare_image',
    'image.install_bootloader',
    'standby.sync',
  ]);
  const written = rack.agents.acts.find((act) => act.what === 'standby.prepare_image')?.detail as {
    image_info: Record<string, unknown>;
    configdrive: string;
  };
  expect(written.image_info).toMatchObject({ disk_format: 'raw', image_type: 'whole-disk', stream_raw_images: true });
  expect(Buffer.from(written.configdrive, 'base64').subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  await expect.poll(() => rack.machine(0).guest?.name, { timeout: 10_000 }).toMatch(/^img-/);
  // A BMC answers in tenths of a second to seconds, and the machine waits for each.
  // Each power state is looked at until it is there: some more on a busy host.
  expect(counters.reads - before.reads).toBeLessThanOrEqual(14);
  expect(counters.writes - before.writes).toBe(5);
  const node = await rack.node(uuid);
  expect(node.last_error).toBeNull();
  expect(Object.keys(node.driver_internal_info).filter((key) => key.startsWith('agent_'))).toEqual([]);
  const { timelines, current } = await rack.ask<{
    current: unknown;
    timelines: { succeeded: boolean; overhead_seconds: number; spans: { on: string; what: string }[] }[];
  }>('GET', `/v1/nodes/${uuid}/timeline?operation=deploy`);
  expect(current).toBeNull();
  const [line] = timelines;
  expect(line?.succeeded).toBe(true);
  expect(line?.spans.filter((span) => span.on === 'machine').map((span) => span.what)).toEqual([
    'boot the ramdisk',
    'write the image',
    'set the boot loader',
    'boot the system',
  ]);

  await rack.life.verb(uuid, 'deleted');
  await rack.life.until(uuid, 'available', 40_000);
  expect(rack.machine(0).power).toBe('off');
  expect(rack.machine(0).installedOn('disk')).toBeUndefined();
});

test('a machine that starts anew in the middle of its work, into its disk, is not waited for to the end', async () => {
  const uuid = await rack.enrol(1, { automated_clean: false });
  await rack.life.verb(uuid, 'provide');
  await rack.life.until(uuid, 'available', 40_000);
  await rack.ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: INSTANCE }]);
  rack.agents.fault('m1', 'standby.prepare_image', 'vanish');
  await rack.life.verb(uuid, 'active');
  await rack.life.until(uuid, 'wait call-back', 40_000);
  await expect.poll(() => rack.agents.of('m1'), { timeout: 40_000 }).toContain('standby.prepare_image');
  // It hangs, and is waited for: nothing says that it will not go on.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect((await rack.node(uuid)).provision_state).toBe('wait call-back');
  rack.machine(1).install('nvme0', 'half a system');
  await rack.machine(1).reset();
  await rack.life.until(uuid, 'deploy failed', 40_000);
  expect((await rack.node(uuid)).last_error).toMatch(/started anew .*write_image: write the image.*does not answer/);
  expect(rack.machine(1).power).toBe('off');
}, 120_000);
