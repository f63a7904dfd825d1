import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODES } from '#baremetal/api/versions/nodes';
import { isSortable, sinceOf } from '#baremetal/api/versions/resource';
import { type ApiHarness, faultOf, openApi } from './harness.ts';

let api: ApiHarness;
type Doc = Record<string, unknown> & { uuid: string };

const pick = <T>(i: number, of: readonly T[]): T => of[i % of.length] as T;

/** Nodes of every sort, straight into the table. */
async function seed(): Promise<void> {
  await api.test.store.query({ text: "insert into chassis (uuid) values ('c0000000-0000-4000-8000-000000000001')" });
  const columns = Object.keys(NODES.fields).filter((name) => name.endsWith('_interface'));
  for (let i = 0; i < 60; i++) {
    const values: Record<string, unknown> = {
      uuid: `${((i * 7919) % 65536).toString(16).padStart(4, '0')}0000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      name: i % 3 === 0 ? null : `n${(i * 37) % 60}`,
      driver: pick(i, ['fake-hardware', 'redfish', 'fake-hardware']),
      ...Object.fromEntries(columns.map((name) => [name, 'fake'])),
      provision_state: pick(i, ['enroll', 'available', 'active', 'inspect wait', 'manageable']),
      power_state: pick(i, [null, 'power on', 'power off']),
      maintenance: i % 4 === 0,
      retired: i % 5 === 0,
      fault: i % 8 === 0 ? 'power failure' : null,
      resource_class: pick(i, ['gold', 'silver', null]),
      conductor_group: pick(i, ['', 'west', '']),
      owner: pick(i, [null, 'p1', 'p2']),
      lessee: pick(i, [null, null, 'p1', 'p3']),
      shard: pick(i, [null, 's1', 'S2', 's3']),
      description: pick(i, [null, 'has 50% left', 'Rack_7', 'rackX7']),
      instance_uuid: i % 6 === 1 ? `1${String(i).padStart(7, '0')}-0000-4000-8000-000000000000` : null,
      instance_name: i % 6 === 1 ? `vm-${i}` : null,
      chassis_uuid: i % 7 === 0 ? 'c0000000-0000-4000-8000-000000000001' : null,
      traits: pick(i, [[], ['CUSTOM_A'], ['CUSTOM_A', 'HW_CPU_X86_VMX']]),
      extra: JSON.stringify({ i, text: '"quoted" \\ é\n' }),
      last_error: i % 9 === 0 ? 'it "broke"\n' : null,
    };
    const names = Object.keys(values);
    await api.test.store.query({
      text: `insert into nodes (${names.join(',')}) values (${names.map((_, k) => `$${k + 1}`).join(',')})`,
      values: Object.values(values),
    });
  }
  // Children of the first two nodes.
  await api.test.store.query({
    text: 'update nodes set parent_node = (select uuid from nodes where seq = 1) where seq in (50, 51, 52)',
  });
}

beforeAll(async () => {
  api = await openApi({ maxLimit: 1000 });
  await seed();
});
afterAll(() => api.close());

const ok = async (url: string, options = {}): Promise<{ nodes: Doc[]; next?: string }> => {
  const reply = await api.get(url, options);
  expect(reply.status, reply.text).toBe(200);
  return reply.json();
};

/** Follows the links to the end. */
async function all(url: string, options = {}): Promise<Doc[]> {
  const found: Doc[] = [];
  let next: string | undefined = url;
  while (next !== undefined) {
    const page: { nodes: Doc[]; next?: string } = await ok(next.replace('http://localhost:6385', ''), options);
    found.push(...page.nodes);
    next = page.next;
  }
  return found;
}

const everything = () => all('/v1/nodes?detail=true&include_children=true');

describe('a list', () => {
  it('shows the brief fields of its version', async () => {
    const brief = ['uuid', 'power_state', 'provision_state', 'maintenance', 'instance_uuid', 'links'];
    expect(Object.keys((await ok('/v1/nodes?limit=1', { version: 4 })).nodes[0] ?? {}).sort()).toEqual(
      [...brief].sort(),
    );
    expect(Object.keys((await ok('/v1/nodes?limit=1', { version: 5 })).nodes[0] ?? {}).sort()).toEqual(
      [...brief, 'name'].sort(),
    );
  });

  it('shows at each version exactly the fields of that version', async () => {
    const { uuid } = (await ok('/v1/nodes?limit=1')).nodes[0] as Doc;
    for (let version = 1; version <= 115; version++) {
      const known = Object.entries(NODES.fields)
        .filter(([, spec]) => sinceOf(spec) <= version)
        .map(([name]) => name);
      const links = [
        'links',
        'ports',
        ...(version >= 14 ? ['states'] : []),
        ...(version >= 24 ? ['portgroups'] : []),
        ...(version >= 32 ? ['volume'] : []),
      ];
      const node = (await api.get(`/v1/nodes/${uuid}`, { version })).json<Doc>();
      expect(Object.keys(node).sort()).toEqual([...known, ...links].sort());
      const detail = (await ok('/v1/nodes/detail?limit=1', { version })).nodes[0];
      expect(detail).toEqual(node);
    }
  });

  it('leaves children out unless asked for', async () => {
    const whole = await everything();
    expect(whole).toHaveLength(60);
    const parents = await all('/v1/nodes?detail=true');
    expect(parents).toEqual(whole.filter((node) => node['parent_node'] === null));
    const first = whole[0]?.uuid;
    expect(await all(`/v1/nodes?detail=true&parent_node=${first}`)).toEqual(
      whole.filter((node) => node['parent_node'] === first),
    );
  });

  it('has a next link on each full page, the last one too, that keeps all filters', async () => {
    const { next } = await ok(
      '/v1/nodes?limit=2&maintenance=false&resource_class=gold&sort_key=name&sort_dir=desc&fields=uuid,name',
    );
    const args = Object.fromEntries(new URL(next ?? '').searchParams);
    expect(args).toMatchObject({
      limit: '2',
      maintenance: 'false',
      resource_class: 'gold',
      sort_key: 'name',
      sort_dir: 'desc',
      fields: 'uuid,name',
    });
    const found = await all('/v1/nodes?limit=60&include_children=true');
    expect(found).toHaveLength(60);
  });

  const FILTERS: Record<string, (node: Doc, value: string) => boolean> = {
    chassis_uuid: (n, v) => n['chassis_uuid'] === v,
    instance_uuid: (n, v) => n['instance_uuid'] === v,
    associated: (n, v) => (n['instance_uuid'] !== null) === (v === 'true'),
    maintenance: (n, v) => n['maintenance'] === (v === 'true'),
    provision_state: (n, v) => n['provision_state'] === v,
    driver: (n, v) => n['driver'] === v,
    resource_class: (n, v) => n['resource_class'] === v,
    fault: (n, v) => n['fault'] === v,
    conductor_group: (n, v) => n['conductor_group'] === v,
    conductor: (n, v) => n['conductor'] === v,
    owner: (n, v) => n['owner'] === v,
    description_contains: (n, v) =>
      String(n['description'] ?? '')
        .toLowerCase()
        .includes(v.toLowerCase()),
    retired: (n, v) => n['retired'] === (v === 'true'),
    lessee: (n, v) => n['lessee'] === v,
    project: (n, v) => n['lessee'] === v || n['owner'] === v,
    shard: (n, v) => v.split(',').includes(String(n['shard'])),
    sharded: (n, v) => (n['shard'] !== null) === (v === 'true'),
    parent_node: (n, v) => n['parent_node'] === v,
    instance_name: (n, v) => n['instance_name'] === v,
  };
  const VALUES: Record<string, string[]> = {
    chassis_uuid: ['c0000000-0000-4000-8000-000000000001'],
    instance_uuid: ['10000007-0000-4000-8000-000000000000'],
    provision_state: ['enroll', 'active', 'inspect wait'],
    driver: ['fake-hardware', 'redfish', 'none'],
    resource_class: ['gold', 'silver', 'none'],
    fault: ['power failure', 'clean failure'],
    conductor_group: ['', 'west', 'none'],
    conductor: ['conductor-1', 'conductor-2', 'conductor-3', 'none'],
    owner: ['p1', 'p2', 'p9'],
    description_contains: ['50%', 'rack_7', 'k', '%'],
    lessee: ['p1', 'p3'],
    project: ['p1', 'p2', 'p9'],
    shard: ['s1', 's1,S2', 'none'],
    parent_node: ['00000000-0000-4000-8000-000000000000', 'x'],
    instance_name: ['vm-7', 'vm-8'],
  };

  it('knows a filter for each of the table', () => {
    expect([...Object.keys(FILTERS), 'include_children'].sort()).toEqual(Object.keys(NODES.filters).sort());
  });

  it('with filters is the filtered list', async () => {
    const whole = await everything();
    const filter = fc
      .constantFrom(...Object.keys(FILTERS))
      .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...(VALUES[name] ?? ['true', 'false']))));
    const sort = fc.constantFrom(
      ...Object.entries(NODES.fields)
        .filter(([, spec]) => isSortable(spec))
        .map(([name]) => name),
      'id',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(filter, { selector: ([name]) => name, maxLength: 3 }),
        sort,
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 1, max: 30 }),
        async (filters, key, direction, limit) => {
          const args = new URLSearchParams([
            ...filters,
            ['sort_key', key],
            ['sort_dir', direction],
            ['limit', String(limit)],
          ]);
          if (!filters.some(([name]) => name === 'parent_node')) args.set('include_children', 'true');
          args.set('detail', 'true');
          const found = await all(`/v1/nodes?${args}`);
          const expected = whole.filter((node) => filters.every(([name, value]) => FILTERS[name]?.(node, value)));
          const byUuid = (a: Doc, b: Doc) => (a.uuid < b.uuid ? -1 : 1);
          const instance = filters.some(([name]) => name === 'instance_uuid');
          if (!instance || expected.length <= limit)
            expect([...found].sort(byUuid)).toEqual([...expected].sort(byUuid));
          const values = found.map((node) => node[key] ?? null).filter((value) => value !== null && key !== 'id') as (
            | string
            | boolean
          )[];
          const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
          expect(values).toEqual(direction === 'asc' ? sorted : sorted.reverse());
        },
      ),
      { numRuns: 80 },
    );
  });

  it('with fields shows the same values', async () => {
    const whole = new Map((await everything()).map((node) => [node.uuid, node]));
    await fc.assert(
      fc.asyncProperty(fc.subarray([...Object.keys(NODES.fields), 'links'], { minLength: 1 }), async (fields) => {
        const asked = [...new Set([...fields, 'uuid'])];
        for (const node of (await ok(`/v1/nodes?fields=${asked.join(',')}`)).nodes) {
          expect(Object.keys(node).sort()).toEqual([...new Set([...asked, 'links'])].sort());
          for (const [name, value] of Object.entries(node)) expect(value).toEqual(whole.get(node.uuid)?.[name]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['bogus=1', 115, 400, /Unexpected arguments: bogus/],
    ['limit=0', 115, 400, /Limit must be positive/],
    ['limit=-3', 115, 400, /Limit must be positive/],
    ['limit=x', 115, 400, /limit/],
    ['marker=x', 115, 400, /Expected UUID for marker: x/],
    ['marker=00000000-0000-4000-8000-00000000dead', 115, 404, /could not be found/],
    ['sort_key=extra', 115, 400, /invalid field for sorting/],
    ['sort_key=bogus', 115, 400, /invalid field for sorting/],
    ['sort_key=shard', 81, 406, /Request not acceptable/],
    ['sort_dir=up', 115, 400, /Invalid sort direction: up/],
    ['fields=bogus', 115, 400, /Field\(s\) "bogus" are not valid/],
    ['fields=shard', 81, 406, /Request not acceptable/],
    ['fields=uuid', 7, 406, /Request not acceptable/],
    ['fields=uuid&detail=true', 115, 400, /Can not specify/],
    ['detail=true', 42, 400, /Invalid query parameter \?detail=True received/],
    ['provision_state=x', 115, 400, /Provision state "x" is not valid/],
    ['provision_state=active', 8, 406, /Request not acceptable/],
    ['driver=x', 15, 406, /minimal required API version should be 1.16/],
    ['fault=x', 115, 400, /Unrecognized fault "x"/],
    ['maintenance=perhaps', 115, 400, /maintenance/],
    ['instance_uuid=x', 115, 400, /Expected UUID for instance_uuid: x/],
    ['chassis_uuid=00000000-0000-4000-8000-00000000dead', 115, 404, /Chassis/],
    ['shard=s1', 81, 406, /1.82/],
    ['limit=1&limit=2', 115, 400, /limit/],
  ])('refuses %s at 1.%i', async (query, version, status, text) => {
    const reply = await api.get(`/v1/nodes?${query}`, { version });
    expect(reply.status, reply.text).toBe(status);
    expect(faultOf(reply)).toMatch(text);
  });

  it('has no next link for one instance, and answers unversioned paths', async () => {
    const page = await ok('/nodes?limit=1&instance_uuid=10000007-0000-4000-8000-000000000000');
    expect(page.nodes).toHaveLength(1);
    expect(page.next).toBeUndefined();
  });
});
