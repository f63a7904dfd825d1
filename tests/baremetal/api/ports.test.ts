import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PORTS } from '#baremetal/api/versions/ports';
import { fieldsAt } from '#baremetal/api/versions/resource';
import { type ApiHarness, faultOf, openApi } from './harness.ts';

let api: ApiHarness;
let node = '';
beforeAll(async () => {
  api = await openApi();
  node = await enrol({ name: 'host' });
});
afterAll(() => api.close());

type Doc = Record<string, unknown> & { uuid: string };
let macs = 0;
const mac = () =>
  `02:00:00:00:${(++macs >> 8).toString(16).padStart(2, '0')}:${(macs & 255).toString(16).padStart(2, '0')}`;
const enrol = async (body: Record<string, unknown> = {}): Promise<string> =>
  (await api.post('/v1/nodes', { driver: 'fake-hardware', ...body })).json<Doc>().uuid;
const create = async (body: Record<string, unknown> = {}): Promise<Doc> => {
  const reply = await api.post('/v1/ports', { node_uuid: node, address: mac(), ...body });
  expect(reply.status, reply.text).toBe(201);
  return reply.json<Doc>();
};
const set = (uuid: string, sets: string) =>
  api.test.store.query({ text: `update nodes set ${sets} where uuid = $1`, values: [uuid] });
const LINK = { switch_id: '0A-1B-2C-3D-4E-5F', port_id: 'eth1' };

describe('ports', () => {
  it('are made with what a port has by default', async () => {
    const address = mac();
    const reply = await api.post('/v1/ports', {
      node_uuid: node,
      address: address.toUpperCase(),
      local_link_connection: LINK,
    });
    const port = reply.json<Doc>();
    expect(reply.headers['location']).toBe(`http://localhost:6385/v1/ports/${port.uuid}`);
    expect(port).toMatchObject({
      address,
      node_uuid: node,
      pxe_enabled: true,
      is_smartnic: false,
      local_link_connection: { switch_id: '0a:1b:2c:3d:4e:5f', port_id: 'eth1' },
      internal_info: {},
      portgroup_uuid: null,
    });
    expect((await api.get(`/v1/ports/${port.uuid}`)).json()).toEqual(port);
    expect((await api.get(`/v1/ports/${address}`)).json()).toEqual(port);
  });

  it('show at each version the fields of that version', async () => {
    const { uuid } = await create();
    for (let version = 1; version <= 115; version++) {
      const port = (await api.get(`/v1/ports/${uuid}`, { version })).json<Doc>();
      expect(Object.keys(port).sort()).toEqual([...fieldsAt(PORTS, version), 'links'].sort());
    }
  });

  it.each([
    [{}, 115, 400, /node_uuid/],
    [{ node_uuid: '00000000-0000-4000-8000-00000000dead' }, 115, 400, /could not be found/],
    [{ node_ident: 'nobody' }, 115, 400, /could not be found/],
    [{ node_ident: 'host' }, 93, 406, /not acceptable/],
    [{ node_ident: 'host', address: 'x' }, 115, 400, /Expected valid MAC address for address: x/],
    [{ node_ident: 'host', bogus: 1 }, 115, 400, /bogus/],
    [{ node_ident: 'host', name: 'a b' }, 115, 400, /Expected name/],
    [{ node_ident: 'host', physical_network: '' }, 115, 400, /non-empty value/],
    [{ node_ident: 'host', is_smartnic: true }, 115, 400, /Smart NIC/],
    [
      { node_ident: 'host', local_link_connection: { switch_id: 'x', port_id: 'y' } },
      115,
      400,
      /MAC address or OpenFlow/,
    ],
    [{ node_ident: 'host', local_link_connection: { switch_id: LINK.switch_id } }, 115, 400, /required properties/],
    [{ node_ident: 'host', local_link_connection: { odd: 'x' } }, 115, 400, /'odd' was unexpected/],
    [
      {
        node_ident: 'host',
        local_link_connection: { ...LINK, 'vtep-logical-switch': 'a', 'vtep-physical-switch': 'b' },
      },
      105,
      406,
      /not acceptable/,
    ],
    [{ node_ident: 'host', portgroup_uuid: '00000000-0000-4000-8000-00000000dead' }, 115, 400, /Portgroup/],
    [{ node_ident: 'host', pxe_enabled: 'perhaps' }, 115, 400, /Unrecognized value/],
  ])('are refused: %j at 1.%i', async (body, version, status, text) => {
    const reply = await api.post('/v1/ports', { address: mac(), ...body }, { version });
    expect(reply.status, reply.text).toBe(status);
    expect(faultOf(reply)).toMatch(text);
  });

  it('gate the keys of a link by version', async () => {
    const vtep = { port_id: 'p', 'vtep-logical-switch': 'a', 'vtep-physical-switch': 'b' };
    const made = await api.post(
      '/v1/ports',
      { node_uuid: node, address: mac(), local_link_connection: vtep },
      { version: 90 },
    );
    const { uuid } = made.json<Doc>();
    const at = async (version: number) =>
      (await api.get(`/v1/ports/${uuid}`, { version })).json<Doc>()['local_link_connection'];
    expect([await at(89), await at(90), await at(104), await at(105)]).toEqual([{}, vtep, vtep, {}]);
    const unmanaged = { node_uuid: node, local_link_connection: { network_type: 'unmanaged' } };
    expect((await api.post('/v1/ports', { ...unmanaged, address: mac() }, { version: 63 })).status).toBe(406);
    expect((await api.post('/v1/ports', { ...unmanaged, address: mac() }, { version: 64 })).status).toBe(201);
  });

  it('are unique by address, name and UUID', async () => {
    const port = await create({ name: 'nic0' });
    const again = async (body: Record<string, unknown>) =>
      faultOf(await api.post('/v1/ports', { node_uuid: node, address: mac(), ...body }));
    expect(await again({ address: port['address'] })).toBe(
      `A port with MAC address ${port['address']} already exists.`,
    );
    expect(await again({ name: 'nic0' })).toBe('A port with name nic0 already exists.');
    expect(await again({ uuid: port.uuid })).toBe(`A port with UUID ${port.uuid} already exists.`);
    expect((await api.get('/v1/ports/nic0')).json()).toEqual(port);
  });

  it('are changed as the state of the node lets them', async () => {
    const host = await enrol();
    const { uuid } = await create({ node_uuid: host });
    const patch = (path: string, value: unknown, version = 115) =>
      api.patch(`/v1/ports/${uuid}`, [{ op: 'replace', path, value }], { version });
    expect((await patch('/pxe_enabled', 'false')).json()).toMatchObject({ pxe_enabled: false });
    expect((await patch('/local_link_connection', LINK)).json()).toMatchObject({
      local_link_connection: { switch_id: '0a:1b:2c:3d:4e:5f' },
    });
    await set(host, "provision_state = 'active'");
    expect(faultOf(await patch('/pxe_enabled', true))).toMatch(/can not have any connectivity attributes/);
    expect(faultOf(await patch('/address', mac()))).toMatch(/Cannot update hardware address/);
    expect((await patch('/extra', { a: 1 })).status).toBe(200);
    await set(host, 'maintenance = true');
    expect((await patch('/address', mac())).status).toBe(200);
    await set(host, "provision_state = 'inspecting', maintenance = false");
    expect((await patch('/extra', { a: 2 })).status).toBe(409);
    expect((await patch('/extra', { a: 2 }, 38)).status).toBe(200);
    await set(host, "provision_state = 'enroll', reservation = 'c'");
    expect((await patch('/extra', { a: 3 })).status).toBe(409);
    expect((await api.del(`/v1/ports/${uuid}`)).status).toBe(409);
    await set(host, 'reservation = null');
    expect((await patch('/uuid', 'x')).status).toBe(400);
    expect((await patch('/name', 'x', 87)).status).toBe(406);
    expect((await patch('/node_uuid', await enrol())).status).toBe(200);
    expect((await patch('/node_uuid', await enrol({ owner: 'p9' }))).status).toBe(400);
    expect((await api.del(`/v1/ports/${uuid}`)).status).toBe(204);
    expect(faultOf(await api.get(`/v1/ports/${uuid}`))).toBe(`Port ${uuid} could not be found.`);
  });

  it('in a group share its node and its network', async () => {
    const host = await enrol();
    const group = (await api.post('/v1/portgroups', { node_uuid: host, standalone_ports_supported: false })).json<Doc>()
      .uuid;
    expect(faultOf(await api.post('/v1/ports', { node_uuid: node, address: mac(), portgroup_uuid: group }))).toMatch(
      /different node/,
    );
    expect(
      (await api.post('/v1/ports', { node_uuid: host, address: mac(), portgroup_uuid: group, pxe_enabled: true }))
        .status,
    ).toBe(409);
    await create({ node_uuid: host, portgroup_uuid: group, pxe_enabled: false, physical_network: 'net1' });
    const other = await api.post('/v1/ports', {
      node_uuid: host,
      address: mac(),
      portgroup_uuid: group,
      pxe_enabled: false,
      physical_network: 'net2',
    });
    expect(other.status, other.text).toBe(409);
    const list = (await api.get(`/v1/portgroups/${group}/ports`)).json<{ ports: Doc[] }>().ports;
    expect(list).toHaveLength(1);
    expect((await api.get(`/v1/ports?portgroup=${group}`)).json<{ ports: Doc[] }>().ports).toEqual(list);
    const pull = [{ op: 'replace', path: '/physical_network', value: 'net3' }];
    expect((await api.patch(`/v1/ports/${list[0]?.uuid}`, pull)).status).toBe(400);
    expect((await api.patch(`/v1/ports/${list[0]?.uuid}`, pull, { version: 101 })).status).toBe(200);
  });

  it('are listed by node, address, shard and group of conductors', async () => {
    const host = await enrol({ shard: 'Rack1', conductor_group: 'west', name: 'listed' });
    const port = await create({ node_uuid: host, description: 'Uplink 50%' });
    const found = async (query: string, version = 115) => {
      const reply = await api.get(`/v1/ports?${query}`, { version });
      expect(reply.status, reply.text).toBe(200);
      return reply.json<{ ports: Doc[] }>().ports.map((one) => one.uuid);
    };
    for (const query of [
      `node=${host}`,
      'node=listed',
      `node_uuid=${host}`,
      `address=${port['address']}`,
      'shard=Rack1',
      'conductor_groups=west',
      'description_contains=50%25',
    ]) {
      expect(await found(query), query).toEqual([port.uuid]);
    }
    for (const url of [`/v1/nodes/${host}/ports`, '/v1/nodes/listed/ports', `/v1/nodes/${host}/ports/detail`]) {
      expect((await api.get(url)).json<{ ports: Doc[] }>().ports.map((one) => one.uuid)).toEqual([port.uuid]);
    }
    expect((await api.get('/v1/ports?shard=a&node=listed')).status).toBe(403);
    expect((await api.get('/v1/ports?conductor_groups=west&node=listed')).status).toBe(400);
    expect((await api.get('/v1/ports?node=nobody')).status).toBe(404);
    expect((await api.get('/v1/ports?node=listed', { version: 4 })).status).toBe(406);
    expect((await api.get('/v1/ports?fields=name', { version: 87 })).status).toBe(406);
    const brief = (await api.get('/v1/ports?limit=1')).json<{ ports: Doc[]; next: string }>();
    expect(Object.keys(brief.ports[0] ?? {}).sort()).toEqual(['address', 'links', 'uuid']);
    expect(brief.next).toContain('limit=1&');
  });

  it('are seen by those who see the node', async () => {
    const host = await enrol({ owner: 'p1', lessee: 'p2' });
    const { uuid } = await create({ node_uuid: host });
    const status = async (persona: `${string}:reader` | `${string}:member`) =>
      (await api.get(`/v1/ports/${uuid}`, { as: persona })).status;
    expect([await status('p1:reader'), await status('p3:reader')]).toEqual([200, 404]);
    const mine = (await api.get('/v1/ports', { as: 'p1:reader' })).json<{ ports: Doc[] }>().ports;
    expect(mine.map((port) => port.uuid)).toEqual([uuid]);
    expect((await api.post('/v1/ports', { node_uuid: host, address: mac() }, { as: 'p3:admin' })).status).toBe(400);
    expect((await api.post('/v1/ports', { node_uuid: host, address: mac() }, { as: 'p1:reader' })).status).toBe(403);
  });
});
