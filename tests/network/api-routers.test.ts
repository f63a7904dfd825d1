import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';
import { put, putNetwork, putPort, putSubnet } from './truth.ts';

// Routers, floating IPs and forwarded ports, as tenants ask for them.

let cloud: NetworkCloud;
let outside: string;
let outer: string;
let serial = 0;

beforeAll(async () => {
  cloud = await openNetworkCloud();
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
  const { network } = await cloud.want(201, 'admin', 'POST', '/networks', {
    network: { name: 'outside', 'router:external': true },
  });
  outside = network.id;
  outer = await subnet('admin', outside, '192.0.2.0/24', { enable_dhcp: false }, 60);
}, 120_000);
afterAll(() => cloud.close());
beforeEach(() =>
  cloud.want(200, 'admin', 'PUT', `/quotas/${cloud.projects['one']}`, { quota: { router: -1, floatingip: -1 } }),
);

const projectOf = (who: string) => cloud.projects[who] ?? '';
const mac = () =>
  `fa:16:3e:77:${(++serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`;

async function subnet(who: string, network: string, cidr: string, more: Json = {}, last = 14): Promise<string> {
  const id = await putSubnet(cloud.store, network, cidr, { project_id: projectOf(who), ...more });
  const [base = ''] = cidr.split('/');
  const [first_ip, last_ip] = cidr.includes(':')
    ? [`${base}2`, `${base}ffff`]
    : [base.replace(/\d+$/, '10'), base.replace(/\d+$/, String(last))];
  await put(cloud.store, 'net_allocation_pools', { subnet_id: id, first_ip, last_ip });
  return id;
}
const net = (who: string) =>
  putNetwork(cloud.store, { project: projectOf(who), segment: { type: 'geneve', id: ++serial + 5000 } });
const port = (who: string, network: string, ips: { subnet: string; ip: string }[], more: Json = {}) =>
  putPort(cloud.store, network, { mac: mac(), ips, more: { project_id: projectOf(who), ...more } });
const refused = async (status: number, type: string, who: string, method: string, path: string, body?: unknown) => {
  const { NeutronError } = await cloud.want(status, who, method, path, body);
  expect(NeutronError.type).toBe(type);
  return NeutronError.message as string;
};
const router = async (who: string, wish: Json = {}): Promise<Json> =>
  (await cloud.want(201, who, 'POST', '/routers', { router: wish })).router;
const add = (who: string, id: string, body: Json, status = 200): Promise<Json> =>
  cloud.want(status, who, 'PUT', `/routers/${id}/add_router_interface`, body);
const remove = (who: string, id: string, body: Json, status = 200): Promise<Json> =>
  cloud.want(status, who, 'PUT', `/routers/${id}/remove_router_interface`, body);

/** A tenant's network with a router to the outside, and a machine's port. */
async function world(who = 'one', cidr = '10.0.0.0/24') {
  const network = await net(who);
  const inner = await subnet(who, network, cidr);
  const made = await router(who, { external_gateway_info: { network_id: outside } });
  await add(who, made.id, { subnet_id: inner });
  const host = cidr.replace('0/24', '30');
  return {
    network,
    inner,
    router: made.id as string,
    port: await port(who, network, [{ subnet: inner, ip: host }]),
    host,
  };
}

describe('routers', () => {
  it('come with a way out, and tell where', async () => {
    const made = await router('one', { name: 'r', external_gateway_info: { network_id: outside } });
    expect(made).toMatchObject({
      name: 'r',
      status: 'ACTIVE',
      admin_state_up: true,
      routes: [],
      availability_zone_hints: [],
      availability_zones: [],
      project_id: projectOf('one'),
      external_gateway_info: { network_id: outside, enable_snat: true },
    });
    const [address] = made.external_gateway_info.external_fixed_ips;
    expect(address).toMatchObject({ subnet_id: outer, ip_address: expect.stringMatching(/^192\.0\.2\.[1-6]\d$/) });
    // The tenant is not told of what is the operator's to set, and does not see the provider's port.
    expect(made).not.toHaveProperty('distributed');
    const { routers } = await cloud.want(200, 'one-reader', 'GET', '/routers?name=r');
    expect(routers).toHaveLength(1);
    expect((await cloud.want(200, 'two', 'GET', '/routers')).routers).toEqual([]);
    await refused(404, 'RouterNotFound', 'two', 'GET', `/routers/${made.id}`);
    await cloud.want(204, 'one', 'DELETE', `/routers/${made.id}`);
    const left = await cloud.store.query({
      text: 'select from net_fixed_ips where ip = $1',
      values: [address.ip_address],
    });
    expect(left).toEqual([]);
  });

  it('leave what runs the outside to its operators', async () => {
    const gateway = { network_id: outside };
    for (const more of [{ enable_snat: false }, { external_fixed_ips: [{ ip_address: '192.0.2.11' }] }]) {
      await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/routers', {
        router: { external_gateway_info: { ...gateway, ...more } },
      });
    }
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/routers', { router: { distributed: true } });
    const fixed = [{ subnet_id: outer, ip_address: '192.0.2.77' }];
    const made = await router('admin', {
      external_gateway_info: { ...gateway, enable_snat: false, external_fixed_ips: fixed },
    });
    expect(made.external_gateway_info).toEqual({ network_id: outside, enable_snat: false, external_fixed_ips: fixed });
    await refused(409, 'IpAddressAlreadyAllocated', 'admin', 'POST', '/routers', {
      router: { external_gateway_info: { ...gateway, external_fixed_ips: fixed } },
    });
    await refused(400, 'HTTPBadRequest', 'admin', 'POST', '/routers', {
      router: { external_gateway_info: { ...gateway, external_fixed_ips: [{ ip_address: '10.0.0.1' }] } },
    });
    // Another address, then none at all.
    const change = (info: Json) =>
      cloud.want(200, 'admin', 'PUT', `/routers/${made.id}`, { router: { external_gateway_info: info } });
    const moved = (await change({ ...gateway, external_fixed_ips: [{ ip_address: '192.0.2.78' }] })).router;
    expect(moved.external_gateway_info).toMatchObject({
      enable_snat: true,
      external_fixed_ips: [{ ip_address: '192.0.2.78' }],
    });
    expect((await change({})).router.external_gateway_info).toBeNull();
    await cloud.want(204, 'admin', 'DELETE', `/routers/${made.id}`);
  });

  it('lead to external networks the project sees only', async () => {
    const own = await net('one');
    const gateway = (network: string) => ({ router: { external_gateway_info: { network_id: network } } });
    await refused(400, 'HTTPBadRequest', 'one', 'POST', '/routers', gateway(own));
    await refused(404, 'NetworkNotFound', 'two', 'POST', '/routers', gateway(own));
    const { network } = await cloud.want(201, 'admin', 'POST', '/networks', { network: { 'router:external': true } });
    await refused(400, 'HTTPBadRequest', 'one', 'POST', '/routers', gateway(network.id));
  });

  it('have legs at the gateway address of subnets', async () => {
    const network = await net('one');
    const inner = await subnet('one', network, '10.0.0.0/24');
    const { id } = await router('one');
    const answer = await add('one', id, { subnet_id: inner });
    expect(answer).toEqual({
      id,
      tenant_id: projectOf('one'),
      project_id: projectOf('one'),
      port_id: expect.any(String),
      network_id: network,
      subnet_id: inner,
      subnet_ids: [inner],
    });
    const [leg] = await cloud.store.query({
      text: `select p.device_owner, p.device_id, p.project_id, host(f.ip) as ip from net_ports p join net_fixed_ips f on f.port_id = p.id
              where p.id = $1`,
      values: [answer.port_id],
    });
    expect(leg).toEqual({
      device_owner: 'network:router_interface',
      device_id: id,
      project_id: projectOf('one'),
      ip: '10.0.0.1',
    });
    expect((await add('one', id, { subnet_id: inner }, 400)).NeutronError.message).toContain('already has a port');
    const overlaps = await subnet('one', await net('one'), '10.0.0.128/25', { gateway_ip: '10.0.0.129' });
    expect((await add('one', id, { subnet_id: overlaps }, 400)).NeutronError.message).toContain('overlaps');
    const none = await subnet('one', await net('one'), '10.3.0.0/24', { gateway_ip: null });
    expect((await add('one', id, { subnet_id: none }, 400)).NeutronError.message).toContain('gateway IP');
    await add('one', id, {}, 400);
    await add('one', id, { subnet_id: inner, port_id: answer.port_id }, 400);
    await refused(404, 'SubnetNotFound', 'one', 'PUT', `/routers/${id}/add_router_interface`, {
      subnet_id: await subnet('two', await net('two'), '10.4.0.0/24'),
    });
    expect((await cloud.want(409, 'one', 'DELETE', `/routers/${id}`)).NeutronError.type).toBe('RouterInUse');
    expect(await remove('one', id, { subnet_id: inner })).toEqual(answer);
    await refused(404, 'RouterInterfaceNotFoundForSubnet', 'one', 'PUT', `/routers/${id}/remove_router_interface`, {
      subnet_id: inner,
    });
    await cloud.want(204, 'one', 'DELETE', `/routers/${id}`);
  });

  it('take ports as legs, and give their addresses back with them', async () => {
    const network = await net('one');
    const inner = await subnet('one', network, '10.0.0.0/24');
    const leg = await port('one', network, [{ subnet: inner, ip: '10.0.0.9' }]);
    const { id, revision_number: before } = await router('one');
    expect(await add('one', id, { port_id: leg })).toMatchObject({ port_id: leg, subnet_ids: [inner] });
    const { router: after } = await cloud.want(200, 'one', 'GET', `/routers/${id}`);
    expect(after.revision_number).toBe(before + 1);
    const other = await router('one');
    await refused(409, 'PortInUse', 'one', 'PUT', `/routers/${other.id}/add_router_interface`, { port_id: leg });
    await refused(404, 'PortNotFound', 'one', 'PUT', `/routers/${id}/add_router_interface`, {
      port_id: await port('two', await net('two'), []),
    });
    expect((await add('one', id, { port_id: await port('one', network, []) }, 400)).NeutronError.message).toContain(
      'fixed IP',
    );
    await refused(404, 'RouterInterfaceNotFound', 'one', 'PUT', `/routers/${other.id}/remove_router_interface`, {
      port_id: leg,
    });
    await refused(409, 'SubnetMismatchForPort', 'one', 'PUT', `/routers/${id}/remove_router_interface`, {
      port_id: leg,
      subnet_id: outer,
    });
    await remove('one', id, { port_id: leg });
    expect(await cloud.store.query({ text: 'select from net_ports where id = $1', values: [leg] })).toEqual([]);
  });

  it('join prefixes of IPv6 at one port, and give them back one by one', async () => {
    const network = await net('one');
    const modes = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
    const first = await subnet('one', network, 'fd00:1::/64', modes);
    const second = await subnet('one', network, 'fd00:2::/64', modes);
    const { id } = await router('one');
    const one = await add('one', id, { subnet_id: first });
    const two = await add('one', id, { subnet_id: second });
    expect(two.port_id).toBe(one.port_id);
    await remove('one', id, { subnet_id: first });
    const rows = await cloud.store.query({
      text: 'select host(ip) as ip from net_fixed_ips where port_id = $1',
      values: [two.port_id],
    });
    expect(rows).toEqual([{ ip: 'fd00:2::1' }]);
    const strange = await subnet('one', network, 'fd00:3::/64', { ipv6_address_mode: 'slaac' });
    expect((await add('one', id, { subnet_id: strange }, 400)).NeutronError.message).toContain('external router');
  });

  it('keep routes to neighbours, and the legs these need', async () => {
    const { router: id, inner } = await world();
    const one = { destination: '10.9.0.0/16', nexthop: '10.0.0.9' };
    const two = { destination: '10.8.0.0/16', nexthop: '10.0.0.9' };
    const set = (routes: Json) => cloud.want(200, 'one', 'PUT', `/routers/${id}`, { router: { routes } });
    expect((await set([one])).router.routes).toEqual([one]);
    const extra = (verb: string, routes: Json) =>
      cloud.want(200, 'one', 'PUT', `/routers/${id}/${verb}_extraroutes`, { router: { routes } });
    expect((await extra('add', [one, two])).router.routes).toEqual([one, two]);
    expect((await extra('remove', [one])).router.routes).toEqual([two]);
    for (const nexthop of ['10.7.0.1', '10.0.0.1']) {
      await refused(400, 'InvalidRoutes', 'one', 'PUT', `/routers/${id}`, {
        router: { routes: [{ destination: '10.9.0.0/16', nexthop }] },
      });
    }
    const many = Array.from({ length: 31 }, (_, i) => ({ destination: `10.9.${i}.0/24`, nexthop: '10.0.0.9' }));
    await refused(400, 'RoutesExhausted', 'one', 'PUT', `/routers/${id}`, { router: { routes: many } });
    await refused(409, 'RouterInterfaceInUseByRoute', 'one', 'PUT', `/routers/${id}/remove_router_interface`, {
      subnet_id: inner,
    });
    await set(null);
    await remove('one', id, { subnet_id: inner });
  });
});

describe('floating IPs', () => {
  const fip = async (who: string, wish: Json = {}): Promise<Json> =>
    (await cloud.want(201, who, 'POST', '/floatingips', { floatingip: { floating_network_id: outside, ...wish } }))
      .floatingip;
  const change = async (id: string, wish: Json): Promise<Json> =>
    (await cloud.want(200, 'one', 'PUT', `/floatingips/${id}`, { floatingip: wish })).floatingip;
  const gone = (id: string) => cloud.want(204, 'one', 'DELETE', `/floatingips/${id}`);

  it('are taken, led to a port, led away and given back', async () => {
    const { port: target, router: way, inner } = await world();
    const made = await fip('one', { description: 'web' });
    expect(made).toMatchObject({
      status: 'DOWN',
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
      port_details: null,
    });
    const led = await change(made.id, { port_id: target });
    expect(led).toMatchObject({
      status: 'ACTIVE',
      port_id: target,
      fixed_ip_address: '10.0.0.30',
      router_id: way,
      description: 'web',
      port_details: { device_owner: '', status: 'DOWN' },
    });
    const { floatingips } = await cloud.want(
      200,
      'one',
      'GET',
      `/floatingips?floating_ip_address=${made.floating_ip_address}&port_id=${target}`,
    );
    expect(floatingips).toHaveLength(1);
    // The router, its leg and its way out are needed now.
    await refused(409, 'RouterInterfaceInUseByFloatingIP', 'one', 'PUT', `/routers/${way}/remove_router_interface`, {
      subnet_id: inner,
    });
    await refused(409, 'RouterExternalGatewayInUseByFloatingIp', 'one', 'PUT', `/routers/${way}`, {
      router: { external_gateway_info: null },
    });
    // One fixed address has one.
    const second = await fip('one');
    await refused(409, 'FloatingIPPortAlreadyAssociated', 'one', 'PUT', `/floatingips/${second.id}`, {
      floatingip: { port_id: target },
    });
    expect(await change(made.id, { port_id: null })).toMatchObject({ status: 'DOWN', port_id: null, router_id: null });
    expect(await change(second.id, { port_id: target })).toMatchObject({ status: 'ACTIVE' });
    // Its port goes, or loses the address: it leads nowhere.
    await cloud.store.query({ text: 'delete from net_ports where id = $1', values: [target] });
    expect((await cloud.want(200, 'one', 'GET', `/floatingips/${second.id}`)).floatingip).toMatchObject({
      status: 'DOWN',
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
    });
    await gone(made.id);
    await gone(second.id);
    await refused(404, 'FloatingIPNotFound', 'one', 'GET', `/floatingips/${made.id}`);
    const left = await cloud.store.query({ text: `select from net_ports where device_owner = 'network:floatingip'` });
    expect(left).toEqual([]);
  });

  it('follow the address, not the row: written anew it stays, taken away it is led to no more', async () => {
    const { port: target, inner, host } = await world();
    const { id } = await fip('one', { port_id: target });
    const seen = async () => (await cloud.want(200, 'one', 'GET', `/floatingips/${id}`)).floatingip.fixed_ip_address;
    const rewrite = (ip: string) =>
      cloud.store.tx(async (tx) => {
        await tx.query({ text: 'delete from net_fixed_ips where port_id = $1', values: [target] });
        await put(tx, 'net_fixed_ips', { port_id: target, subnet_id: inner, ip });
      });
    await rewrite(host);
    expect(await seen()).toBe(host);
    await rewrite('10.0.0.31');
    expect(await seen()).toBeNull();
    await gone(id);
  });

  it('say why they cannot lead somewhere', async () => {
    const { network, inner, port: target } = await world();
    const bad = async (wish: Json) =>
      (await cloud.want(400, 'one', 'POST', '/floatingips', { floatingip: { floating_network_id: outside, ...wish } }))
        .NeutronError.message as string;
    expect(await bad({ floating_network_id: network })).toContain('not a valid external network');
    const two = [
      { subnet: inner, ip: '10.0.0.41' },
      { subnet: inner, ip: '10.0.0.42' },
    ];
    const double = await port('one', network, two);
    expect(await bad({ port_id: double })).toContain('multiple');
    expect(await bad({ port_id: double, fixed_ip_address: '10.0.0.43' })).toContain('does not have');
    expect(await bad({ fixed_ip_address: '10.0.0.43' })).toContain('without a port_id');
    expect(await bad({ port_id: await port('one', network, []) })).toContain('no fixed IPv4');
    expect(await bad({ port_id: await port('two', network, [{ subnet: inner, ip: '10.0.0.44' }]) })).toContain(
      'different project',
    );
    const led = await fip('one', { port_id: double, fixed_ip_address: '10.0.0.42' });
    expect(led.fixed_ip_address).toBe('10.0.0.42');
    const lonely = await net('one');
    const island = await port('one', lonely, [{ subnet: await subnet('one', lonely, '10.5.0.0/24'), ip: '10.5.0.9' }]);
    await refused(404, 'ExternalGatewayForFloatingIPNotFound', 'one', 'POST', '/floatingips', {
      floatingip: { floating_network_id: outside, port_id: island },
    });
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/floatingips', {
      floatingip: { floating_network_id: outside, floating_ip_address: '192.0.2.99' },
    });
    const chosen = await fip('admin', { floating_ip_address: '192.0.2.99', project_id: projectOf('one') });
    expect(chosen.floating_ip_address).toBe('192.0.2.99');
    await refused(409, 'IpAddressAlreadyAllocated', 'admin', 'POST', '/floatingips', {
      floatingip: { floating_network_id: outside, floating_ip_address: '192.0.2.99' },
    });
    expect(target).toBeDefined();
    await gone(chosen.id);
    await gone(led.id);
  });

  it('are at an end when the addresses are', async () => {
    const { network } = await cloud.want(201, 'admin', 'POST', '/networks', { network: { 'router:external': true } });
    await subnet('admin', network.id, '198.51.100.0/24', { enable_dhcp: false });
    const body = { floatingip: { floating_network_id: network.id } };
    // Five are in the pool; all are asked for at once, and more.
    const all = await Promise.all(Array.from({ length: 8 }, () => cloud.send('one', 'POST', '/floatingips', body)));
    expect(all.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 409, 409, 409]);
    const taken = all.filter(({ status }) => status === 201).map(({ json }) => json.floatingip.floating_ip_address);
    expect(new Set(taken).size).toBe(5);
  });

  it('forward their ports to several machines', async () => {
    const { network, inner, port: target, router: way } = await world();
    const { id } = await fip('one');
    const path = `/floatingips/${id}/port_forwardings`;
    const forward = (wish: Json, status = 201) => cloud.want(status, 'one', 'POST', path, { port_forwarding: wish });
    const web = { internal_port_id: target, internal_port: 80, external_port: 8080, protocol: 'tcp' };
    const { port_forwarding: made } = await forward({ ...web, description: 'web' });
    expect(made).toEqual({
      id: expect.any(String),
      internal_ip_address: '10.0.0.30',
      ...web,
      description: 'web',
    });
    expect((await forward(web, 400)).NeutronError.message).toContain("'external_port': 8080");
    expect((await forward({ ...web, external_port: 81 }, 400)).NeutronError.message).toContain("'internal_port': 80");
    const other = await port('one', network, [{ subnet: inner, ip: '10.0.0.50' }]);
    const second = (await forward({ ...web, internal_port_id: other, external_port: 81 })).port_forwarding;
    const { floatingip } = await cloud.want(200, 'one', 'GET', `/floatingips/${id}`);
    expect(floatingip).toMatchObject({ status: 'ACTIVE', router_id: way, port_id: null });
    expect(floatingip.port_forwardings).toHaveLength(2);
    await refused(409, 'FipInUseByPortForwarding', 'one', 'PUT', `/floatingips/${id}`, {
      floatingip: { port_id: target },
    });
    await refused(404, 'FloatingIPNotFound', 'two', 'GET', path);
    const changed = await cloud.want(200, 'one', 'PUT', `${path}/${made.id}`, {
      port_forwarding: { external_port: 8081 },
    });
    expect(changed.port_forwarding).toMatchObject({ external_port: 8081, internal_port: 80, description: 'web' });
    expect((await cloud.want(200, 'one', 'GET', `${path}?external_port=81`)).port_forwardings).toHaveLength(1);
    await cloud.want(204, 'one', 'DELETE', `${path}/${second.id}`);
    // The last goes with its machine.
    await cloud.store.query({ text: 'delete from net_ports where id = $1', values: [target] });
    expect((await cloud.want(200, 'one', 'GET', `/floatingips/${id}`)).floatingip).toMatchObject({
      status: 'DOWN',
      router_id: null,
      port_forwardings: [],
    });
    await gone(id);
  });
});
