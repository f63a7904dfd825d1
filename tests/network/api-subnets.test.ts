import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';

let cloud: NetworkCloud;
let network: Json;
const make = async (who: string, more: Json): Promise<Json> =>
  (await cloud.want(201, who, 'POST', '/subnets', { subnet: { network_id: network.id, ip_version: 4, ...more } }))
    .subnet;
const refused = async (status: number, type: string, who: string, method: string, path: string, body?: unknown) => {
  const { NeutronError } = await cloud.want(status, who, method, path, body);
  expect(NeutronError.type).toBe(type);
};

beforeAll(async () => {
  cloud = await openNetworkCloud();
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
  network = (await cloud.want(201, 'one', 'POST', '/networks', { network: { name: 'n' } })).network;
}, 120_000);
afterAll(() => cloud.close());

describe('subnets', () => {
  it('get a gateway, and pools of the rest', async () => {
    const subnet = await make('one', {
      cidr: '10.0.0.0/24',
      dns_nameservers: ['9.9.9.9', '1.1.1.1'],
      host_routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.7' }],
    });
    expect(subnet).toMatchObject({
      cidr: '10.0.0.0/24',
      gateway_ip: '10.0.0.1',
      allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
      dns_nameservers: ['9.9.9.9', '1.1.1.1'],
      host_routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.0.7' }],
      enable_dhcp: true,
      project_id: cloud.projects['one'],
      ipv6_ra_mode: null,
      service_types: [],
      shared: false,
    });
    const shown = (await cloud.want(200, 'one', 'GET', `/networks/${network.id}`)).network;
    expect(shown).toMatchObject({ subnets: [subnet.id], revision_number: 1 });
    const at = `/subnets/${subnet.id}`;
    await refused(404, 'SubnetNotFound', 'two', 'GET', at);
    const middle = { gateway_ip: '10.0.0.100', allocation_pools: [{ start: '10.0.0.101', end: '10.0.0.120' }] };
    expect((await cloud.want(200, 'one', 'PUT', at, { subnet: middle })).subnet).toMatchObject(middle);
    await refused(409, 'GatewayConflictWithAllocationPools', 'one', 'PUT', at, {
      subnet: { gateway_ip: '10.0.0.110' },
    });
    expect((await cloud.want(200, 'one', 'PUT', at, { subnet: { gateway_ip: null } })).subnet.gateway_ip).toBeNull();
    await refused(403, 'PolicyNotAuthorized', 'one-reader', 'DELETE', at);
    expect(
      (await cloud.want(200, 'one', 'GET', `/subnets?network_id=${network.id}&ip_version=4`)).subnets,
    ).toHaveLength(1);
    expect((await cloud.want(200, 'one', 'GET', '/subnets?cidr=10.0.0.0/24&gateway_ip=')).subnets).toHaveLength(1);
    await cloud.want(204, 'one', 'DELETE', at);
  });

  it('refuse what cannot be', async () => {
    await make('one', { cidr: '10.1.0.0/24' });
    const wrong: [number, string, Json][] = [
      [400, 'InvalidInput', { cidr: '10.1.0.128/25' }],
      [400, 'InvalidInput', { cidr: '10.2.0.5/24' }],
      [400, 'InvalidInput', { cidr: 'ten' }],
      [400, 'InvalidInput', { cidr: '224.0.0.0/24' }],
      [400, 'InvalidInput', { cidr: '2001:db8::/64' }],
      [400, 'InvalidInput', { cidr: '10.2.0.0/24', gateway_ip: '10.2.0.0' }],
      [400, 'InvalidInput', { cidr: '10.2.0.0/24', dns_nameservers: ['here'] }],
      [400, 'InvalidInput', { cidr: '10.2.0.0/24', host_routes: [{ destination: '::/0', nexthop: '10.2.0.1' }] }],
      [400, 'InvalidInput', { cidr: '10.2.0.0/24', ipv6_ra_mode: 'slaac' }],
      [
        400,
        'OutOfBoundsAllocationPool',
        { cidr: '10.2.0.0/24', allocation_pools: [{ start: '10.2.0.9', end: '10.2.1.9' }] },
      ],
      [
        400,
        'InvalidAllocationPool',
        { cidr: '10.2.0.0/24', allocation_pools: [{ start: '10.2.0.9', end: '10.2.0.8' }] },
      ],
      [
        409,
        'OverlappingAllocationPools',
        {
          cidr: '10.2.0.0/24',
          allocation_pools: [
            { start: '10.2.0.2', end: '10.2.0.9' },
            { start: '10.2.0.9', end: '10.2.0.20' },
          ],
        },
      ],
      [400, 'HTTPBadRequest', {}],
      [400, 'InvalidInput', { ip_version: 6, cidr: '2001:db8::/80', ipv6_address_mode: 'slaac' }],
      [
        404,
        'NetworkNotFound',
        { cidr: '10.2.0.0/24', network_id: cloud.projects['one']?.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') },
      ],
    ];
    for (const [status, type, more] of wrong) {
      const subnet = { network_id: network.id, ip_version: 4, ...more };
      await refused(status, type, 'one', 'POST', '/subnets', { subnet });
    }
    await refused(404, 'NetworkNotFound', 'two', 'POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr: '10.2.0.0/24' },
    });
  });

  it('come from pools, next to one another, and go back', async () => {
    const scope = (
      await cloud.want(201, 'one', 'POST', '/address-scopes', { address_scope: { name: 's', ip_version: 4 } })
    ).address_scope;
    const pool = (
      await cloud.want(201, 'one', 'POST', '/subnetpools', {
        subnetpool: {
          prefixes: ['10.50.0.0/22'],
          default_prefixlen: 24,
          default_quota: 768,
          address_scope_id: scope.id,
        },
      })
    ).subnetpool;
    expect(pool).toMatchObject({
      ip_version: 4,
      min_prefixlen: 8,
      max_prefixlen: 32,
      default_quota: 768,
      shared: false,
    });
    const of = (more: Json = {}) => make('one', { subnetpool_id: pool.id, ...more });
    const [a, b] = [await of(), await of({ prefixlen: 26 })];
    expect([a.cidr, b.cidr]).toEqual(['10.50.0.0/24', '10.50.1.0/26']);
    const c = await of();
    expect(c.cidr).toBe('10.50.2.0/24');
    await cloud.want(204, 'one', 'DELETE', `/subnets/${a.id}`);
    expect((await of({ cidr: '10.50.0.128/25' })).cidr).toBe('10.50.0.128/25');
    expect((await of({ prefixlen: 25 })).cidr).toBe('10.50.0.0/25');
    await refused(409, 'SubnetAllocationError', 'one', 'POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, subnetpool_id: pool.id, cidr: '10.50.0.64/26' },
    });
    await refused(409, 'SubnetPoolQuotaExceeded', 'one', 'POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, subnetpool_id: pool.id },
    });
    const at = `/subnetpools/${pool.id}`;
    await cloud.want(200, 'one', 'PUT', at, { subnetpool: { default_quota: null } });
    await refused(400, 'IllegalSubnetPoolPrefixUpdate', 'one', 'PUT', at, {
      subnetpool: { prefixes: ['10.50.0.0/23'] },
    });
    expect((await of()).cidr).toBe('10.50.3.0/24');
    await refused(409, 'SubnetAllocationError', 'one', 'POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, subnetpool_id: pool.id },
    });
    await refused(400, 'SubnetPoolDeleteError', 'one', 'DELETE', at);
    await refused(409, 'AddressScopeInUse', 'one', 'DELETE', `/address-scopes/${scope.id}`);
    await refused(409, 'AddressScopePrefixConflict', 'one', 'POST', '/subnetpools', {
      subnetpool: { prefixes: ['10.50.3.0/24'], address_scope_id: scope.id },
    });
    expect((await cloud.want(200, 'one', 'GET', `/networks/${network.id}`)).network.ipv4_address_scope).toBe(scope.id);
    await refused(404, 'SubnetPoolNotFound', 'two', 'GET', at);
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/subnetpools', {
      subnetpool: { prefixes: ['10.60.0.0/24'], shared: true },
    });
  });

  it('of shared networks are seen by all, and made by the owner of the network only', async () => {
    const shared = (await cloud.want(201, 'admin', 'POST', '/networks', { network: { shared: true } })).network;
    const body = { subnet: { network_id: shared.id, ip_version: 6, cidr: '2001:db8:1::/64' } };
    await refused(403, 'PolicyNotAuthorized', 'two', 'POST', '/subnets', body);
    const { subnet } = await cloud.want(201, 'admin', 'POST', '/subnets', body);
    expect(subnet.allocation_pools).toEqual([{ start: '2001:db8:1::2', end: '2001:db8:1:0:ffff:ffff:ffff:ffff' }]);
    expect((await cloud.want(200, 'two', 'GET', '/subnets')).subnets.map((one: Json) => one.id)).toEqual([subnet.id]);
    await refused(403, 'PolicyNotAuthorized', 'two', 'DELETE', `/subnets/${subnet.id}`);
    await cloud.want(204, 'admin', 'DELETE', `/networks/${shared.id}`);
    await refused(404, 'SubnetNotFound', 'admin', 'GET', `/subnets/${subnet.id}`);
  });
});
