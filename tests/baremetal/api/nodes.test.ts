import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baremetalQuotas } from '#baremetal/store/quota-counts';
import { createQuotas } from '#identity/app/quotas';
import { type ApiHarness, faultOf, openApi } from './harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

type Doc = Record<string, unknown> & { uuid: string };
const create = async (body: Record<string, unknown> = {}, options = {}): Promise<Doc> => {
  const reply = await api.post('/v1/nodes', { driver: 'fake-hardware', ...body }, options);
  expect(reply.status, reply.text).toBe(201);
  return reply.json<Doc>();
};
const setState = (uuid: string, sets: string) =>
  api.test.store.query({ text: `update nodes set ${sets} where uuid = $1`, values: [uuid] });

describe('the schemas', () => {
  it('compile', () => api.server.compile());
});

describe('enrolling', () => {
  it('gives every interface its default, and tells where the node is', async () => {
    const reply = await api.post('/v1/nodes', {
      driver: 'fake-hardware',
      name: 'enrolled',
      extra: { a: [1, { b: null }] },
    });
    const node = reply.json<Doc>();
    expect(reply.headers['location']).toBe(`http://localhost:6385/v1/nodes/${node.uuid}`);
    expect(node).toMatchObject({
      name: 'enrolled',
      provision_state: 'enroll',
      power_interface: 'fake',
      extra: { a: [1, { b: null }] },
      maintenance: false,
      traits: [],
      conductor: expect.stringMatching(/^conductor-[12]$/),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
      updated_at: null,
    });
    expect((await api.get(`/v1/nodes/${node.uuid}`)).json()).toEqual(node);
    expect((await api.get('/v1/nodes/enrolled')).json()).toEqual(node);
  });

  it('begins in available for clients from before 1.11, whose word for it is null before 1.2', async () => {
    const reply = await api.post('/v1/nodes', { driver: 'fake-hardware' }, { version: 1 });
    expect(reply.json()).toMatchObject({ provision_state: null });
    const { uuid } = reply.json<Doc>();
    expect((await api.get(`/v1/nodes/${uuid}`, { version: 2 })).json()).toMatchObject({ provision_state: 'available' });
  });

  it.each([
    [{}, 400, /driver/],
    [{ driver: 'nope' }, 400, /No valid host was found/],
    [{ driver: 'fake-hardware', conductor_group: 'east' }, 400, /conductor group "east"/],
    [{ driver: 'fake-hardware', bogus: 1 }, 400, /bogus/],
    [{ driver: 'fake-hardware', name: 'states' }, 400, /reserved/],
    [{ driver: 'fake-hardware', name: 'a b' }, 400, /invalid name/],
    [{ driver: 'fake-hardware', name: randomUUID() }, 400, /invalid name/],
    [{ driver: 'fake-hardware', uuid: 'x' }, 400, /Expected UUID for uuid/],
    [{ driver: 'fake-hardware', maintenance: 'perhaps' }, 400, /Unrecognized value 'perhaps'/],
    [{ driver: 'fake-hardware', properties: { cpus: 'many' } }, 400, /non-negative integers/],
    [{ driver: 'fake-hardware', power_interface: 'steam' }, 400, /Could not find the following interface/],
    [{ driver: 'redfish', power_interface: 'fake' }, 400, /not supported by hardware type redfish/],
    [{ driver: 'fake-hardware', chassis_uuid: randomUUID() }, 400, /Chassis .* could not be found/],
    [{ driver: 'fake-hardware', parent_node: randomUUID() }, 400, /Requested value was invalid/],
    [{ driver: 'fake-hardware', network_data: { links: [] } }, 400, /Invalid network_data/],
    [{ driver: 'fake-hardware', traits: [] }, 400, /traits/],
  ])('refuses %j', async (body, status, text) => {
    const reply = await api.post('/v1/nodes', body);
    expect(reply.status, reply.text).toBe(status);
    expect(faultOf(reply)).toMatch(text);
  });

  it('refuses with 406 what the version does not know, with 409 what is there already', async () => {
    expect((await api.post('/v1/nodes', { driver: 'fake-hardware', owner: 'p' }, { version: 49 })).status).toBe(406);
    expect((await api.post('/v1/nodes', { driver: 'fake-hardware', owner: null }, { version: 49 })).status).toBe(201);
    const { uuid } = await create({ name: 'twice' });
    const again = await api.post('/v1/nodes', { driver: 'fake-hardware', uuid });
    expect([again.status, faultOf(again)]).toEqual([409, `A node with UUID ${uuid} already exists.`]);
    const named = await api.post('/v1/nodes', { driver: 'fake-hardware', name: 'twice' });
    expect([named.status, faultOf(named)]).toEqual([409, 'A node with name twice already exists.']);
  });

  it('seals secrets and shows masks', async () => {
    const { uuid, driver_info } = await create({ driver_info: { redfish_password: 'hush', redfish_address: 'a' } });
    expect(driver_info).toEqual({ redfish_password: '******', redfish_address: 'a' });
    const [row] = await api.test.store.query<{ driver_info: string; driver_info_sealed: string }>({
      text: 'select driver_info, driver_info_sealed from nodes where uuid = $1',
      values: [uuid],
    });
    expect(row?.driver_info).not.toContain('hush');
    expect(api.deps.sealer.open(row?.driver_info_sealed ?? '', `node:${uuid}:driver_info`)).toEqual({
      redfish_password: 'hush',
    });
  });
});

describe('names that end in .json', () => {
  it('are found at every version', async () => {
    const { uuid } = await create({ name: 'file.json' });
    for (const version of [5, 90, 91, 115]) {
      expect((await api.get('/v1/nodes/file.json', { version })).json()).toMatchObject({ uuid });
      expect((await api.get(`/v1/nodes/${uuid}.json`, { version })).status).toBe(version < 91 ? 200 : 404);
    }
    expect((await api.patch('/v1/nodes/file.json', [], { version: 50 })).status).toBe(200);
  });
});

describe('changing', () => {
  it('keeps secrets that come back masked, and takes new ones', async () => {
    const { uuid } = await create({ driver_info: { a_password: 'one', b_token: 'two', c: 3 } });
    const reply = await api.patch(`/v1/nodes/${uuid}`, [
      { op: 'replace', path: '/driver_info', value: { a_password: '******', b_token: 'new', d: 4 } },
    ]);
    expect(reply.json()).toMatchObject({ driver_info: { a_password: '******', b_token: '******', d: 4 } });
    const [row] = await api.test.store.query<{ driver_info_sealed: string }>({
      text: 'select driver_info_sealed from nodes where uuid = $1',
      values: [uuid],
    });
    expect(api.deps.sealer.open(row?.driver_info_sealed ?? '', `node:${uuid}:driver_info`)).toEqual({
      a_password: 'one',
      b_token: 'new',
    });
  });

  it('takes add, replace and remove, at the root and inside', async () => {
    const { uuid } = await create({ extra: { list: [1, 2], gone: 1 } });
    const reply = await api.patch(`/v1/nodes/${uuid}`, [
      { op: 'add', path: '/extra/list/-', value: 3 },
      { op: 'replace', path: '/extra/list/0', value: 0 },
      { op: 'remove', path: '/extra/gone' },
      { op: 'add', path: '/extra/a~1b', value: { deep: true } },
      { op: 'add', path: '/description', value: 'x' },
      { op: 'remove', path: '/resource_class' },
      { op: 'replace', path: '/maintenance', value: 'yes' },
    ]);
    expect(reply.status, reply.text).toBe(200);
    expect(reply.json()).toMatchObject({
      extra: { list: [0, 2, 3], 'a/b': { deep: true } },
      description: 'x',
      resource_class: null,
      maintenance: true,
    });
    expect(reply.json<Doc>()['updated_at']).not.toBeNull();
  });

  it('does nothing for an empty patch or one that changes nothing', async () => {
    const node = await create({ extra: { a: 1 } });
    expect((await api.patch(`/v1/nodes/${node.uuid}`, [])).json()).toEqual(node);
    const same = await api.patch(`/v1/nodes/${node.uuid}`, [{ op: 'replace', path: '/extra', value: { a: 1 } }]);
    expect(same.json()).toEqual(node);
  });

  it.each([
    [{ op: 'test', path: '/extra', value: 1 }, 400, /op/],
    [{ op: 'add', path: '/bogus', value: 1 }, 400, /Cannot patch \/bogus/],
    [{ op: 'add', path: '/traits', value: [] }, 400, /Cannot patch \/traits/],
    [{ op: 'replace', path: '/provision_state', value: 'active' }, 400, /Cannot patch/],
    [{ op: 'remove', path: '/extra/none' }, 400, /does not exist/],
    [{ op: 'replace', path: '/extra/none/x', value: 1 }, 400, /no such parent/],
    [{ op: 'add', path: 'extra', value: 1 }, 400, /path/],
    [{ op: 'add', path: '/extra/x' }, 400, /value is missing/],
    [{ op: 'replace', path: '/extra', value: 'text' }, 400, /'object'/],
    [{ op: 'remove', path: '/driver' }, 400, /'driver' is a required property/],
    [{ op: 'replace', path: '/name', value: 'a b' }, 400, /invalid name/],
    [{ op: 'replace', path: '/driver', value: 'redfish' }, 400, /not supported by hardware type redfish/],
    [{ op: 'replace', path: '/description', value: 'x'.repeat(4097) }, 400, /too long/],
    [{ op: 'replace', path: '/protected', value: true }, 409, /can only be made protected/],
    [{ op: 'replace', path: '/retired_reason', value: 'old' }, 400, /retired is True/],
  ])('refuses %j', async (op, status, text) => {
    const { uuid } = await create();
    const reply = await api.patch(`/v1/nodes/${uuid}`, [op]);
    expect(reply.status, reply.text).toBe(status);
    expect(faultOf(reply)).toMatch(text);
  });

  it('changes the driver when the interfaces may follow', async () => {
    const { uuid } = await create();
    const url = `/v1/nodes/${uuid}?reset_interfaces=true`;
    expect((await api.patch(url, [{ op: 'add', path: '/extra/a', value: 1 }])).status).toBe(400);
    expect((await api.patch(url, [{ op: 'replace', path: '/driver', value: 'redfish' }], { version: 44 })).status).toBe(
      406,
    );
    const reply = await api.patch(url, [{ op: 'replace', path: '/driver', value: 'redfish' }]);
    expect(reply.json()).toMatchObject({ driver: 'redfish', power_interface: 'redfish' });
  });

  it('minds the state of the node', async () => {
    const { uuid } = await create({ resource_class: 'a' });
    const patch = (path: string, value: unknown, version = 115) =>
      api.patch(`/v1/nodes/${uuid}`, [{ op: 'replace', path, value }], { version });
    await setState(uuid, "provision_state = 'deploying', target_provision_state = 'active'");
    const busy = await patch('/extra', { a: 1 });
    expect([busy.status, faultOf(busy)]).toEqual([
      409,
      `Node ${uuid} can not be updated while a state transition is in progress.`,
    ]);
    expect(busy.headers['retry-after']).toBeDefined();
    await setState(uuid, "provision_state = 'inspecting', target_provision_state = 'manageable'");
    expect((await patch('/extra', { a: 1 })).status).toBe(409);
    expect((await patch('/extra', { a: 1 }, 38)).status).toBe(200);
    await setState(uuid, "provision_state = 'active', target_provision_state = null");
    expect((await patch('/resource_class', 'b')).status).toBe(409);
    expect((await patch('/power_interface', 'noop')).status).toBe(409);
    expect((await patch('/protected', true)).status).toBe(200);
    await setState(uuid, "provision_state = 'manageable', reservation = 'conductor-9'");
    const locked = await patch('/extra', { a: 2 });
    expect([locked.status, faultOf(locked)]).toEqual([
      409,
      `Node ${uuid} is locked by host conductor-9, please retry after the current operation is completed.`,
    ]);
  });

  it('never loses an update', async () => {
    const { uuid } = await create();
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        api.patch(`/v1/nodes/${uuid}`, [{ op: 'add', path: `/extra/k${i}`, value: i }]),
      ),
    );
    const won = replies.flatMap((reply, i) => (reply.status === 200 ? [i] : []));
    expect(replies.every((reply) => reply.status === 200 || reply.status === 409)).toBe(true);
    const { extra } = (await api.get(`/v1/nodes/${uuid}`)).json<{ extra: Record<string, number> }>();
    expect(Object.values(extra).sort((a, b) => a - b)).toEqual(won);
  });

  it('minds If-Match', async () => {
    const { uuid } = await create();
    const { etag } = (await api.get(`/v1/nodes/${uuid}`)).headers;
    const patch = [{ op: 'add', path: '/extra/a', value: 1 }];
    expect((await api.patch(`/v1/nodes/${uuid}`, patch, { headers: { 'if-match': etag ?? '' } })).status).toBe(200);
    expect((await api.patch(`/v1/nodes/${uuid}`, patch, { headers: { 'if-match': etag ?? '' } })).status).toBe(412);
  });

  it('takes the reason away with the flag, and the fault with maintenance', async () => {
    const { uuid } = await create();
    await setState(
      uuid,
      "maintenance = true, maintenance_reason = 'x', fault = 'power failure', retired = true, retired_reason = 'y'",
    );
    const reply = await api.patch(`/v1/nodes/${uuid}`, [
      { op: 'replace', path: '/maintenance', value: false },
      { op: 'remove', path: '/retired' },
    ]);
    expect(reply.json()).toMatchObject({ maintenance_reason: null, fault: null, retired: false, retired_reason: null });
  });
});

describe('forgetting', () => {
  it('lets go what may go', async () => {
    const { uuid } = await create();
    expect((await api.del(`/v1/nodes/${uuid}`)).status).toBe(204);
    const gone = await api.del(`/v1/nodes/${uuid}`);
    expect([gone.status, faultOf(gone)]).toEqual([404, `Node ${uuid} could not be found.`]);
  });

  it('stops its console, and keeps a node that has children', async () => {
    const { uuid } = await create();
    const child = await create({ parent_node: uuid });
    expect(faultOf(await api.del(`/v1/nodes/${uuid}`))).toMatch(/has child nodes/);
    expect((await api.del(`/v1/nodes/${child.uuid}`)).status).toBe(204);
    await setState(uuid, 'console_enabled = true');
    expect((await api.del(`/v1/nodes/${uuid}`)).status).toBe(204);
    expect(api.calls.at(-1)?.args[2]).toMatchObject({ interface: 'console', method: 'stop' });
  });

  it.each([
    ["provision_state = 'active'", 409, /Can not delete node/],
    ['instance_uuid = gen_random_uuid()', 409, /associated with instance/],
    ['protected = true', 403, /protected/],
    ["reservation = 'c'", 409, /locked by host c/],
  ])('holds a node with %s', async (sets, status, text) => {
    const { uuid } = await create();
    await setState(uuid, sets);
    const reply = await api.del(`/v1/nodes/${uuid}`);
    expect(reply.status).toBe(status);
    expect(faultOf(reply)).toMatch(text);
    await setState(uuid, 'maintenance = true, protected = false, reservation = null');
    expect((await api.del(`/v1/nodes/${uuid}`)).status).toBe(204);
  });
});

describe('allocations', () => {
  const allocate = async (uuid: string, owner: string | null) => {
    const allocation = randomUUID();
    await api.test.store.query({
      text: "insert into allocations (uuid, node_uuid, state, owner) values ($1, $2, 'active', $3)",
      values: [allocation, uuid, owner],
    });
    await setState(uuid, `allocation_uuid = '${allocation}', instance_uuid = '${allocation}'`);
    return async () =>
      (await api.test.store.query({ text: 'select 1 as one from allocations where uuid = $1', values: [allocation] }))
        .length;
  };

  it('end with the instance of their node, and with the node', async () => {
    const { uuid } = await create();
    let left = await allocate(uuid, null);
    const patched = await api.patch(`/v1/nodes/${uuid}`, [{ op: 'remove', path: '/instance_uuid' }]);
    expect(patched.json()).toMatchObject({ instance_uuid: null, allocation_uuid: null });
    expect(await left()).toBe(0);
    left = await allocate(uuid, null);
    await setState(uuid, 'maintenance = true');
    expect((await api.del(`/v1/nodes/${uuid}`)).status).toBe(204);
    expect(await left()).toBe(0);
  });

  it('hold the owner of their node', async () => {
    const { uuid } = await create({ owner: 'p1' });
    await allocate(uuid, 'p1');
    expect((await api.patch(`/v1/nodes/${uuid}`, [{ op: 'replace', path: '/owner', value: 'p2' }])).status).toBe(409);
  });
});

describe('who sees what', () => {
  it('hides the nodes of others, and details of the lessee', async () => {
    const { uuid } = await create({ owner: 'owning', lessee: 'renting', driver_info: { a: 1 } });
    await setState(uuid, "last_error = 'secret host'");
    const as = async (persona: 'owning:reader' | 'renting:reader' | 'else:admin') =>
      await api.get(`/v1/nodes/${uuid}`, { as: persona });
    expect((await as('owning:reader')).json()).toMatchObject({ driver_info: { a: 1 }, last_error: 'secret host' });
    expect((await as('renting:reader')).json()).toMatchObject({
      driver_info: { content: '** Redacted - requires baremetal:node:get:driver_info permission. **' },
      last_error: '** Value Redacted - Requires baremetal:node:get:last_error permission. **',
      properties: {},
    });
    expect((await as('else:admin')).status).toBe(404);
    expect((await api.get('/v1/nodes?detail=true', { as: 'else:admin' })).json()).toEqual({ nodes: [] });
    const mine = (await api.get('/v1/nodes', { as: 'renting:reader' })).json<{ nodes: Doc[] }>().nodes;
    expect(mine.map((node) => node.uuid)).toEqual([uuid]);
    const patch = [{ op: 'replace', path: '/driver_info', value: {} }];
    expect((await api.patch(`/v1/nodes/${uuid}`, patch, { as: 'renting:member' })).status).toBe(403);
    expect((await api.patch(`/v1/nodes/${uuid}`, patch, { as: 'else:admin' })).status).toBe(404);
    expect((await api.get('/v1/nodes?project=other', { as: 'renting:reader' })).status).toBe(403);
  });

  it("lets a project's admin enrol for its project only", async () => {
    const own = await api.post('/v1/nodes', { driver: 'fake-hardware' }, { as: 'p1:admin' });
    expect(own.json()).toMatchObject({ owner: 'p1' });
    expect((await api.post('/v1/nodes', { driver: 'fake-hardware', owner: 'p2' }, { as: 'p1:admin' })).status).toBe(
      400,
    );
    expect((await api.post('/v1/nodes', { driver: 'fake-hardware' }, { as: 'p1:member' })).status).toBe(403);
    expect((await api.del(`/v1/nodes/${own.json<Doc>().uuid}`, { as: 'p1:admin' })).status).toBe(204);
  });
});

describe('quotas', () => {
  it('hold back what would be too much for an owner, by enrolment and by gift', async () => {
    const query = (text: string) => api.test.store.query({ text });
    await query("insert into identity_services (id, type, name) values ('s', 'baremetal', 'ingot')");
    await query(
      "insert into identity_registered_limits (id, service_id, resource_name, default_limit) values ('r', 's', 'baremetal_nodes', 2)",
    );
    (api.deps as { quotas?: unknown }).quotas = createQuotas(baremetalQuotas);
    const { uuid } = await create({ owner: 'few' });
    const more = await Promise.all(
      Array.from({ length: 4 }, () => api.post('/v1/nodes', { driver: 'fake-hardware', owner: 'few' })),
    );
    expect(more.map((reply) => reply.status).sort()).toEqual([201, 403, 403, 403]);
    const other = await create();
    const gift = (owner: string) =>
      api.patch(`/v1/nodes/${other.uuid}`, [{ op: 'replace', path: '/owner', value: owner }]);
    expect((await gift('few')).status).toBe(403);
    expect((await gift('many')).status).toBe(200);
    expect((await api.del(`/v1/nodes/${uuid}`)).status).toBe(204);
    expect((await gift('few')).status).toBe(200);
  });
});
