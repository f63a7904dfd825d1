import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIVER_FIELDS } from '#baremetal/api/versions/drivers';
import { type ApiHarness, faultOf, openApi } from './harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
type Doc = Record<string, unknown>;

describe('discovery', () => {
  it('is open to everybody and tells the range', async () => {
    const root = (await api.get('/', { version: null })).json<{ default_version: Doc; versions: Doc[] }>();
    expect(root.default_version).toEqual({
      id: 'v1',
      links: [{ href: 'http://localhost:6385/v1/', rel: 'self' }],
      status: 'CURRENT',
      min_version: '1.1',
      version: '1.115',
    });
    expect(root.versions).toEqual([root.default_version]);
  });

  it.each([
    [1, ['chassis', 'drivers', 'nodes', 'ports']],
    [22, ['heartbeat', 'lookup']],
    [23, ['portgroups']],
    [32, ['volume']],
    [49, ['conductors']],
    [52, ['allocations']],
    [54, ['events']],
    [55, ['deploy_templates']],
    [82, ['shards']],
    [84, ['continue_inspection']],
    [92, ['runbooks']],
    [96, ['inspection_rules']],
  ])('links at 1.%i to %j, not before', async (version, names) => {
    const at = async (minor: number) => Object.keys((await api.get('/v1/', { version: minor })).json<Doc>());
    expect(await at(version)).toEqual(expect.arrayContaining(names));
    if (version > 1) for (const name of names) expect(await at(version - 1)).not.toContain(name);
  });
});

describe('drivers', () => {
  it('are listed with their hosts', async () => {
    const { drivers } = (await api.get('/v1/drivers', { version: 1 })).json<{ drivers: Doc[] }>();
    expect(drivers.map((driver) => [driver['name'], driver['hosts']])).toEqual([
      ['fake-hardware', ['conductor-1', 'conductor-2', 'conductor-3']],
      ['redfish', ['conductor-1', 'conductor-2', 'conductor-3']],
    ]);
    expect((await api.get('/v1/drivers?type=classic')).json()).toEqual({ drivers: [] });
    expect(Object.keys(drivers[0] ?? {}).sort()).toEqual(['hosts', 'links', 'name']);
  });

  it('show at each version the fields of that version', async () => {
    for (const version of [1, 13, 14, 29, 30, 32, 33, 37, 38, 39, 40, 85, 86, 115]) {
      const driver = (await api.get('/v1/drivers/fake-hardware', { version })).json<Doc>();
      const known = Object.entries(DRIVER_FIELDS).filter(([, spec]) => (spec.since ?? 1) <= version);
      expect(Object.keys(driver).sort()).toEqual([...known.map(([name]) => name), 'links'].sort());
    }
    const whole = (await api.get('/v1/drivers/fake-hardware')).json<Doc>();
    expect(whole).toMatchObject({
      type: 'dynamic',
      default_power_interface: 'fake',
      enabled_power_interfaces: ['fake', 'no-thing', 'noop'],
    });
    const detail = (await api.get('/v1/drivers?detail=true')).json<{ drivers: Doc[] }>().drivers[0];
    expect(detail).toEqual(whole);
    const some = (await api.get('/v1/drivers/redfish?fields=name,default_boot_interface')).json<Doc>();
    expect(some).toEqual({ name: 'redfish', default_boot_interface: 'redfish', links: expect.anything() });
  });

  it('tell their properties and run their functions', async () => {
    expect((await api.get('/v1/drivers/redfish/properties')).json()).toEqual({ redfish_address: expect.any(String) });
    expect((await api.get('/v1/drivers/fake-hardware/raid/logical_disk_properties')).json()).toEqual({
      size_gb: expect.any(String),
    });
    const url = '/v1/drivers/redfish/vendor_passthru';
    expect((await api.get(`${url}/methods`)).json()).toHaveProperty('ping');
    expect((await api.post(`${url}?method=ping`, { a: 1 })).json()).toBe('pong');
    expect(api.calls.at(-1)?.args.at(1)).toEqual({
      driver: 'redfish',
      method: 'ping',
      httpMethod: 'POST',
      data: { a: 1 },
    });
  });

  it.each([
    ['/v1/drivers/none', 115, 404, 'Could not find the following driver(s) or hardware type(s): none.'],
    ['/v1/drivers?detail=true', 29, 406, 'Request not acceptable. The minimal required API version should be 1.30'],
    ['/v1/drivers?type=odd', 115, 400, '"type" filter must be one of "classic" or "dynamic", if specified.'],
    ['/v1/drivers?fields=name', 76, 406, 'Request not acceptable.'],
    ['/v1/drivers?fields=odd', 115, 400, 'Field(s) "odd" are not valid'],
    ['/v1/drivers?fields=name&detail=true', 115, 400, 'Can not specify ?detail=True and fields in the same request.'],
    [
      '/v1/drivers/redfish/raid/logical_disk_properties',
      115,
      404,
      'Driver redfish does not support raid (disabled or not implemented).',
    ],
    ['/v1/drivers/redfish/vendor_passthru?method=none', 115, 400, 'No handler for method none'],
  ])('refuse %s at 1.%i', async (url, version, status, text) => {
    const reply = await api.get(url, { version });
    expect([reply.status, faultOf(reply)]).toEqual([status, text]);
  });

  it('are for the system only', async () => {
    expect((await api.get('/v1/drivers', { as: 'p1:admin' })).status).toBe(403);
    expect((await api.get('/v1/drivers', { as: 'system-reader' })).status).toBe(200);
  });
});

describe('conductors', () => {
  it('are listed by pages and shown', async () => {
    const first = (await api.get('/v1/conductors?limit=2')).json<{ conductors: Doc[]; next: string }>();
    expect(first.conductors.map((one) => one['hostname'])).toEqual(['conductor-1', 'conductor-2']);
    expect(Object.keys(first.conductors[0] ?? {}).sort()).toEqual(['alive', 'conductor_group', 'hostname', 'links']);
    const next = (await api.get(first.next.replace('http://localhost:6385', ''))).json<{ conductors: Doc[] }>();
    expect(next.conductors.map((one) => one['hostname'])).toEqual(['conductor-3']);
    const whole = (await api.get('/v1/conductors/conductor-3')).json<Doc>();
    expect(whole).toMatchObject({
      conductor_group: 'west',
      alive: true,
      drivers: ['fake-hardware', 'redfish'],
      created_at: '2023-11-14T22:13:20+00:00',
    });
    expect(
      (await api.get('/v1/conductors?detail=true&sort_key=hostname&sort_dir=desc')).json<{ conductors: Doc[] }>()
        .conductors[0],
    ).toEqual(whole);
  });

  it.each([
    ['/v1/conductors', 48, 404],
    ['/v1/conductors/none', 115, 404],
    ['/v1/conductors?sort_key=alive', 115, 400],
    ['/v1/conductors?fields=odd', 115, 400],
    ['/v1/conductors?marker=none', 115, 404],
    ['/v1/conductors?limit=0', 115, 400],
  ])('refuse %s at 1.%i', async (url, version, status) => {
    expect((await api.get(url, { version })).status).toBe(status);
  });
});
