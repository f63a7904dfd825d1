import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '#baremetal/workflows/all';
import type { OperationInput } from '#baremetal/workflows/operation';
import { systemClock } from '#kernel/clock';
import type { Workflow } from '#work/contract';
import { untilEnded } from '#work/testing/prove';
import { insertNode, type Life, openLife } from './harness.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife({
    conductor: {
      powerChangeMs: 1_000,
      stateLimitsMs: {
        'wait call-back': 300,
        'clean wait': 300,
        'service wait': 300,
        'rescue wait': 300,
        'inspect wait': 300,
      },
    },
  });
});
afterAll(() => life.close());

const steps = (node: { driver_internal_info: string }) => JSON.parse(node.driver_internal_info);
const enrol = async (driverInfo: object = {}) => {
  const [uuid = ''] = await life.enrol(1, { driver_info: driverInfo });
  return uuid;
};

describe('verify', () => {
  test('fails when the BMC does not answer', async () => {
    const uuid = await enrol({ fake_fail: { 'power.get': 'the BMC is asleep' } });
    await life.verb(uuid, 'manage');
    const node = await life.until(uuid, 'enroll');
    expect(node.last_error).toContain('the BMC is asleep');
    expect(node.target_provision_state).toBeNull();
    expect((await life.history(uuid)).at(-1)).toMatchObject({
      severity: 'ERROR',
      state: 'enroll',
      conductor: 'test-conductor',
    });
  });
});

test('a node that is enrolled again under its old UUID is worked on anew', async () => {
  const uuid = await enrol();
  for (const round of ['first', 'again']) {
    if (round === 'again') {
      await life.store.query({ text: 'delete from nodes where uuid = $1', values: [uuid] });
      await insertNode(life.store, uuid);
    }
    await life.verb(uuid, 'manage');
    expect(await life.until(uuid, 'manageable', 3_000), round).toMatchObject({ last_error: null });
    await life.verb(uuid, 'inspect');
    expect(await life.until(uuid, 'manageable', 3_000), round).toMatchObject({ last_error: null });
  }
});

describe('clean', () => {
  test('a failed step ends in clean failed, in maintenance, and manage takes it out', async () => {
    const uuid = await enrol({ fake_fail: { 'clean.erase_devices': 'boom' } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'provide');
    const node = await life.until(uuid, 'clean failed');
    expect(node).toMatchObject({ maintenance: true, fault: 'clean failure', target_provision_state: 'available' });
    expect(node.last_error).toBe(`Node ${uuid} failed step deploy.erase_devices: boom`);
    expect(node.clean_step).toBe('{}');
    await life.verb(uuid, 'manage');
    expect(await life.until(uuid, 'manageable')).toMatchObject({ maintenance: false, fault: null, last_error: null });
  });

  test('manual: the steps asked for, in their order, and back to manageable', async () => {
    const uuid = await enrol({ fake_delay_s: { 'clean.burnin_cpu': 1 } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'clean', {
      cleanSteps: [
        { interface: 'bios', step: 'apply_configuration', args: { settings: [{ name: 'BootMode', value: 'Bios' }] } },
        { interface: 'deploy', step: 'burnin_cpu', args: {} },
      ],
    });
    const waiting = await life.until(uuid, 'clean wait');
    expect(JSON.parse(waiting.clean_step)).toMatchObject({ interface: 'deploy', step: 'burnin_cpu' });
    expect(waiting).toMatchObject({ target_provision_state: 'manageable', reservation: null, owner_incarnation: null });
    expect(steps(waiting).clean_steps).toHaveLength(2);
    expect(steps(waiting).clean_step_index).toBe(1);
    const done = await life.until(uuid, 'manageable');
    expect(steps(done)).toEqual({});
    const rows = await life.store.query({
      text: `select value from bios_settings where node_uuid = $1 and name = 'BootMode'`,
      values: [uuid],
    });
    expect(rows).toEqual([{ value: 'Bios' }]);
  });

  test('an unknown step fails', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'clean', { cleanSteps: [{ interface: 'deploy', step: 'polish', args: {} }] });
    expect((await life.until(uuid, 'clean failed')).last_error).toContain('deploy.polish');
  });

  test('hold waits for a person, and goes on when told', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'clean', {
      cleanSteps: [
        { interface: 'deploy', step: 'hold' },
        { interface: 'deploy', step: 'erase_devices_metadata' },
      ],
    });
    await life.until(uuid, 'clean hold');
    await life.verb(uuid, 'unhold');
    await life.until(uuid, 'manageable');
  });

  test('abort of a waiting clean', async () => {
    const uuid = await enrol({ fake_fail: { 'clean.erase_devices': 'hang' } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'provide');
    await life.until(uuid, 'clean wait');
    await life.verb(uuid, 'abort');
    const node = await life.until(uuid, 'clean failed');
    expect(node.last_error).toContain('By request, the clean operation was aborted');
    expect(node).toMatchObject({ maintenance: false, fault: null, power_state: 'power off' });
  });

  test('a machine that does not call back', async () => {
    const uuid = await enrol({ fake_fail: { 'clean.erase_devices': 'hang' } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'provide');
    const node = await life.until(uuid, 'clean failed');
    expect(node.last_error).toContain('Timeout reached');
    expect(node).toMatchObject({ maintenance: true, fault: 'clean failure', power_state: 'power off' });
  });

  test('is skipped where it is switched off', async () => {
    const [uuid = ''] = await life.enrol(1, { automated_clean: false });
    await life.bring(uuid, 'available');
    expect(await life.ledger(uuid)).toEqual([]);
  });

  test('of a retired node ends manageable', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'active');
    await life.store.query({
      text: 'update nodes set retired = true, revision = revision + 1 where uuid = $1',
      values: [uuid],
    });
    await life.verb(uuid, 'deleted');
    await life.until(uuid, 'manageable');
  });
});

test('a node that this program cannot drive is failed as it is', async () => {
  const uuid = await enrol();
  await life.bring(uuid, 'manageable');
  await life.store.query({
    text: `update nodes set provision_state = 'cleaning', target_provision_state = 'available', raid_interface = 'gone',
      operation_id = 'x', revision = revision + 1 where uuid = $1`,
    values: [uuid],
  });
  const { name, version } = OPERATIONS.clean;
  const input = { node: uuid, requestId: '', userId: null, projectId: null };
  await life.store.tx((tx) =>
    life.work.enqueue(tx, { name, version, limit: 'clean' } as Workflow<OperationInput>, input, { id: 'x', group: '' }),
  );
  expect((await life.until(uuid, 'clean failed')).last_error).toContain('gone');
});

describe('children', () => {
  test('a step is run on them instead', async () => {
    const uuid = await enrol();
    const children = await life.enrol(2, { parent_node: uuid });
    const [other = ''] = await life.enrol();
    await life.bring(uuid, 'manageable');
    const on = { execute_on_child_nodes: true };
    await life.verb(uuid, 'clean', {
      cleanSteps: [
        { interface: 'power', step: 'power_on', ...on },
        { interface: 'bios', step: 'factory_reset', ...on, limit_child_node_execution: [children[0]] },
      ],
    });
    await life.until(uuid, 'manageable');
    const told = async (node = '') => (await life.ledger(node)).map((one) => one.action);
    expect([await told(uuid), await told(children[0]), await told(children[1]), await told(other)]).toEqual([
      [],
      ['power on', 'reset bios'],
      ['power on'],
      [],
    ]);
    const free = { intent_id: null, reservation: null, owner_incarnation: null, power_state: 'power on' };
    for (const child of children) expect(await life.row(child)).toMatchObject(free);
    expect(await life.store.query({ text: 'select 1 from node_intents', values: [] })).toEqual([]);
  });

  test('a busy one fails the step', async () => {
    const uuid = await enrol();
    const [child = ''] = await life.enrol(1, { parent_node: uuid, operation_id: 'x', provision_state: 'cleaning' });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'clean', {
      cleanSteps: [{ interface: 'power', step: 'power_on', execute_on_child_nodes: true }],
    });
    expect((await life.until(uuid, 'clean failed')).last_error).toContain(`Node ${child} is locked`);
  });
});

describe('deploy', () => {
  test('waits, and is deleted while it waits', async () => {
    const uuid = await enrol({ fake_fail: { 'deploy.deploy': 'hang' } });
    await life.bring(uuid, 'available');
    await life.verb(uuid, 'active');
    const waiting = await life.until(uuid, 'wait call-back');
    await life.verb(uuid, 'deleted');
    await life.until(uuid, 'available');
    expect(await untilEnded(life.work, waiting.operation_id ?? '', 5_000)).toMatchObject({ state: 'done' });
  });

  test('a failure leaves the machine off and says why', async () => {
    const uuid = await enrol({ fake_fail: { 'deploy.boot_instance': 'no bootable device' } });
    await life.bring(uuid, 'available');
    await life.verb(uuid, 'active');
    const node = await life.until(uuid, 'deploy failed');
    expect(node.last_error).toBe(`Node ${uuid} failed step deploy.boot_instance: no bootable device`);
    expect(node).toMatchObject({ power_state: 'power off', target_provision_state: 'active', maintenance: false });
    await life.store.query({
      text: `update nodes set driver_info = '{}', revision = revision + 1 where uuid = $1`,
      values: [uuid],
    });
    await life.verb(uuid, 'rebuild');
    expect(await life.until(uuid, 'active')).toMatchObject({ last_error: null });
  });

  test('hold and abort', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'available');
    await life.verb(uuid, 'active', { deploySteps: [{ interface: 'deploy', step: 'hold', priority: 50 }] });
    await life.until(uuid, 'deploy hold');
    await life.verb(uuid, 'abort');
    expect((await life.until(uuid, 'deploy failed')).last_error).toContain('aborted');
  });

  test('a configdrive is sealed', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'available');
    await life.verb(uuid, 'active', { configdrive: { user_data: 'secret stuff' } });
    const node = await life.until(uuid, 'active');
    expect(node.instance_info).toBe('{"configdrive":"******"}');
    expect(node.instance_info_sealed).not.toContain('secret');
  });

  test('what it may not do', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'active');
    const set = (sql: string) =>
      life.store.query({ text: `update nodes set ${sql}, revision = revision + 1 where uuid = $1`, values: [uuid] });
    await set('protected = true');
    await expect(life.verb(uuid, 'deleted')).rejects.toMatchObject({ code: 'NodeProtected', status: 403 });
    await expect(life.verb(uuid, 'rebuild')).rejects.toMatchObject({ code: 'NodeProtected' });
    await set('protected = false, maintenance = true');
    await expect(life.verb(uuid, 'rebuild')).rejects.toMatchObject({ code: 'NodeInMaintenance', status: 400 });
    await expect(life.verb(uuid, 'provide')).rejects.toMatchObject({ code: 'InvalidStateRequested', status: 400 });
  });
});

describe('rescue', () => {
  test('and back', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'rescue');
    expect((await life.row(uuid)).instance_info).toBe('{}');
    await life.verb(uuid, 'unrescue');
    expect(await life.until(uuid, 'active')).toMatchObject({ power_state: 'power on' });
  });

  test('a ramdisk that does not come up', async () => {
    const uuid = await enrol({ fake_fail: { rescue: 'hang' } });
    await life.bring(uuid, 'active');
    await life.verb(uuid, 'rescue', { rescuePassword: 'x' });
    const node = await life.until(uuid, 'rescue failed');
    expect(node).toMatchObject({ power_state: 'power off', instance_info: '{}', instance_info_sealed: null });
    await life.verb(uuid, 'unrescue');
    await life.until(uuid, 'active');
  });
});

describe('service', () => {
  test('steps on a live instance', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'active');
    await life.verb(uuid, 'service', { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] });
    expect(await life.until(uuid, 'active')).toMatchObject({ power_state: 'power on', service_step: '{}' });
  });

  test('a failed one can be given up', async () => {
    const uuid = await enrol({ fake_fail: { 'service.burnin_cpu': true } });
    await life.bring(uuid, 'active');
    await life.verb(uuid, 'service', { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] });
    expect(await life.until(uuid, 'service failed')).toMatchObject({ maintenance: true, fault: 'service failure' });
    await expect(life.verb(uuid, 'abort')).rejects.toMatchObject({ code: 'InvalidState', status: 409 });
    await life.store.query({
      text: 'update nodes set maintenance = false, revision = revision + 1 where uuid = $1',
      values: [uuid],
    });
    await life.verb(uuid, 'abort');
    expect(await life.until(uuid, 'active')).toMatchObject({ power_state: 'power on' });
  });

  test('held, given other steps', async () => {
    const uuid = await enrol();
    await life.bring(uuid, 'active');
    await life.verb(uuid, 'service', { serviceSteps: [{ interface: 'deploy', step: 'hold' }] });
    await life.until(uuid, 'service hold');
    await life.verb(uuid, 'service', { serviceSteps: [{ interface: 'vendor', step: 'log_passthrough' }] });
    await life.until(uuid, 'active');
  });
});

describe('inspect', () => {
  test('finds what is in the machine', async () => {
    const uuid = await enrol({ fake_delay_s: { inspect: 1 } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'inspect');
    await life.until(uuid, 'inspect wait');
    await life.until(uuid, 'manageable');
    const [found] = await life.store.query<{ properties: string; ports: number; inventory: string }>({
      text: `select n.properties, i.inventory, (select count(*)::int from ports p where p.node_uuid = n.uuid) as ports
        from nodes n join node_inventory i on i.node_uuid = n.uuid where n.uuid = $1`,
      values: [uuid],
    });
    expect(found?.ports).toBe(1);
    expect(JSON.parse(found?.properties ?? '')).toMatchObject({ cpus: 16 });
  });

  test('is aborted', async () => {
    const uuid = await enrol({ fake_fail: { inspect: 'hang' } });
    await life.bring(uuid, 'manageable');
    await life.verb(uuid, 'inspect');
    await life.until(uuid, 'inspect wait');
    await life.verb(uuid, 'abort');
    expect((await life.until(uuid, 'inspect failed')).last_error).toBe('Inspection was aborted by request.');
    await life.verb(uuid, 'manage');
    await life.until(uuid, 'manageable');
  });
});

test('adopt', async () => {
  const uuid = await enrol({ fake_fail: { adopt: 'not today' } });
  await life.bring(uuid, 'manageable');
  await life.verb(uuid, 'adopt');
  expect((await life.until(uuid, 'adopt failed')).last_error).toBe('Failed to adopt: not today');
  await life.store.query({
    text: `update nodes set driver_info = '{}', revision = revision + 1 where uuid = $1`,
    values: [uuid],
  });
  await life.verb(uuid, 'adopt');
  await life.until(uuid, 'active');
  expect(await life.ledger(uuid)).toEqual([]);
});

test('tear down that fails ends in error, and can be tried again', async () => {
  const uuid = await enrol({ fake_fail: { 'deploy.tear_down': 'stuck' } });
  await life.bring(uuid, 'active');
  await life.verb(uuid, 'deleted');
  expect((await life.until(uuid, 'error')).last_error).toBe('Failed to tear down: stuck');
  await life.store.query({
    text: `update nodes set driver_info = '{}', revision = revision + 1 where uuid = $1`,
    values: [uuid],
  });
  await life.verb(uuid, 'deleted');
  await life.until(uuid, 'available');
});

test('a step that takes longer than a moment is shown while it runs', async () => {
  const uuid = await enrol({ fake_delay_s: { 'clean.erase_devices': 0.6 } });
  await life.bring(uuid, 'manageable');
  await life.verb(uuid, 'provide');
  let shown: string | undefined;
  for (let i = 0; i < 1_000 && shown === undefined; i++) {
    const node = await life.row(uuid);
    if (node.clean_step.includes('erase_devices"')) shown = node.provision_state;
    await systemClock.sleep(2);
  }
  expect(shown).toBe('cleaning');
  await expect(life.verb(uuid, 'provide')).rejects.toMatchObject({ code: 'NodeLocked', status: 409 });
  await expect(life.power(uuid, 'power on')).rejects.toMatchObject({ code: 'NodeLocked' });
  await life.until(uuid, 'available');
});
