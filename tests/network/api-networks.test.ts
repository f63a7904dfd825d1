import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';

// Networks, and with them what all resources share: filters, pages, tags, revisions, bulk, quotas, errors.

let cloud: NetworkCloud;
const make = async (who: string, network: Json = {}): Promise<Json> =>
  (await cloud.want(201, who, 'POST', '/networks', { network })).network;
const names = async (who: string, query: string): Promise<string[]> =>
  (await cloud.want(200, who, 'GET', `/networks${query}`)).networks.map((one: Json) => one.name);
const refused = async (status: number, type: string, who: string, method: string, path: string, body?: unknown) => {
  const { NeutronError } = await cloud.want(status, who, method, path, body);
  expect(NeutronError).toMatchObject({ type, detail: '' });
  return NeutronError.message as string;
};

beforeAll(async () => {
  cloud = await openNetworkCloud({
    physicalNetworks: new Map([['rack1', { mtu: 9000, vlans: [{ first: 100, last: 101 }] }]]),
    overlayIds: { first: 1, last: 1000 },
  });
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
}, 120_000);
afterAll(() => cloud.close());

describe('the Network API', () => {
  it('is in the catalog, and tells its version and what it can do', async () => {
    const root = await cloud.want(200, 'nobody', 'GET', '/network/');
    expect(root.versions).toEqual([
      { id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${cloud.url}/network/v2.0/` }] },
    ]);
    const { resources } = await cloud.want(200, 'nobody', 'GET', '/network/v2.0/');
    expect(resources[0]).toMatchObject({ name: 'network', collection: 'networks' });
    const { catalog } = await cloud.want(200, 'one', 'GET', '/identity/v3/auth/catalog');
    expect(catalog.find((one: Json) => one.type === 'network').endpoints[0].url).toMatch(/\/network$/);
    const { extensions } = await cloud.want(200, 'one', 'GET', '/extensions');
    expect(extensions.map((one: Json) => one.alias)).toContain('standard-attr-revisions');
    await cloud.want(200, 'one', 'GET', '/extensions/pagination');
    await refused(404, 'ExtensionNotFound', 'one', 'GET', '/extensions/perpetual-motion');
    expect((await cloud.want(401, 'nobody', 'GET', '/networks')).error.code).toBe(401);
    await refused(404, 'HTTPNotFound', 'one', 'GET', '/nets');
  });

  it('keeps a network for its project alone', async () => {
    const network = await make('one', { name: 'mine', description: 'first' });
    expect(network).toMatchObject({
      name: 'mine',
      description: 'first',
      admin_state_up: true,
      status: 'ACTIVE',
      shared: false,
      'router:external': false,
      subnets: [],
      mtu: 1442,
      port_security_enabled: true,
      availability_zone_hints: [],
      availability_zones: [],
      project_id: cloud.projects['one'],
      tenant_id: cloud.projects['one'],
      tags: [],
      revision_number: 0,
      qos_policy_id: null,
    });
    expect(network.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Object.keys(network).filter((key) => key.startsWith('provider:'))).toEqual([]);
    const seen = (await cloud.want(200, 'admin', 'GET', `/networks/${network.id}`)).network;
    expect(seen).toMatchObject({ 'provider:network_type': 'geneve', 'provider:physical_network': null });
    expect(seen['provider:segmentation_id']).toBeGreaterThan(0);
    await refused(404, 'NetworkNotFound', 'two', 'GET', `/networks/${network.id}`);
    await refused(404, 'NetworkNotFound', 'two', 'PUT', `/networks/${network.id}`, { network: { name: 'x' } });
    await refused(404, 'NetworkNotFound', 'two', 'DELETE', `/networks/${network.id}`);
    await refused(404, 'NetworkNotFound', 'one', 'GET', '/networks/mine');
    await refused(403, 'PolicyNotAuthorized', 'one-reader', 'PUT', `/networks/${network.id}`, { network: {} });
    await refused(403, 'PolicyNotAuthorized', 'one-reader', 'POST', '/networks', { network: {} });
    expect(await names('two', '')).toEqual([]);
    expect(await names('one-reader', '')).toEqual(['mine']);
    expect(await names('system', '')).toContain('mine');
    await cloud.want(204, 'one', 'DELETE', `/networks/${network.id}`);
    await refused(404, 'NetworkNotFound', 'one', 'GET', `/networks/${network.id}`);
  });

  it('refuses what a member may not say, unless it says what would be anyway', async () => {
    for (const [field, value] of [
      ['shared', true],
      ['router:external', true],
      ['provider:network_type', 'vlan'],
      ['project_id', cloud.projects['two']],
    ] as const) {
      await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/networks', { network: { [field]: value } });
    }
    const network = await make('one', { shared: false, 'router:external': false });
    const at = `/networks/${network.id}`;
    await refused(403, 'PolicyNotAuthorized', 'one', 'PUT', at, { network: { shared: true } });
    expect(await refused(400, 'HTTPBadRequest', 'one', 'PUT', at, { network: { colour: 'red' } })).toMatch(/colour/);
    await refused(400, 'HTTPBadRequest', 'one', 'PUT', at, { network: { mtu: 'many' } });
    await refused(400, 'HTTPBadRequest', 'one', 'POST', '/networks', {});
    await refused(400, 'HTTPBadRequest', 'one', 'POST', '/networks', { network: {}, networks: [{}] });
    await refused(400, 'InvalidInput', 'one', 'PUT', at, { network: { mtu: 9000 } });
    await refused(400, 'InvalidInput', 'one', 'PUT', at, { network: { dns_domain: 'no-dot' } });
    await refused(404, 'AvailabilityZoneNotFound', 'one', 'POST', '/networks', {
      network: { availability_zone_hints: ['nowhere'] },
    });
    await refused(400, 'HTTPBadRequest', 'one', 'GET', '/networks?colour=red');
    await refused(400, 'HTTPBadRequest', 'one', 'GET', '/networks?sort_key=tags');
    await cloud.want(204, 'one', 'DELETE', at);
  });

  it('makes several at once, or none', async () => {
    const { networks } = await cloud.want(201, 'two', 'POST', '/networks', {
      networks: [{ name: 'b' }, { name: 'a' }, { name: 'c' }],
    });
    expect(networks.map((one: Json) => one.name)).toEqual(['b', 'a', 'c']);
    await refused(400, 'InvalidInput', 'two', 'POST', '/networks', {
      networks: [{ name: 'd' }, { name: 'e', dns_domain: '-' }],
    });
    expect(await names('two', '?sort_key=name')).toEqual(['a', 'b', 'c']);
  });

  it('lists in pages, in any order, by any filter', async () => {
    expect(await names('two', '?name=a&name=c')).toEqual(['a', 'c']);
    expect(await names('two', '?name=a,b')).toEqual([]);
    expect(await names('two', '?id=nonsense')).toEqual([]);
    expect(await names('two', '?admin_state_up=False')).toEqual([]);
    expect(await names('two', '?shared=false&sort_key=name&sort_dir=desc')).toEqual(['c', 'b', 'a']);
    const found: string[] = [];
    let path: string | undefined = `${cloud.url}/network/v2.0/networks?limit=2&sort_key=name`;
    let previous: string | undefined;
    while (path !== undefined) {
      const page: Json = (await cloud.send('two', 'GET', path.slice(cloud.url.length))).json;
      found.push(...page.networks.map((one: Json) => one.name));
      const link = (rel: string) => page.networks_links?.find((one: Json) => one.rel === rel)?.href;
      path = link('next');
      previous = link('previous');
    }
    expect(found).toEqual(['a', 'b', 'c']);
    const back = (await cloud.send('two', 'GET', (previous as string).slice(cloud.url.length))).json;
    expect(back.networks.map((one: Json) => one.name)).toEqual(['a', 'b']);
    expect(back.networks_links.map((one: Json) => one.rel)).toEqual(['next']);
    const { networks } = await cloud.want(200, 'two', 'GET', '/networks?fields=name&fields=mtu&name=a');
    expect(networks).toEqual([{ name: 'a', mtu: 1442 }]);
    const [{ id }] = (await cloud.want(200, 'two', 'GET', '/networks?name=a')).networks;
    expect((await cloud.want(200, 'two', 'GET', `/networks/${id}?fields=id`)).network).toEqual({ id });
    await refused(
      404,
      'NetworkNotFound',
      'two',
      'GET',
      `/networks?limit=1&marker=00000000-0000-4000-8000-000000000000`,
    );
  });

  it('guards changes by revision, and tells the time of the last', async () => {
    const network = await make('one', { name: 'r' });
    const at = `/networks/${network.id}`;
    const changed = (await cloud.want(200, 'one', 'PUT', at, { network: { name: 'r2' } })).network;
    expect(changed).toMatchObject({ name: 'r2', revision_number: 1 });
    const match = (revision: string) =>
      cloud.send('one', 'PUT', at, { network: { name: 'r3' } }, { 'if-match': revision });
    expect((await match('revision_number=0')).status).toBe(412);
    expect((await match('revision_number=one')).status).toBe(400);
    expect((await match('revision_number=1')).json.network).toMatchObject({ name: 'r3', revision_number: 2 });
    expect((await cloud.send('one', 'DELETE', at, undefined, { 'if-match': 'revision_number=1' })).status).toBe(412);
    await cloud.want(204, 'one', 'DELETE', at);
  });

  it('has tags', async () => {
    const network = await make('one', { name: 't' });
    const at = `/networks/${network.id}/tags`;
    expect(await cloud.want(200, 'one', 'PUT', at, { tags: ['red', 'blue'] })).toEqual({ tags: ['blue', 'red'] });
    await cloud.want(201, 'one', 'PUT', `${at}/green`);
    await cloud.want(204, 'one', 'GET', `${at}/green`);
    await cloud.want(204, 'one', 'DELETE', `${at}/red`);
    await refused(404, 'TagNotFound', 'one', 'DELETE', `${at}/red`);
    await refused(404, 'TagNotFound', 'one', 'GET', `${at}/red`);
    expect(await cloud.want(200, 'one', 'GET', at)).toEqual({ tags: ['blue', 'green'] });
    expect(await names('one', '?tags=blue,green')).toEqual(['t']);
    expect(await names('one', '?tags=blue,red')).toEqual([]);
    expect(await names('one', '?tags-any=blue,red')).toEqual(['t']);
    expect(await names('one', '?not-tags-any=blue')).toEqual([]);
    await refused(404, 'NetworkNotFound', 'two', 'PUT', `${at}/x`);
    await refused(403, 'PolicyNotAuthorized', 'one-reader', 'PUT', `${at}/x`);
    await cloud.want(204, 'one', 'DELETE', at);
    expect((await cloud.want(200, 'one', 'GET', `/networks/${network.id}`)).network.tags).toEqual([]);
    await cloud.want(204, 'one', 'DELETE', `/networks/${network.id}`);
  });

  it('gives VLANs and overlay numbers, and says when there are none', async () => {
    const vlan = { 'provider:network_type': 'vlan', 'provider:physical_network': 'rack1' };
    const made = [await make('admin', vlan), await make('admin', vlan)];
    expect(made.map((one) => one['provider:segmentation_id']).sort()).toEqual([100, 101]);
    expect(made[0].mtu).toBe(9000);
    await refused(503, 'NoNetworkAvailable', 'admin', 'POST', '/networks', { network: vlan });
    const taken = { ...vlan, 'provider:segmentation_id': 100 };
    await refused(409, 'VlanIdInUse', 'admin', 'POST', '/networks', { network: taken });
    const flat = { 'provider:network_type': 'flat', 'provider:physical_network': 'rack1' };
    made.push(await make('admin', flat));
    await refused(409, 'FlatNetworkInUse', 'admin', 'POST', '/networks', { network: flat });
    const tunnel = { 'provider:network_type': 'geneve', 'provider:segmentation_id': 5000 };
    made.push(await make('admin', tunnel));
    await refused(409, 'TunnelIdInUse', 'admin', 'POST', '/networks', { network: tunnel });
    for (const wrong of [
      { ...flat, 'provider:physical_network': 'rack9' },
      { ...vlan, 'provider:segmentation_id': 4095 },
      { ...tunnel, 'provider:physical_network': 'rack1' },
      { 'provider:physical_network': 'rack1' },
    ]) {
      await refused(400, 'InvalidInput', 'admin', 'POST', '/networks', { network: wrong });
    }
    const list = await names('admin', '?provider:network_type=vlan&provider:segmentation_id=101');
    expect(list).toHaveLength(1);
    for (const { id } of made) await cloud.want(204, 'admin', 'DELETE', `/networks/${id}`);
    const several = await make('admin', {
      segments: [{ ...vlan, 'provider:segmentation_id': 300 }, { 'provider:network_type': 'geneve' }],
    });
    expect(several['provider:network_type']).toBeNull();
    expect(several.segments).toMatchObject([
      { 'provider:segmentation_id': 300 },
      { 'provider:network_type': 'geneve' },
    ]);
    await cloud.want(204, 'admin', 'DELETE', `/networks/${several.id}`);
  });

  it('shows shared and external networks to all, and takes them back', async () => {
    const shared = await make('admin', { name: 'shared', shared: true });
    const external = await make('admin', { name: 'outside', 'router:external': true, is_default: true });
    expect(await names('two', '?shared=True')).toEqual(['shared']);
    expect(await names('two', '?router:external=True')).toEqual(['outside']);
    await refused(403, 'PolicyNotAuthorized', 'two', 'DELETE', `/networks/${shared.id}`);
    await refused(409, 'DefaultExternalNetworkExists', 'admin', 'POST', '/networks', {
      network: { 'router:external': true, is_default: true },
    });
    await cloud.want(200, 'admin', 'PUT', `/networks/${shared.id}`, { network: { shared: false } });
    await cloud.want(200, 'admin', 'PUT', `/networks/${external.id}`, { network: { 'router:external': false } });
    await refused(404, 'NetworkNotFound', 'two', 'GET', `/networks/${shared.id}`);
    await refused(404, 'NetworkNotFound', 'two', 'GET', `/networks/${external.id}`);
    for (const { id } of [shared, external]) await cloud.want(204, 'admin', 'DELETE', `/networks/${id}`);
  });

  it('holds projects to their quotas', async () => {
    const two = cloud.projects['two'];
    await refused(403, 'PolicyNotAuthorized', 'two', 'PUT', `/quotas/${two}`, { quota: { network: 4 } });
    await refused(403, 'PolicyNotAuthorized', 'two', 'GET', `/quotas/${cloud.projects['one']}`);
    await refused(400, 'HTTPBadRequest', 'admin', 'PUT', `/quotas/${two}`, { quota: { moons: 4 } });
    const { quota } = await cloud.want(200, 'admin', 'PUT', `/quotas/${two}`, { quota: { network: 4 } });
    expect(quota.network).toBe(4);
    expect((await cloud.want(200, 'two', 'GET', `/quotas/${two}/details.json`)).quota.network).toEqual({
      limit: 4,
      used: 3,
      reserved: 0,
    });
    const tries = await Promise.all([1, 2, 3, 4, 5].map(() => cloud.send('two', 'POST', '/networks', { network: {} })));
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect((await cloud.want(200, 'admin', 'GET', '/quotas')).quotas).toMatchObject([{ project_id: two, network: 4 }]);
    await cloud.want(204, 'admin', 'DELETE', `/quotas/${two}`);
    expect((await cloud.want(200, 'two', 'GET', `/quotas/${two}`)).quota.network).toBe(100);
    expect((await cloud.want(200, 'two', 'GET', `/quotas/${two}/default`)).quota.network).toBe(100);
  });
});
