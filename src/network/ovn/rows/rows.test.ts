import { expect, test } from 'vitest';
import type { Chassis, GroupRule, Network, Port, SecurityGroup, Subnet } from '../../model/truth.ts';
import { bridging, madeMac, order, reaching } from './chassis.ts';
import { portOptions, subnetOptions } from './dhcp.ts';
import { networkRows } from './network.ts';
import { portRows } from './port.ts';
import { groupRows } from './security-group.ts';

const subnet: Subnet = {
  id: 's4',
  version: 4,
  cidr: '10.0.0.0/24',
  gateway: '10.0.0.1',
  ovnDhcp: true,
  enableDhcp: true,
  dns: ['192.0.2.53'],
  hostRoutes: [],
  raMode: null,
  addressMode: null,
};
const network: Network = {
  id: 'n',
  name: 'net',
  external: false,
  mtu: 1442,
  dnsDomain: 'example.org.',
  segments: [{ id: 'g', type: 'geneve', physicalNetwork: null, segmentationId: 7, dynamic: false }],
  subnets: [subnet],
  machines: [],
};
const port: Port = {
  id: 'p',
  name: 'eth0',
  networkId: 'n',
  mac: 'fa:16:3e:00:00:01',
  adminUp: true,
  deviceOwner: 'compute:nova',
  deviceId: 'd',
  portSecurity: true,
  pairs: [],
  dhcpOptions: [],
  vnicType: 'normal',
  hostId: '',
  boundSegmentId: null,
  dnsName: '',
  dnsDomain: '',
  fixedIps: [{ subnetId: 's4', ip: '10.0.0.5' }],
  groups: ['a-b'],
  routerId: null,
  trunk: null,
  qos: [],
};
const chassis = (name: string, more: Partial<Chassis> = {}): Chassis => ({
  name,
  hostname: name,
  gateway: true,
  physicalNetworks: ['phys'],
  zones: [],
  alive: true,
  ...more,
});
const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => chassis(name));

test('texts among DHCP options stand in quotes, a quote in them cannot end them', () => {
  expect(subnetOptions(network, subnet)).toMatchObject({
    server_id: '10.0.0.1',
    router: '10.0.0.1',
    dns_server: '{192.0.2.53}',
    domain_name: '"example.org"',
    mtu: '1442',
  });
  const options = (...dhcpOptions: Port['dhcpOptions']) => portOptions({ ...port, dhcpOptions }, 4);
  expect(options({ opt_name: '67', opt_value: 'x"; drop; "y\\' })).toEqual({ bootfile_name: '"x; drop; y"' });
  expect(options({ opt_name: 'tag:ipxe,67', opt_value: 'http://192.0.2.1/boot' })).toEqual({
    bootfile_name_alt: '"http://192.0.2.1/boot"',
  });
  expect(options({ opt_name: 'no-such-option', opt_value: '1' })).toBeUndefined();
  expect(options({ opt_name: 'mtu', opt_value: '9000', ip_version: 6 })).toBeUndefined();
  expect(options({ opt_name: 'dhcp_disabled', opt_value: 'True' })).toBeNull();
});

test('a subnet without a gateway serves DHCP from its first address; routes bring the default along', () => {
  expect(subnetOptions(network, { ...subnet, gateway: null })).toMatchObject({ server_id: '10.0.0.1' });
  expect(subnetOptions(network, { ...subnet, gateway: null })).not.toHaveProperty('router');
  const hostRoutes = [{ destination: '10.1.0.0/16', nexthop: '10.0.0.9' }];
  expect(subnetOptions(network, { ...subnet, hostRoutes })['classless_static_route']).toBe(
    '{10.1.0.0/16,10.0.0.9, 0.0.0.0/0,10.0.0.1}',
  );
});

test('the way to the metadata service is on the link, beside a default route, and not on networks to the outside', () => {
  const ofSubnet = (...args: Parameters<typeof subnetOptions>) => subnetOptions(...args)['classless_static_route'];
  expect(ofSubnet(network, subnet, true)).toBe('{169.254.169.254/32,0.0.0.0, 0.0.0.0/0,10.0.0.1}');
  expect(ofSubnet(network, { ...subnet, gateway: null }, true)).toBe('{169.254.169.254/32,0.0.0.0}');
  const hostRoutes = [{ destination: '169.254.169.254/32', nexthop: '10.0.0.9' }];
  expect(ofSubnet(network, { ...subnet, hostRoutes }, true)).toBe('{169.254.169.254/32,10.0.0.9, 0.0.0.0/0,10.0.0.1}');
  const ports = (of: Network, metadata: boolean) =>
    networkRows(of, all, metadata).flatMap(({ columns }) => (columns['type'] === 'localport' ? [columns] : []));
  expect(ports(network, true)).toEqual([
    { name: 'metadata-n', type: 'localport', addresses: [expect.stringMatching(/^02:49(:..){4} 169\.254\.169\.254$/)] },
  ]);
  expect(ports(network, false)).toEqual([]);
  expect(ports({ ...network, external: true }, true)).toEqual([]);
  // A port with options of its own has those of the subnet, too.
  const dhcpOptions = [{ opt_name: 'mtu', opt_value: '1300' }];
  const own = portRows({ ...port, dhcpOptions }, network, true).find(({ table }) => table === 'DHCP_Options');
  expect(own?.columns['options']).toMatchObject({
    mtu: '1300',
    classless_static_route: expect.stringContaining('169'),
  });
});

const rule = (more: Partial<GroupRule>): GroupRule => ({
  id: 'r',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  portMin: null,
  portMax: null,
  remotePrefix: null,
  remoteGroupId: null,
  remoteAddressGroupId: null,
  ...more,
});
const group = (rules: GroupRule[], more: Partial<SecurityGroup> = {}): SecurityGroup => ({
  id: 'a-b',
  name: 'g',
  stateful: true,
  rules,
  machineIps: [],
  ...more,
});
const match = (more: Partial<GroupRule>) =>
  groupRows(group([rule(more)])).find(({ table }) => table === 'ACL')?.columns['match'];

test.each<[string, Partial<GroupRule>, string]>([
  ['anything in', {}, 'outport == @sg_a_b && ip4'],
  ['anything out, v6', { direction: 'egress', ethertype: 'IPv6' }, 'inport == @sg_a_b && ip6'],
  ['a port', { protocol: 'tcp', portMin: 22, portMax: 22 }, 'outport == @sg_a_b && ip4 && tcp.dst == 22'],
  ['ports', { protocol: '17', portMin: 1, portMax: 9 }, 'outport == @sg_a_b && ip4 && udp.dst >= 1 && udp.dst <= 9'],
  [
    'ICMP',
    { protocol: 'icmp', portMin: 8, portMax: 0 },
    'outport == @sg_a_b && ip4 && icmp4 && icmp4.type == 8 && icmp4.code == 0',
  ],
  ['ICMPv6', { ethertype: 'IPv6', protocol: 'ipv6-icmp' }, 'outport == @sg_a_b && ip6 && icmp6'],
  ['VRRP', { protocol: 'vrrp' }, 'outport == @sg_a_b && ip4 && ip.proto == 112'],
  ['a number', { protocol: '47' }, 'outport == @sg_a_b && ip4 && ip.proto == 47'],
  ['a network', { remotePrefix: '10.0.0.0/8' }, 'outport == @sg_a_b && ip4 && ip4.src == 10.0.0.0/8'],
  ['every network', { remotePrefix: '0.0.0.0/0' }, 'outport == @sg_a_b && ip4'],
  [
    'to a network',
    { direction: 'egress', remotePrefix: '10.0.0.0/8' },
    'inport == @sg_a_b && ip4 && ip4.dst == 10.0.0.0/8',
  ],
  ['members', { remoteGroupId: 'x-y' }, 'outport == @sg_a_b && ip4 && ip4.src == {$sg_x_y_ip4, $sgm_x_y_v4}'],
  ['an address group', { remoteAddressGroupId: 'x-y' }, 'outport == @sg_a_b && ip4 && ip4.src == $ag_x_y_v4'],
])('a rule for %s', (_what, more, wanted) => {
  expect(match(more)).toBe(wanted);
});

test('a stateless group does not track connections', () => {
  const [acl] = groupRows(group([rule({})], { stateful: false })).filter(({ table }) => table === 'ACL');
  expect(acl?.columns['action']).toBe('allow-stateless');
});

test('chassis: the same order for everyone, and one that goes moves only what was its own', () => {
  const first = (what: string, from: readonly Chassis[]) => order(what, from)[0]?.name;
  const things = Array.from({ length: 200 }, (_, i) => `thing ${i}`);
  expect(new Set(things.map((thing) => first(thing, all))).size).toBe(all.length);
  const without = all.filter(({ name }) => name !== 'c');
  for (const thing of things) {
    if (first(thing, all) !== 'c') expect(first(thing, without)).toBe(first(thing, all));
  }
  expect(order('x', all)).toHaveLength(5);
  expect(reaching('phys', [chassis('a', { gateway: false }), chassis('b')]).map(({ name }) => name)).toEqual(['b']);
  expect(reaching('other', all)).toEqual([]);
});

test('the bridge of an overlay moves to a living chassis, and stays where it is when none lives', () => {
  const home = bridging('g', 'phys', all)?.name;
  const dead = all.map((one) => (one.name === home ? { ...one, alive: false } : one));
  const next = bridging('g', 'phys', dead)?.name;
  expect(next).not.toBe(home);
  expect(
    bridging(
      'g',
      'phys',
      all.map((one) => ({ ...one, alive: false })),
    )?.name,
  ).toBe(home);
  expect(bridging('g', 'phys', [])).toBeUndefined();
});

test('a machine on an overlay stands on the bridge, with what it may not send', () => {
  const vlan = { id: 'v', type: 'vlan' as const, physicalNetwork: 'phys', segmentationId: 50, dynamic: true };
  const machine = {
    portId: 'm',
    mac: 'fa:16:3e:00:00:09',
    ips: ['10.0.0.9'],
    segmentId: 'v',
    portSecurity: true,
    pairs: [],
  };
  const overlay: Network = { ...network, segments: [...network.segments, vlan], machines: [machine] };
  const rows = networkRows(overlay, all);
  const bridge = rows.find(({ columns }) => columns['type'] === 'l2gateway');
  expect(bridge?.columns).toMatchObject({ addresses: ['fa:16:3e:00:00:09 10.0.0.9'], tag: 50 });
  const drops = rows.filter(({ table }) => table === 'ACL').map(({ columns }) => columns['match']);
  expect(drops).toContain('inport == "bridge-v" && eth.src != {fa:16:3e:00:00:09}');
  expect(drops).toContain('inport == "bridge-v" && eth.src == fa:16:3e:00:00:09 && ip4.src != {10.0.0.9, 0.0.0.0}');
  // Its own port would draw its frames to where it is not.
  expect(portRows({ ...port, vnicType: 'baremetal', hostId: 'node' }, overlay)).toEqual([]);
  const open = networkRows({ ...overlay, machines: [{ ...machine, portSecurity: false }] }, all);
  expect(open.filter(({ table }) => table === 'ACL')).toEqual([]);
  expect(open.find(({ columns }) => columns['type'] === 'l2gateway')?.columns['addresses']).toContain('unknown');
});

test('port security: addresses, allowed pairs by their MAC, and none of it when it is off', () => {
  const columns = (more: Partial<Port>) => portRows({ ...port, ...more }, network)[0]?.columns ?? {};
  expect(columns({})['port_security']).toEqual(['fa:16:3e:00:00:01 10.0.0.5']);
  const pairs = [{ ip_address: '10.9.0.0/16' }, { ip_address: '10.8.0.1', mac_address: 'fa:16:3e:00:00:02' }];
  expect(columns({ pairs })['port_security']).toEqual([
    'fa:16:3e:00:00:01 10.0.0.5 10.9.0.0/16',
    'fa:16:3e:00:00:02 10.8.0.1',
  ]);
  expect(columns({ portSecurity: false })).toMatchObject({
    port_security: [],
    addresses: ['fa:16:3e:00:00:01 10.0.0.5', 'unknown'],
  });
});

test('made MACs are local, single and always the same', () => {
  expect(madeMac('x')).toBe(madeMac('x'));
  expect(madeMac('x')).toMatch(/^02:49(:[0-9a-f]{2}){4}$/);
});
