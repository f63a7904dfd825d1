import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, faultOf, openApi, type Persona } from './harness.ts';

// Rules of steps that a policy file adds, as in Ironic: `baremetal:step:execute:<interface>.<step>`.

let api: ApiHarness;
let node: string;
beforeAll(async () => {
  api = await openApi();
  api.policy.override({
    'baremetal:step:execute:raid.create_configuration': 'role:admin',
    'baremetal:step:execute:bios.factory_reset': 'role:manager and project_id:%(node.owner)s',
  });
  const made = await api.post('/v1/nodes', { driver: 'fake-hardware', owner: 'mine', lessee: 'lent' });
  node = made.json<{ uuid: string }>().uuid;
  const text = `update nodes set provision_state = 'manageable', traits = '{CUSTOM_T}' where uuid = $1`;
  await api.test.store.query({ text, values: [node] });
});
afterAll(() => api.close());

const RAID = { interface: 'raid', step: 'create_configuration' };
const BIOS = { interface: 'bios', step: 'factory_reset' };
const FREE = { interface: 'raid', step: 'delete_configuration' };

it.each<[Persona, object, number]>([
  ['mine:manager', RAID, 403],
  ['mine:admin', RAID, 202],
  ['lent:admin', RAID, 202],
  ['admin', RAID, 202],
  ['mine:manager', BIOS, 202],
  ['lent:admin', BIOS, 403],
  ['mine:manager', FREE, 202],
  ['lent:manager', FREE, 202],
])('%s names %j in a request: %i', async (as, step, status) => {
  for (const [target, key] of [
    ['clean', 'clean_steps'],
    ['service', 'service_steps'],
  ] as const) {
    const reply = await api.put(`/v1/nodes/${node}/states/provision`, { target, [key]: [step] }, { as });
    expect(reply.status, reply.text).toBe(status);
    if (status === 403) expect(faultOf(reply)).toMatch(/^insufficient privileges to execute step \w+ on interface/);
  }
});

it('holds for deploy steps', async () => {
  const deploy_steps = [{ ...RAID, args: {}, priority: 50 }];
  const ask = (as: Persona) =>
    api.put(`/v1/nodes/${node}/states/provision`, { target: 'active', deploy_steps }, { as });
  expect((await ask('mine:manager')).status).toBe(403);
  expect((await ask('mine:admin')).status).toBe(202);
});

it('holds for each child a step runs on', async () => {
  const child = async (owner: string) => {
    const made = await api.post('/v1/nodes', { driver: 'fake-hardware', owner, lessee: 'mine' });
    const { uuid } = made.json<{ uuid: string }>();
    // Children change hands after they were made, as parents do.
    await api.test.store.query({ text: 'update nodes set parent_node = $2 where uuid = $1', values: [uuid, node] });
    return uuid;
  };
  const [own, others] = [await child('mine'), await child('other')];
  const ask = (only?: string[]) => {
    const step = {
      ...BIOS,
      execute_on_child_nodes: true,
      ...(only === undefined ? {} : { limit_child_node_execution: only }),
    };
    const body = { target: 'clean', clean_steps: [step] };
    return api.put(`/v1/nodes/${node}/states/provision`, body, { as: 'mine:manager' });
  };
  expect((await ask([own])).status).toBe(202);
  const refused = await ask([others]);
  expect(refused.status).toBe(403);
  expect(faultOf(refused)).toMatch(/insufficient privileges to execute step factory_reset/);
  expect((await ask()).status).toBe(403);
  await api.del(`/v1/nodes/${others}`);
  expect((await ask()).status).toBe(202);
  await api.del(`/v1/nodes/${own}`);
});

it('holds for who writes a deploy template', async () => {
  const write = (step: object) =>
    api.post('/v1/deploy_templates', { name: 'CUSTOM_T', steps: [{ ...step, args: {}, priority: 10 }] });
  // Nobody's machine: a rule about its owner says no.
  expect((await write(BIOS)).status).toBe(403);
  const made = await write(RAID);
  expect(made.status, made.text).toBe(201);
  const path = `/v1/deploy_templates/${made.json<{ uuid: string }>().uuid}`;
  const patch = [{ op: 'replace', path: '/steps', value: [{ ...BIOS, args: {}, priority: 10 }] }];
  expect((await api.patch(path, patch)).status).toBe(403);
  // Who deploys by it is not asked again, as in Ironic: it is the operators' own.
  await api.test.store.query({
    text: `update nodes set instance_info = '{"traits":["CUSTOM_T"]}' where uuid = $1`,
    values: [node],
  });
  const deployed = await api.put(`/v1/nodes/${node}/states/provision`, { target: 'active' }, { as: 'mine:manager' });
  expect(deployed.status, deployed.text).toBe(202);
});

it('holds for writing runbooks, and for running those of a project on a machine that is known then', async () => {
  const write = (name: string, step: object, as: Persona) =>
    api.post('/v1/runbooks', { name, steps: [{ ...step, args: {}, order: 1 }] }, { as });
  expect((await write('CUSTOM_RAID', RAID, 'mine:manager')).status).toBe(403);
  // Nobody's machine yet: a rule about its owner says no.
  expect((await write('CUSTOM_BIOS', BIOS, 'mine:manager')).status).toBe(403);
  expect((await write('CUSTOM_RAID', RAID, 'mine:admin')).status).toBe(201);
  const free = await write('CUSTOM_FREE', FREE, 'mine:manager');
  expect(free.status, free.text).toBe(201);
  const path = `/v1/runbooks/${free.json<{ uuid: string }>().uuid}`;
  const patch = [{ op: 'replace', path: '/steps', value: [{ ...RAID, args: {}, order: 1 }] }];
  expect((await api.patch(path, patch, { as: 'mine:manager' })).status).toBe(403);
  await api.test.store.query({ text: `update runbooks set traits = '{CUSTOM_T}'` });
  const run = (runbook: string, as: Persona) =>
    api.put(`/v1/nodes/${node}/states/provision`, { target: 'clean', runbook }, { as });
  expect((await run('CUSTOM_RAID', 'mine:manager')).status).toBe(403);
  expect((await run('CUSTOM_RAID', 'mine:admin')).status).toBe(202);
  expect((await run('CUSTOM_FREE', 'mine:manager')).status).toBe(202);
  // The operators made it everybody's: approved, as it stands.
  await api.test.store.query({ text: `update runbooks set owner = null, public = true where name = 'CUSTOM_RAID'` });
  const approved = await run('CUSTOM_RAID', 'mine:manager');
  expect(faultOf(approved)).not.toMatch(/insufficient privileges/);
});
