import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRack, type Rack } from './rack.ts';
import { INSTANCE } from './stand-in-images.ts';

// Inspection, rescue, manual cleaning with restarts, software RAID, firmware that a tenant changed, and machines that
// share a MAC: what goes through the same agent besides plain deploys.

let rack: Rack;
beforeAll(async () => {
  rack = await openRack({ machines: 6, agent: { latencies: { heartbeatMs: 1_000 } } });
});
afterAll(() => rack.close());

const proofs = async (uuid: string) =>
  (
    await rack.ask<{ proofs: { step: string; outcome: string; evidence: Record<string, unknown> }[] }>(
      'GET',
      `/v1/nodes/${uuid}/proofs`,
    )
  ).proofs;

test('inspects in band: inventory, properties and the port it booted from', async () => {
  const uuid = await rack.enrol(0, { inspect_interface: 'agent' });
  await rack.life.verb(uuid, 'inspect');
  await rack.life.until(uuid, 'manageable', 60_000);
  const node = await rack.node(uuid);
  expect(node['properties']).toMatchObject({ cpus: 1, memory_mb: 1024, cpu_arch: 'x86_64', local_gb: 7 });
  const { inventory } = await rack.ask<{ inventory: { disks: unknown[] } }>('GET', `/v1/nodes/${uuid}/inventory`);
  expect(inventory.disks).toHaveLength(2);
  expect(rack.machine(0).power).toBe('off');
});

test('rescues with a hashed password, and goes back to the instance', async () => {
  const uuid = await rack.enrol(1);
  await rack.life.store.query({
    text: `update nodes set provision_state = 'active', instance_info = $2 where uuid = $1`,
    values: [uuid, JSON.stringify(INSTANCE)],
  });
  rack.machine(1).install('nvme0', 'tenant');
  await rack.life.verb(uuid, 'rescue', { rescuePassword: 'sesame' });
  // Only the hash is kept, and that sealed.
  const [kept] = await rack.life.store.query<{ info: string; hash: boolean }>({
    text: `select instance_info::text as info, instance_info::jsonb ? 'hashed_rescue_password' as hash from nodes where uuid = $1`,
    values: [uuid],
  });
  expect(kept?.info).not.toMatch(/sesame|\$6\$|"rescue_password"/);
  expect(kept?.hash).toBe(true);
  await rack.life.until(uuid, 'rescue', 60_000);
  const told = rack.agents.acts.find((act) => act.machine === 'm1' && act.what === 'rescue.finalize_rescue')?.detail;
  expect(told).toMatchObject({ hashed: true, rescue_password: expect.stringMatching(/^\$6\$/) as string });
  await rack.life.verb(uuid, 'unrescue');
  await rack.life.until(uuid, 'active', 60_000);
  await expect.poll(() => rack.machine(1).guest?.name, { timeout: 20_000 }).toBe('tenant');
});

test('makes software RAID by the agent, and goes on after a step that starts the machine anew', async () => {
  rack.agents.steps.push({ flow: 'clean', interface: 'deploy', step: 'flash', priority: 0, reboot_requested: true });
  const uuid = await rack.enrol(2, { raid_interface: 'agent' });
  const target = { logical_disks: [{ size_gb: 'MAX', raid_level: '1', controller: 'software' }] };
  await rack.ask('PUT', `/v1/nodes/${uuid}/states/raid`, target);
  await rack.life.verb(uuid, 'clean', {
    cleanSteps: [
      { interface: 'raid', step: 'delete_configuration' },
      { interface: 'deploy', step: 'flash' },
      { interface: 'raid', step: 'create_configuration' },
    ],
  });
  await rack.life.until(uuid, 'manageable', 60_000);
  expect((await rack.node(uuid)).raid_config).toMatchObject(target);
  expect(rack.agents.acts.filter((act) => act.machine === 'm2').map((act) => `${act.boot} ${act.what}`)).toEqual([
    '1 boot',
    '1 lookup',
    '1 clean.get_clean_steps',
    '1 clean.delete_configuration',
    '1 clean.flash',
    '2 boot',
    '2 lookup',
    '2 clean.get_clean_steps',
    '2 clean.create_configuration',
  ]);
});

test('puts BIOS settings back to what was recorded, and blocks on firmware of another version', async () => {
  const uuid = await rack.enrol(3);
  await rack.life.verb(uuid, 'provide');
  await rack.life.until(uuid, 'available', 60_000);
  const { bmc } = rack.lab.machine('m3');
  const { bios } = await rack.ask<{ bios: { name: string; value: string }[] }>('GET', `/v1/nodes/${uuid}/bios`);
  expect(bios.length).toBeGreaterThan(0);
  await rack.life.store.query({
    text: `update node_baselines set firmware = (firmware::jsonb || '{"BMC": "0.0.1"}')::json where node_uuid = $1`,
    values: [uuid],
  });
  await rack.life.verb(uuid, 'manage');
  await rack.life.until(uuid, 'manageable', 60_000);
  await rack.life.verb(uuid, 'provide');
  const node = await rack.life.until(uuid, 'clean failed', 60_000);
  expect(node.last_error).toMatch(/firmware .* is not as it was recorded: BMC is .*, recorded is "0.0.1"/);
  expect((await proofs(uuid)).filter((one) => one.step === 'firmware').map((one) => one.outcome)).toEqual([
    'different',
  ]);
  expect(bmc).toBeDefined();
});

test('of two machines with one MAC the first is worked on; the other gets no token', async () => {
  const uuid = await rack.enrol(4);
  const twin = await rack.lab.add({ name: 'twin', nics: rack.machine(4).spec.nics.map(({ mac }) => ({ mac })) });
  await rack.life.store.query({
    text: `update nodes set provision_state = 'available', instance_info = $2 where uuid = $1`,
    values: [uuid, JSON.stringify(INSTANCE)],
  });
  rack.agents.fault('m4', 'standby.prepare_image', 'drop');
  await rack.life.verb(uuid, 'active');
  await expect.poll(() => rack.agents.of('m4').includes('lookup'), { timeout: 30_000, interval: 5 }).toBe(true);
  await twin.machine.powerOn();
  await rack.life.until(uuid, 'active', 60_000);
  expect(rack.agents.of('twin')).not.toContain('lookup');
  expect(rack.agents.of('m4').filter((what) => what === 'standby.prepare_image')).toHaveLength(1);
});
