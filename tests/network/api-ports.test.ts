import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';

let cloud: NetworkCloud;
const one = async (who: string, kind: string, body: Json = {}): Promise<Json> => {
  const path = `/${kind.replaceAll('_', '-')}s`.replace('policys', 'policies');
  return (await cloud.want(201, who, 'POST', path, { [kind]: body }))[kind];
};
const change = async (who: string, port: Json, body: Json): Promise<Json> =>
  (await cloud.want(200, who, 'PUT', `/ports/${port.id}`, { port: body })).port;
const refused = async (status: number, type: string, who: string, method: string, path: string, body?: unknown) => {
  const { NeutronError } = await cloud.want(status, who, method, path, body);
  expect(NeutronError.type).toBe(type);
  return NeutronError.message as string;
};
const ips = (port: Json): string[] => port.fixed_ips.map((entry: Json) => entry.ip_address);
const subnet = (network: Json, more: Json, who = 'one') =>
  one(who, 'subnet', { network_id: network.id, ip_version: more.cidr.includes(':') ? 6 : 4, ...more });

beforeAll(async () => {
  cloud = await openNetworkCloud({
    physicalNetworks: new Map([['rack1', { mtu: 1500, vlans: [{ first: 100, last: 199 }] }]]),
  });
  await cloud.project('one', ['member', 'reader']);
  await cloud.project('two');
}, 120_000);
afterAll(() => cloud.close());

describe('ports', () => {
  it('get an address, a MAC address and the default group', async () => {
    const network = await one('one', 'network', { dns_domain: 'rack.example.' });
    const { id: subnetId } = await subnet(network, { cidr: '10.0.0.0/24' });
    const port = await one('one', 'port', { network_id: network.id, name: 'p', dns_name: 'web', tags: ['b', 'a'] });
    expect(port).toMatchObject({
      name: 'p',
      status: 'DOWN',
      admin_state_up: true,
      device_id: '',
      device_owner: '',
      port_security_enabled: true,
      allowed_address_pairs: [],
      extra_dhcp_opts: [],
      'binding:vnic_type': 'normal',
      ip_allocation: 'immediate',
      tags: ['a', 'b'],
      fixed_ips: [{ subnet_id: subnetId }],
    });
    expect(port.mac_address).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/);
    expect(port.dns_assignment).toEqual([{ hostname: 'web', ip_address: ips(port)[0], fqdn: 'web.rack.example.' }]);
    expect(port).not.toHaveProperty('binding:host_id');
    const [group] = (await cloud.want(200, 'one', 'GET', '/security-groups?name=default')).security_groups;
    expect(port.security_groups).toEqual([group.id]);
    expect((await cloud.want(200, 'admin', 'GET', `/ports/${port.id}`)).port).toMatchObject({
      'binding:host_id': '',
      'binding:vif_type': 'unbound',
      'binding:profile': {},
    });
    await refused(404, 'PortNotFound', 'two', 'GET', `/ports/${port.id}`);
    for (const query of [
      `fixed_ips=ip_address%3D${ips(port)[0]}`,
      `fixed_ips=subnet_id%3D${subnetId}&fixed_ips=ip_address_substr%3D10.0`,
      `mac_address=${port.mac_address.toUpperCase()}`,
      `security_groups=${group.id}`,
      `network_id=${network.id}&device_owner=`,
      'tags=a',
    ]) {
      expect(
        (await cloud.want(200, 'one', 'GET', `/ports?${query}`)).ports.map(({ id }: Json) => id),
        query,
      ).toEqual([port.id]);
    }
    for (const none of ['x', 'fe80::1%25eth0'])
      expect((await cloud.want(200, 'one', 'GET', `/ports?fixed_ips=ip_address%3D${none}`)).ports).toEqual([]);
    await refused(409, 'SubnetInUse', 'one', 'DELETE', `/subnets/${subnetId}`);
    await refused(409, 'NetworkInUse', 'one', 'DELETE', `/networks/${network.id}`);
    await refused(403, 'PolicyNotAuthorized', 'one-reader', 'DELETE', `/ports/${port.id}`);
    await cloud.want(204, 'one', 'DELETE', `/ports/${port.id}`);
    await cloud.want(204, 'one', 'DELETE', `/networks/${network.id}`);
  });

  it('take addresses by name, by subnet, several, and change them', async () => {
    const network = await one('one', 'network');
    const a = await subnet(network, { cidr: '10.1.0.0/24' });
    const b = await subnet(network, { cidr: '10.2.0.0/24' });
    const port = await one('one', 'port', {
      network_id: network.id,
      fixed_ips: [{ ip_address: '10.2.0.9' }, { subnet_id: a.id, ip_address: '10.1.0.7' }, { subnet_id: b.id }],
    });
    expect(ips(port).slice(0, 2)).toEqual(['10.2.0.9', '10.1.0.7']);
    const third = ips(port)[2];
    const body = (fixed: Json[]) => ({ port: { network_id: network.id, fixed_ips: fixed } });
    for (const [status, type, fixed] of [
      [409, 'IpAddressAlreadyAllocated', [{ ip_address: '10.2.0.9' }]],
      [400, 'InvalidIpForNetwork', [{ ip_address: '10.9.0.9' }]],
      [400, 'InvalidIpForSubnet', [{ subnet_id: a.id, ip_address: '10.2.0.9' }]],
      [400, 'InvalidIpForSubnet', [{ ip_address: '10.2.0.255' }]],
      [400, 'InvalidInput', [{ ip_address: '10.2.0.20' }, { ip_address: '10.2.0.20' }]],
      [400, 'InvalidInput', [{}]],
    ] as const) {
      await refused(status, type, 'one', 'POST', '/ports', body([...fixed]));
    }
    const kept = await change('one', port, {
      fixed_ips: [{ subnet_id: b.id, ip_address: third }, { subnet_id: a.id }],
    });
    expect(ips(kept)).toEqual([third, '10.1.0.7']);
    expect(ips(await change('one', port, { fixed_ips: [] }))).toEqual([]);
    expect(ips(await one('one', 'port', body([{ ip_address: '10.2.0.9' }]).port))).toEqual(['10.2.0.9']);
  });

  it('make their own addresses of IPv6, before and after the subnet', async () => {
    const network = await one('one', 'network');
    const before = await one('one', 'port', { network_id: network.id, mac_address: 'fa:16:3e:01:02:03' });
    await subnet(network, { cidr: '2001:db8::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' });
    const shown = (await cloud.want(200, 'one', 'GET', `/ports/${before.id}`)).port;
    expect(ips(shown)).toEqual(['2001:db8::f816:3eff:fe01:203']);
    const stateful = await subnet(network, { cidr: '2001:db8:1::/64', ipv6_address_mode: 'dhcpv6-stateful' });
    const v4 = await subnet(network, { cidr: '10.3.0.0/30' });
    const port = await one('one', 'port', { network_id: network.id, mac_address: '02:00:00:00:00:09' });
    expect(port.fixed_ips.map((entry: Json) => entry.subnet_id).slice(0, 2)).toEqual([v4.id, stateful.id]);
    expect(ips(port)[2]).toBe('2001:db8::ff:fe00:9');
    // The one address of the /30 is gone.
    await refused(409, 'IpAddressGenerationFailure', 'one', 'POST', '/ports', { port: { network_id: network.id } });
    await refused(400, 'AllocationOnAutoAddressSubnet', 'one', 'POST', '/ports', {
      port: { network_id: network.id, fixed_ips: [{ ip_address: '2001:db8::5' }] },
    });
    const moved = await change('admin', port, { mac_address: '02:00:00:00:00:0a' });
    expect(ips(moved)).toContain('2001:db8::ff:fe00:a');
    await refused(409, 'MacAddressInUse', 'admin', 'PUT', `/ports/${port.id}`, {
      port: { mac_address: 'fa:16:3e:01:02:03' },
    });
    await refused(409, 'MacAddressInUse', 'one', 'POST', '/ports', {
      port: { network_id: network.id, mac_address: 'FA-16-3E-01-02-03', fixed_ips: [] },
    });
  });

  it('keep pairs, DHCP options and groups in order', async () => {
    const network = await one('one', 'network');
    const group = await one('one', 'security_group', { name: 'web' });
    const port = await one('one', 'port', {
      network_id: network.id,
      security_groups: [group.id],
      allowed_address_pairs: [{ ip_address: '10.0.0.0/24' }],
      extra_dhcp_opts: [
        { opt_name: 'bootfile-name', opt_value: 'a' },
        { opt_name: '67', opt_value: 'x', ip_version: 6 },
      ],
    });
    expect(port.allowed_address_pairs).toEqual([{ ip_address: '10.0.0.0/24', mac_address: port.mac_address }]);
    const at = `/ports/${port.id}`;
    const changed = await change('one', port, {
      extra_dhcp_opts: [
        { opt_name: 'bootfile-name', opt_value: null },
        { opt_name: 'ntp', opt_value: '10.0.0.1' },
      ],
    });
    expect(changed.extra_dhcp_opts).toEqual([
      { opt_name: '67', opt_value: 'x', ip_version: 6 },
      { opt_name: 'ntp', opt_value: '10.0.0.1', ip_version: 4 },
    ]);
    await refused(409, 'SecurityGroupInUse', 'one', 'DELETE', `/security-groups/${group.id}`);
    await refused(409, 'PortSecurityPortHasSecurityGroup', 'one', 'PUT', at, {
      port: { port_security_enabled: false },
    });
    const loose = { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] };
    expect(await change('one', port, loose)).toMatchObject(loose);
    await refused(400, 'PortSecurityAndIPRequiredForSecurityGroups', 'one', 'PUT', at, {
      port: { security_groups: [group.id] },
    });
    await refused(409, 'AddressPairAndPortSecurityRequired', 'one', 'PUT', at, {
      port: { allowed_address_pairs: [{ ip_address: '10.0.0.1' }] },
    });
    const theirs = await one('two', 'security_group', { name: 'theirs' });
    await refused(404, 'SecurityGroupNotFound', 'one', 'PUT', at, { port: { security_groups: [theirs.id] } });
    await cloud.want(204, 'one', 'DELETE', `/security-groups/${group.id}`);
  });

  it('of tenants on a shared network take what they get', async () => {
    const network = await one('admin', 'network', { shared: true, name: 'all' });
    const a = await subnet(network, { cidr: '10.5.0.0/24' }, 'admin');
    const refusals = [
      { fixed_ips: [{ ip_address: '10.5.0.9' }] },
      { mac_address: 'fa:16:3e:00:00:01' },
      { port_security_enabled: false },
      { allowed_address_pairs: [{ ip_address: '0.0.0.0/0' }] },
      { device_owner: 'network:dhcp' },
      { 'binding:host_id': 'h' },
      { 'binding:profile': { a: 1 } },
    ];
    for (const more of refusals) {
      await refused(403, 'PolicyNotAuthorized', 'two', 'POST', '/ports', { port: { network_id: network.id, ...more } });
    }
    const port = await one('two', 'port', { network_id: network.id, fixed_ips: [{ subnet_id: a.id }] });
    for (const more of refusals) {
      await refused(403, 'PolicyNotAuthorized', 'two', 'PUT', `/ports/${port.id}`, { port: more });
    }
    // Saying what one has is no wish for an address of choice.
    expect(ips(await change('two', port, { fixed_ips: port.fixed_ips, name: 'x' }))).toEqual(ips(port));
    expect((await cloud.want(200, 'one', 'GET', `/ports?network_id=${network.id}`)).ports).toEqual([]);
    await refused(409, 'InvalidSharedSetting', 'admin', 'PUT', `/networks/${network.id}`, {
      network: { shared: false },
    });
    const outside = await one('admin', 'network', { 'router:external': true });
    await refused(403, 'PolicyNotAuthorized', 'two', 'POST', '/ports', { port: { network_id: outside.id } });
  });

  it('are bound where something carries them, and say when nothing does', async () => {
    const vlan = await one('admin', 'network', {
      'provider:network_type': 'vlan',
      'provider:physical_network': 'rack1',
    });
    const port = await one('admin', 'port', { network_id: vlan.id, 'binding:vnic_type': 'baremetal' });
    const link = [{ switch_id: '00:11:22:33:44:55', port_id: 'Eth1', switch_info: 'tor1' }];
    const profile = { local_link_information: link, physical_network: 'rack1' };
    const bound = await change('admin', port, {
      'binding:host_id': 'node-1',
      'binding:profile': profile,
      mac_address: '52:54:00:00:00:01',
    });
    expect(bound).toMatchObject({ 'binding:vif_type': 'other', 'binding:profile': profile, status: 'DOWN' });
    await refused(409, 'PortBound', 'admin', 'PUT', `/ports/${port.id}`, {
      port: { mac_address: '52:54:00:00:00:02' },
    });
    const free = await change('admin', port, { 'binding:host_id': '', 'binding:profile': {} });
    expect(free).toMatchObject({ 'binding:vif_type': 'unbound', 'binding:vif_details': {} });
    expect(
      await change('admin', port, { 'binding:host_id': 'n', 'binding:profile': { physical_network: 'rack2' } }),
    ).toMatchObject({
      'binding:vif_type': 'binding_failed',
    });
    // On an overlay a machine gets a VLAN of its physical network, which goes with the last of them.
    const overlay = await one('admin', 'network');
    const onOverlay = () =>
      one('admin', 'port', {
        network_id: overlay.id,
        'binding:vnic_type': 'baremetal',
        'binding:host_id': 'node-1',
        'binding:profile': { physical_network: 'rack1' },
      });
    const bridged = async () =>
      (await cloud.store.query({ text: 'select segmentation_id from net_segments where dynamic' })).length;
    const two = [await onOverlay(), await onOverlay()];
    expect(two.map((made) => made['binding:vif_type'])).toEqual(['other', 'other']);
    expect(await bridged()).toBe(1);
    await change('admin', two[0], { 'binding:host_id': '' });
    expect(await bridged()).toBe(1);
    await cloud.want(204, 'admin', 'DELETE', `/ports/${two[1].id}`);
    expect(await bridged()).toBe(0);
    const virtual = await one('admin', 'port', { network_id: vlan.id, 'binding:host_id': 'nowhere' });
    expect(virtual['binding:vif_type']).toBe('binding_failed');
  });

  it('are made by the hundred at once', async () => {
    const network = await one('one', 'network');
    await subnet(network, { cidr: '10.8.0.0/25' });
    const ports = Array.from({ length: 100 }, (_, n) => ({ network_id: network.id, name: `b${n}` }));
    const made = (await cloud.want(201, 'one', 'POST', '/ports', { ports })).ports;
    expect(made.map(({ name }: Json) => name)).toEqual(ports.map(({ name }) => name));
    expect(new Set(made.flatMap(ips)).size).toBe(100);
    // 125 addresses are in the pool: all of the next hundred, or none of them.
    await refused(409, 'IpAddressGenerationFailure', 'one', 'POST', '/ports', { ports });
    const left = await Promise.all(
      Array.from({ length: 30 }, () => cloud.send('one', 'POST', '/ports', { port: { network_id: network.id } })),
    );
    expect(left.filter(({ status }) => status === 201)).toHaveLength(25);
    expect(left.filter(({ status }) => status === 409)).toHaveLength(5);
  });

  it('of requests that come at once are made together, each for itself, and no more than may be', async () => {
    const network = await one('two', 'network');
    await subnet(network, { cidr: '10.9.0.0/24' }, 'two');
    const send = (more: Json) => cloud.send('two', 'POST', '/ports', { port: { network_id: network.id, ...more } });
    const mixed = await Promise.all(
      Array.from({ length: 12 }, (_, n) => send(n === 5 ? { dns_domain: 'no dot' } : { name: `m${n}` })),
    );
    expect(mixed.map(({ status }) => status)).toEqual(mixed.map((_, n) => (n === 5 ? 400 : 201)));
    expect(mixed.flatMap(({ json }, n) => (n === 5 ? [] : [json.port.name]))).toEqual(
      mixed.flatMap((_, n) => (n === 5 ? [] : [`m${n}`])),
    );
    const project = cloud.projects['two'] as string;
    const { ports } = await cloud.want(200, 'admin', 'GET', `/ports?project_id=${project}`);
    await cloud.want(200, 'admin', 'PUT', `/quotas/${project}`, { quota: { port: ports.length + 5 } });
    const some = await Promise.all(Array.from({ length: 12 }, () => send({})));
    expect(some.filter(({ status }) => status === 201)).toHaveLength(5);
    await cloud.want(204, 'admin', 'DELETE', `/quotas/${project}`);
  });
});

describe('security groups', () => {
  it('come with what every project needs', async () => {
    const { security_groups: groups } = await cloud.want(200, 'two', 'GET', '/security-groups?name=default');
    expect(groups).toHaveLength(1);
    const rules = groups[0].security_group_rules.map((rule: Json) => [
      rule.direction,
      rule.ethertype,
      rule.remote_group_id,
    ]);
    expect(rules).toEqual([
      ['egress', 'IPv4', null],
      ['egress', 'IPv6', null],
      ['ingress', 'IPv4', groups[0].id],
      ['ingress', 'IPv6', groups[0].id],
    ]);
    await refused(409, 'SecurityGroupDefaultAlreadyExists', 'two', 'POST', '/security-groups', {
      security_group: { name: 'default' },
    });
    await refused(409, 'SecurityGroupCannotRemoveDefault', 'two', 'DELETE', `/security-groups/${groups[0].id}`);
    await refused(409, 'SecurityGroupCannotUpdateDefault', 'two', 'PUT', `/security-groups/${groups[0].id}`, {
      security_group: { name: 'x' },
    });
  });

  it('have rules that make sense, each once', async () => {
    const group = await one('one', 'security_group', { name: 'rules', stateful: false });
    const addresses = await one('one', 'address_group', { name: 'office', addresses: ['192.0.2.0/24', '192.0.2.9'] });
    expect(addresses.addresses).toEqual(['192.0.2.0/24', '192.0.2.9/32']);
    const rule = (more: Json) => ({
      security_group_rule: { security_group_id: group.id, direction: 'ingress', ...more },
    });
    const good = [
      { protocol: 'tcp', port_range_min: 22, port_range_max: 22, remote_ip_prefix: '10.0.0.9/8' },
      { protocol: 'icmp', port_range_min: 8 },
      { protocol: 112 },
      { ethertype: 'IPv6', protocol: 'ipv6-icmp' },
      { protocol: 'udp', remote_group_id: group.id },
      { protocol: 'tcp', remote_address_group_id: addresses.id },
    ];
    for (const more of good) {
      const made = (await cloud.want(201, 'one', 'POST', '/security-group-rules', rule(more))).security_group_rule;
      const { message } = (await cloud.want(409, 'one', 'POST', '/security-group-rules', rule(more))).NeutronError;
      expect(message).toContain(made.id);
    }
    for (const [type, more] of [
      ['SecurityGroupInvalidPortRange', { protocol: 'tcp', port_range_min: 9, port_range_max: 8 }],
      ['SecurityGroupInvalidPortValue', { protocol: 'tcp', port_range_min: 0, port_range_max: 8 }],
      ['SecurityGroupProtocolRequiredWithPorts', { port_range_min: 1, port_range_max: 8 }],
      ['SecurityGroupInvalidProtocolForPort', { protocol: 'gre', port_range_min: 1, port_range_max: 8 }],
      ['SecurityGroupMissingIcmpType', { protocol: 'icmp', port_range_max: 8 }],
      ['SecurityGroupRuleInvalidProtocol', { protocol: 'carrier-pigeon' }],
      ['SecurityGroupRuleParameterConflict', { remote_ip_prefix: '::/0' }],
      ['SecurityGroupMultipleRemoteEntitiesNotAllowed', { remote_ip_prefix: '10.0.0.0/8', remote_group_id: group.id }],
    ] as const) {
      await refused(400, type, 'one', 'POST', '/security-group-rules', rule(more));
    }
    await refused(404, 'SecurityGroupNotFound', 'two', 'POST', '/security-group-rules', rule({}));
    await refused(409, 'AddressGroupInUse', 'one', 'DELETE', `/address-groups/${addresses.id}`);
    const shown = (await cloud.want(200, 'one', 'GET', `/security-groups/${group.id}`)).security_group;
    expect(shown).toMatchObject({ stateful: false, revision_number: good.length });
    expect(shown.security_group_rules).toHaveLength(2 + good.length);
    const [ssh] = (
      await cloud.want(200, 'one', 'GET', `/security-group-rules?security_group_id=${group.id}&port_range_min=22`)
    ).security_group_rules;
    expect(ssh.normalized_cidr).toBe('10.0.0.0/8');
    await cloud.want(204, 'one', 'DELETE', `/security-group-rules/${ssh.id}`);
    expect((await cloud.want(200, 'one', 'GET', `/security-groups/${group.id}`)).security_group.revision_number).toBe(
      good.length + 1,
    );
    const at = `/address-groups/${addresses.id}`;
    const body = (list: string[]) => ({ address_group: { addresses: list } });
    expect(
      (await cloud.want(200, 'one', 'PUT', `${at}/add_addresses`, body(['2001:db8::/32']))).address_group.addresses,
    ).toHaveLength(3);
    await refused(400, 'AddressesAlreadyExist', 'one', 'PUT', `${at}/add_addresses`, body(['192.0.2.9']));
    await refused(404, 'AddressesNotFound', 'one', 'PUT', `${at}/remove_addresses`, body(['192.0.2.10']));
    expect(
      (await cloud.want(200, 'one', 'PUT', `${at}/remove_addresses`, body(['192.0.2.9/32']))).address_group.addresses,
    ).toHaveLength(2);
  });

  it('are shared by policies, and kept while they are used', async () => {
    const group = await one('one', 'security_group', { name: 'shared' });
    const wish = {
      object_type: 'security_group',
      object_id: group.id,
      target_tenant: cloud.projects['two'],
      action: 'access_as_shared',
    };
    await refused(403, 'PolicyNotAuthorized', 'one', 'POST', '/rbac-policies', {
      rbac_policy: { ...wish, target_tenant: '*' },
    });
    await refused(404, 'RbacPolicyNotFound', 'two', 'POST', '/rbac-policies', { rbac_policy: wish });
    await refused(400, 'InvalidInput', 'one', 'POST', '/rbac-policies', {
      rbac_policy: { ...wish, action: 'access_as_external' },
    });
    const policies = '/rbac-policies';
    const policy = (await cloud.want(201, 'one', 'POST', policies, { rbac_policy: wish })).rbac_policy;
    await refused(409, 'RbacPolicyExists', 'one', 'POST', policies, { rbac_policy: wish });
    expect((await cloud.want(200, 'two', 'GET', `/security-groups/${group.id}`)).security_group.shared).toBe(true);
    await refused(403, 'PolicyNotAuthorized', 'two', 'DELETE', `/security-groups/${group.id}`);
    await refused(403, 'PolicyNotAuthorized', 'two', 'POST', '/security-group-rules', {
      security_group_rule: { security_group_id: group.id, direction: 'ingress' },
    });
    const network = await one('two', 'network');
    const port = await one('two', 'port', { network_id: network.id, security_groups: [group.id] });
    await refused(409, 'RbacPolicyInUse', 'one', 'DELETE', `${policies}/${policy.id}`);
    await cloud.want(204, 'two', 'DELETE', `/ports/${port.id}`);
    await cloud.want(204, 'one', 'DELETE', `${policies}/${policy.id}`);
    await refused(404, 'SecurityGroupNotFound', 'two', 'GET', `/security-groups/${group.id}`);
  });
});
