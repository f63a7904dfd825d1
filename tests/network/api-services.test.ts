import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAgents } from '#network/store/agents';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';
import { put, putNetwork, putPort, putSubnet } from './truth.ts';

// Trunks, QoS, segments, agents and what tells how full networks are.

let cloud: NetworkCloud;
let serial = 0;

beforeAll(async () => {
  cloud = await openNetworkCloud({
    physicalNetworks: new Map([['rack1', { mtu: 1500, vlans: [{ first: 100, last: 101 }] }]]),
  });
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
}, 120_000);
afterAll(() => cloud.close());

const projectOf = (who: string) => cloud.projects[who] ?? '';
const net = (who: string, more: Json = {}) =>
  putNetwork(cloud.store, { project: projectOf(who), segment: { type: 'geneve', id: ++serial + 5000 }, ...more });
const port = async (who: string, network?: string, more: Json = {}) =>
  putPort(cloud.store, network ?? (await net(who)), {
    mac: `fa:16:3e:78:${(++serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`,
    more: { project_id: projectOf(who), ...more },
  });
const refused = async (status: number, type: string, who: string, method: string, path: string, body?: unknown) => {
  const { NeutronError } = await cloud.want(status, who, method, path, body);
  expect(NeutronError.type).toBe(type);
  return NeutronError.message as string;
};

describe('trunks', () => {
  const trunk = async (wish: Json, who = 'one'): Promise<Json> =>
    (await cloud.want(201, who, 'POST', '/trunks', { trunk: wish })).trunk;
  const vlan = (port_id: string, segmentation_id: number) => ({ port_id, segmentation_type: 'vlan', segmentation_id });
  const deviceOf = async (id: string) =>
    (await cloud.store.query({ text: 'select device_owner, device_id from net_ports where id = $1', values: [id] }))[0];

  it('carry ports as VLANs, and let them go', async () => {
    const parent = await port('one');
    const [a, b, c] = [await port('one'), await port('one'), await port('one')];
    const made = await trunk({ port_id: parent, name: 't', sub_ports: [vlan(a, 7)] });
    expect(made).toMatchObject({
      name: 't',
      port_id: parent,
      admin_state_up: true,
      status: 'DOWN',
      sub_ports: [vlan(a, 7)],
    });
    expect(await deviceOf(a)).toEqual({ device_owner: 'trunk:subport', device_id: made.id });
    const put_ = (verb: string, sub_ports: Json, status = 200) =>
      cloud.want(status, 'one', 'PUT', `/trunks/${made.id}/${verb}`, { sub_ports });
    // Neutron answers these without a word around them.
    const added = await put_('add_subports', [
      vlan(b, 8),
      { port_id: c, segmentation_type: 'vlan', segmentation_id: '9' },
    ]);
    expect(added.sub_ports).toEqual([vlan(a, 7), vlan(b, 8), vlan(c, 9)]);
    expect(added.revision_number).toBe(made.revision_number + 1);
    expect((await put_('remove_subports', [{ port_id: a }])).sub_ports).toEqual([vlan(b, 8), vlan(c, 9)]);
    expect(await deviceOf(a)).toEqual({ device_owner: '', device_id: '' });
    expect(await cloud.want(200, 'one', 'GET', `/trunks/${made.id}/get_subports`)).toEqual({
      sub_ports: [vlan(b, 8), vlan(c, 9)],
    });
    await cloud.store.query({ text: `update net_ports set status = 'ACTIVE' where id = $1`, values: [parent] });
    expect((await cloud.want(200, 'one', 'GET', '/trunks?status=ACTIVE')).trunks).toHaveLength(1);
    await cloud.want(204, 'one', 'DELETE', `/trunks/${made.id}`);
    expect(await deviceOf(b)).toEqual({ device_owner: '', device_id: '' });
    expect((await cloud.want(200, 'one', 'GET', '/trunks')).trunks).toEqual([]);
  });

  it('refuse what is in use, or somebody else’s', async () => {
    const parent = await port('one');
    const sub = await port('one');
    const made = await trunk({ port_id: parent, sub_ports: [vlan(sub, 7)] });
    const add = (type: string, status: number, one: Json) =>
      refused(status, type, 'one', 'PUT', `/trunks/${made.id}/add_subports`, { sub_ports: [one] });
    const create = (type: string, status: number, port_id: string) =>
      refused(status, type, 'one', 'POST', '/trunks', { trunk: { port_id } });
    await create('PortInUseAsTrunkParent', 409, parent);
    await create('PortInUseAsSubPort', 409, sub);
    await create('PortNotFound', 404, await port('two'));
    await create('ParentPortInUse', 409, await port('one', undefined, { device_owner: 'network:router_interface' }));
    await add('DuplicateSubPort', 409, vlan(await port('one'), 7));
    await add('PortInUseAsSubPort', 409, vlan(sub, 8));
    await add('PortInUseAsTrunkParent', 409, vlan(parent, 8));
    await add('PortNotFound', 404, vlan(await port('two'), 8));
    await add('PortInUse', 409, vlan(await port('one', undefined, { device_id: 'server' }), 8));
    await add('SubPortInvalid', 400, vlan(await port('one'), 4095));
    await add('SubPortInvalid', 400, { port_id: await port('one'), segmentation_type: 'inherit' });
    const large = await net('one');
    await cloud.store.query({ text: 'update net_networks set mtu = 9000 where id = $1', values: [large] });
    await add('SubPortMtuGreaterThanTrunkPortMtu', 409, vlan(await port('one', large), 8));
    await refused(404, 'SubPortNotFound', 'one', 'PUT', `/trunks/${made.id}/remove_subports`, {
      sub_ports: [{ port_id: parent }],
    });
    await cloud.want(200, 'one', 'PUT', `/trunks/${made.id}`, { trunk: { admin_state_up: false } });
    await add('TrunkDisabled', 409, vlan(await port('one'), 8));
    await refused(404, 'TrunkNotFound', 'two', 'GET', `/trunks/${made.id}`);
  });

  it('take the VLAN of the subport’s own network where that is asked for', async () => {
    const network = await net('one', { segment: { type: 'vlan', physical: 'rack1', id: 60 } });
    const made = await trunk({
      port_id: await port('one'),
      sub_ports: [{ port_id: await port('one', network), segmentation_type: 'inherit' }],
    });
    expect(made.sub_ports[0]).toMatchObject({ segmentation_id: 60 });
  });
});

describe('QoS policies', () => {
  const policy = async (wish: Json = {}): Promise<Json> =>
    (await cloud.want(201, 'admin', 'POST', '/qos/policies', { policy: { project_id: projectOf('one'), ...wish } }))
      .policy;

  it('have rules, and are seen by whom they are for', async () => {
    const made = await policy({ name: 'gold', shared: true });
    expect(made).toMatchObject({ name: 'gold', shared: true, is_default: false, rules: [] });
    const path = `/qos/policies/${made.id}`;
    const limit = await cloud.want(201, 'admin', 'POST', `${path}/bandwidth_limit_rules`, {
      bandwidth_limit_rule: { max_kbps: 1000 },
    });
    expect(limit.bandwidth_limit_rule).toMatchObject({ max_kbps: 1000, max_burst_kbps: 0, direction: 'egress' });
    await cloud.want(201, 'admin', 'POST', `${path}/dscp_marking_rules`, { dscp_marking_rule: { dscp_mark: 46 } });
    await cloud.want(400, 'admin', 'POST', `${path}/dscp_marking_rules`, { dscp_marking_rule: { dscp_mark: 45 } });
    await refused(409, 'QosRulesConflict', 'admin', 'POST', `${path}/bandwidth_limit_rules`, {
      bandwidth_limit_rule: { max_kbps: 1 },
    });
    await refused(409, 'QosRulesConflict', 'admin', 'POST', `${path}/minimum_bandwidth_rules`, {
      minimum_bandwidth_rule: { min_kbps: 2000 },
    });
    const rule = `${path}/bandwidth_limit_rules/${limit.bandwidth_limit_rule.id}`;
    const changed = await cloud.want(200, 'admin', 'PUT', rule, { bandwidth_limit_rule: { max_kbps: 3000 } });
    expect(changed.bandwidth_limit_rule.max_kbps).toBe(3000);
    const seen = (await cloud.want(200, 'two', 'GET', path)).policy;
    expect(seen.rules.map((one: Json) => one.type)).toEqual(['bandwidth_limit', 'dscp_marking']);
    expect(seen.revision_number).toBe(made.revision_number + 3);
    expect((await cloud.want(200, 'two', 'GET', `${path}/bandwidth_limit_rules`)).bandwidth_limit_rules).toHaveLength(
      1,
    );
    // A rule of one kind is not found among another's.
    await refused(
      404,
      'QosRuleNotFound',
      'admin',
      'GET',
      `${path}/dscp_marking_rules/${limit.bandwidth_limit_rule.id}`,
    );
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', `${path}/dscp_marking_rules`, {
      dscp_marking_rule: { dscp_mark: 0 },
    });
    await cloud.want(204, 'admin', 'DELETE', rule);
    await cloud.want(204, 'admin', 'DELETE', path);
    const left = await cloud.store.query({ text: 'select from net_qos_rules' });
    expect(left).toEqual([]);
  });

  it('promise nothing that nobody enforces', async () => {
    const made = await policy();
    const path = `/qos/policies/${made.id}`;
    const rate = { packet_rate_limit_rule: { max_kpps: 10 } };
    // Written down, it says nothing yet; where it would have to hold, it is refused.
    const { packet_rate_limit_rule: rule } = await cloud.want(
      201,
      'admin',
      'POST',
      `${path}/packet_rate_limit_rules`,
      rate,
    );
    await cloud.want(204, 'admin', 'DELETE', `${path}/packet_rate_limit_rules/${rule.id}`);
    const held = await port('one', undefined, { qos_policy_id: made.id });
    await refused(409, 'QosRuleNotSupported', 'admin', 'POST', `${path}/packet_rate_limit_rules`, rate);
    expect(await refused(409, 'QosPolicyInUse', 'admin', 'DELETE', path)).toContain(held);
    const { rule_types: enforced } = await cloud.want(200, 'one', 'GET', '/qos/rule-types');
    expect(enforced).toEqual([{ type: 'bandwidth_limit' }, { type: 'dscp_marking' }]);
    expect((await cloud.want(200, 'one', 'GET', '/qos/rule-types?all_rules=True')).rule_types).toHaveLength(5);
    const { rule_type: details } = await cloud.want(200, 'one', 'GET', '/qos/rule-types/bandwidth_limit');
    expect(details.drivers[0].supported_parameters).toHaveLength(3);
    expect((await cloud.want(200, 'one', 'GET', '/qos/rule-types/packet_rate_limit')).rule_type.drivers).toEqual([]);
    await refused(404, 'QosRuleTypeNotFound', 'one', 'GET', '/qos/rule-types/luck');
  });

  it('have one default a project', async () => {
    const first = await policy({ is_default: true });
    await refused(409, 'QoSPolicyDefaultAlreadyExists', 'admin', 'POST', '/qos/policies', {
      policy: { project_id: projectOf('one'), is_default: true },
    });
    await policy({ project_id: projectOf('two'), is_default: true });
    const change = { policy: { is_default: false } };
    await cloud.want(200, 'admin', 'PUT', `/qos/policies/${first.id}`, change);
    await policy({ is_default: true });
  });
});

describe('what operators look at', () => {
  it('segments come and go, but for those in use and the last', async () => {
    const { network } = await cloud.want(201, 'admin', 'POST', '/networks', { network: {} });
    const segments = async (): Promise<Json[]> =>
      (await cloud.want(200, 'admin', 'GET', `/segments?network_id=${network.id}`)).segments;
    const [first] = await segments();
    expect(first).toMatchObject({ network_type: 'geneve', physical_network: null, name: null });
    await refused(409, 'SegmentInUse', 'admin', 'DELETE', `/segments/${first.id}`);
    const wish = {
      network_id: network.id,
      network_type: 'vlan',
      physical_network: 'rack1',
      segmentation_id: 100,
      name: 's',
    };
    const { segment } = await cloud.want(201, 'admin', 'POST', '/segments', { segment: wish });
    expect(segment).toMatchObject(wish);
    await refused(409, 'VlanIdInUse', 'admin', 'POST', '/segments', { segment: wish });
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/segments', { segment: wish });
    expect((await cloud.want(200, 'one', 'GET', '/segments')).segments).toEqual([]);
    const renamed = await cloud.want(200, 'admin', 'PUT', `/segments/${segment.id}`, { segment: { name: 'other' } });
    expect(renamed.segment.name).toBe('other');
    await putSubnet(cloud.store, network.id, '10.0.0.0/24', { segment_id: segment.id });
    expect(await refused(409, 'SegmentInUse', 'admin', 'DELETE', `/segments/${segment.id}`)).toContain('subnet');
    await cloud.want(204, 'admin', 'DELETE', `/segments/${first.id}`);
    expect(await segments()).toHaveLength(1);
  });

  it('agents and zones are the hosts OVN knows', async () => {
    const chassis = { gateway: true, physicalNetworks: ['rack1'], alive: true };
    const hosts = ['a', 'b'].map((name) => ({ ...chassis, name, hostname: `host-${name}`, zones: [`zone-${name}`] }));
    await writeAgents(cloud.store, hosts);
    const list = async () => (await cloud.want(200, 'admin', 'GET', '/agents')).agents;
    const [first] = await list();
    expect(first).toMatchObject({
      agent_type: 'OVN Controller Gateway agent',
      binary: 'ovn-controller',
      host: 'host-a',
      alive: true,
      availability_zone: 'zone-a',
      admin_state_up: true,
      configurations: { chassis_name: 'a', 'bridge-mappings': ['rack1'] },
    });
    expect((await cloud.want(200, 'one', 'GET', '/agents')).agents).toEqual([]);
    const zones = async (query = '') =>
      (await cloud.want(200, 'one', 'GET', `/availability_zones${query}`)).availability_zones;
    expect(await zones()).toHaveLength(4);
    expect(await zones('?resource=router&name=zone-b')).toEqual([
      { name: 'zone-b', resource: 'router', state: 'available' },
    ]);
    await writeAgents(cloud.store, hosts.slice(0, 1));
    expect((await cloud.want(200, 'admin', 'GET', '/agents?alive=false')).agents[0].host).toBe('host-b');
    expect(await zones('?name=zone-b&resource=network')).toEqual([
      { name: 'zone-b', resource: 'network', state: 'unavailable' },
    ]);
    await refused(404, 'AvailabilityZoneNotFound', 'one', 'POST', '/routers', {
      router: { availability_zone_hints: ['zone-z'] },
    });
    const { router } = await cloud.want(201, 'one', 'POST', '/routers', {
      router: { availability_zone_hints: ['zone-a'] },
    });
    expect(router.availability_zone_hints).toEqual(['zone-a']);
    await cloud.want(204, 'admin', 'DELETE', `/agents/${(await list())[1].id}`);
  });

  it('networks tell how full they are, IPv6 as well', async () => {
    const network = await net('one');
    const v4 = await putSubnet(cloud.store, network, '10.0.0.0/24');
    const v6 = await putSubnet(cloud.store, network, 'fd00::/64');
    await put(cloud.store, 'net_allocation_pools', { subnet_id: v4, first_ip: '10.0.0.2', last_ip: '10.0.0.254' });
    await put(cloud.store, 'net_allocation_pools', {
      subnet_id: v6,
      first_ip: 'fd00::2',
      last_ip: 'fd00::ffff:ffff:ffff:ffff',
    });
    const one = await port('one', network);
    await put(cloud.store, 'net_fixed_ips', { subnet_id: v4, ip: '10.0.0.2', port_id: one });
    const path = `/network-ip-availabilities/${network}`;
    const reply = await cloud.send('admin', 'GET', path);
    const total = 253n + 2n ** 64n - 2n;
    expect(reply.text).toContain(`"total_ips":${total}`);
    expect(reply.json.network_ip_availability).toMatchObject({
      network_id: network,
      project_id: projectOf('one'),
      used_ips: 1,
      subnet_ip_availability: [
        { subnet_id: v4, cidr: '10.0.0.0/24', ip_version: 4, total_ips: 253, used_ips: 1 },
        { subnet_id: v6, ip_version: 6, used_ips: 0 },
      ],
    });
    await refused(404, 'NetworkNotFound', 'one', 'GET', path);
  });
});
