import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { announceChange, startOvn } from '#network/ovn/index';
import { silentLog } from '#platform/log';
import { openStore } from '#store/index';
import type { Reader } from '#store/contract';
import { put, putDefaultGroup, putLeg, putNetwork, putPort, putRule, putSubnet } from '../truth.ts';
import { makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// Two tenants with the same addresses, an outside, machines behind a switch: run inside namespaces of its own, with
// OVN started by the product. Says what it saw as one line of JSON; the test judges it.
//   argv: the database's URL, a folder for everything

const [url = '', dir = ''] = process.argv.slice(2);
const seen: Record<string, unknown> = {};
const times: Record<string, number> = {};
const timed = async <T>(name: string, fn: () => Promise<T>): Promise<T> => {
  const began = systemClock.monotonic();
  const value = await fn();
  times[name] = Math.round(systemClock.monotonic() - began);
  return value;
};

process.on('uncaughtException', (error) => {
  process.stdout.write(`${JSON.stringify({ seen: { ...seen, error: error.stack }, times })}\n`);
  process.exit(0);
});
await prepareNamespace();
await mkdir(dir, { recursive: true });
const store = await openStore({ databaseUrl: url, migrate: 'skip' });
const ovn = await timed('ovn started', () =>
  startOvn({
    store,
    clock: systemClock,
    log: silentLog,
    settings: {
      kind: 'own',
      dir: join(dir, 'ovn'),
      chassis: 'c1',
      bridges: new Map([['phys', 'tor1']]),
      encapIp: '127.0.0.1',
    },
    beatMs: 1_000,
  }),
);
const db = ovn.remotes.switch ?? '';
await timed('chassis known', () =>
  soon(async () => ovn.status().chassis.length === 1 && ovn.status().reconciler.state === 'in sync'),
);

const change = <T>(fn: (tx: Reader) => Promise<T>): Promise<T> =>
  store.tx(async (tx) => {
    announceChange(tx);
    return fn(tx);
  });
const mac = (n: number) => `fa:16:3e:00:00:${n.toString(16).padStart(2, '0')}`;

/** A tenant: an overlay with two virtual machines at .11 and .12. */
async function tenant(n: number) {
  const group = await putDefaultGroup(store);
  const network = await putNetwork(store, { project: `p${n}`, segment: { type: 'geneve', id: n } });
  const subnet = await putSubnet(store, network, '10.0.0.0/24');
  const port = (host: number) =>
    putPort(store, network, { mac: mac(n * 16 + host), ips: [{ subnet, ip: `10.0.0.1${host}` }], groups: [group] });
  return { group, network, subnet, ports: [await port(1), await port(2)] as const };
}
const a = await tenant(1);
const b = await tenant(2);
const outside = await putNetwork(store, { external: true, segment: { type: 'flat', physical: 'phys' } });
const outer = await putSubnet(store, outside, '192.0.2.0/24', { enable_dhcp: false });
const router = await put(store, 'net_routers', { project_id: 'p1', name: 'r', gateway_network_id: outside });
await putLeg(store, router, a.network, a.subnet, '10.0.0.1', mac(1));
await putLeg(store, router, outside, outer, '192.0.2.10', mac(2), 'gateway');
const holder = await putPort(store, outside, { mac: mac(3), more: { device_owner: 'network:floatingip' } });
await put(store, 'net_floating_ips', {
  project_id: 'p1',
  floating_network_id: outside,
  floating_ip: '192.0.2.20',
  floating_port_id: holder,
  fixed_port_id: a.ports[0],
  fixed_ip: '10.0.0.11',
  router_id: router,
});
// Ports of another address of the outside, forwarded.
const shared = await put(store, 'net_floating_ips', {
  project_id: 'p1',
  floating_network_id: outside,
  floating_ip: '192.0.2.21',
  floating_port_id: await putPort(store, outside, { mac: mac(4), more: { device_owner: 'network:floatingip' } }),
  router_id: router,
});
await put(store, 'net_port_forwardings', {
  project_id: 'p1',
  floatingip_id: shared,
  internal_port_id: a.ports[1],
  internal_ip: '10.0.0.12',
  internal_port: 80,
  external_port: 8080,
  protocol: 'tcp',
});
// A machine on tenant 1's overlay, behind VLAN 50, and one on a VLAN network of its own, with a virtual machine.
const dynamic = {
  network_id: a.network,
  network_type: 'vlan',
  physical_network: 'phys',
  segmentation_id: 50,
  dynamic: true,
  segment_index: 1,
};
const segment = await put(store, 'net_segments', dynamic);
const bound = { vnic_type: 'baremetal', host_id: 'node-1', vif_type: 'other' };
await putPort(store, a.network, {
  mac: mac(0x50),
  ips: [{ subnet: a.subnet, ip: '10.0.0.50' }],
  groups: [a.group],
  more: { ...bound, bound_segment_id: segment },
});
const vlan = await putNetwork(store, { segment: { type: 'vlan', physical: 'phys', id: 60 } });
const vlanSubnet = await putSubnet(store, vlan, '10.6.0.0/24');
await putPort(store, vlan, {
  mac: mac(0x60),
  ips: [{ subnet: vlanSubnet, ip: '10.6.0.60' }],
  groups: [a.group],
  more: bound,
});
const vlanVm = await putPort(store, vlan, {
  mac: mac(0x61),
  ips: [{ subnet: vlanSubnet, ip: '10.6.0.61' }],
  groups: [a.group],
});
ovn.nudge();
await timed('world in OVN', () => ovn.settled());

const vm = (name: string, port: string, n: number) =>
  makeGuest(dir, db, name, mac(n), 'br-int', ['--', 'set', 'interface', name, `external_ids:iface-id=${port}`]);
const machine = (name: string, n: number, tag?: number) =>
  makeGuest(dir, db, name, mac(n), 'tor1', tag === undefined ? [] : [`tag=${tag}`]);
await soon(async () => (await sh('ovs-vsctl', `--db=${db}`, 'list-br')).includes('br-int'));
const [a1, a2, b1, b2, m1, m2, v1, out] = await timed(
  'guests made',
  async () =>
    [
      await vm('a1', a.ports[0], 0x11),
      await vm('a2', a.ports[1], 0x12),
      await vm('b1', b.ports[0], 0x21),
      await vm('b2', b.ports[1], 0x22),
      await machine('m1', 0x50, 50),
      await machine('m2', 0x60, 60),
      await vm('v1', vlanVm, 0x61),
      await machine('out', 0x70),
    ] as const,
);
await out.in('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'e0');

await timed('ports up', () =>
  soon(async () => {
    const rows = await store.query<{ n: number }>({
      text: `select count(*)::int as n from net_ports where status = 'ACTIVE' and device_owner = '' and vnic_type = 'normal'`,
    });
    return rows[0]?.n === 5;
  }),
);
seen['states'] = (
  await store.query<{ status: string }>({
    text: `select status from net_ports where vnic_type = 'normal' and device_owner = ''`,
  })
).map(({ status }) => status);
for (const guest of [a1, a2, b1, b2, m1, m2, v1])
  seen[`lease ${guest.name}`] = await timed(`lease ${guest.name}`, () => guest.dhcp());
for (const guest of [a1, a2, b2, m1, out]) await guest.serve(80);
await a1.serve(81);

seen['a1 pings a2'] = await a1.ping('10.0.0.12');
seen['a1 reads .12'] = await a1.get('http://10.0.0.12/');
seen['b1 reads .12'] = await b1.get('http://10.0.0.12/');
seen['a2 pings machine'] = await a2.ping('10.0.0.50');
seen['a2 reads machine'] = await a2.get('http://10.0.0.50/');
seen['machine reads a2'] = await m1.get('http://10.0.0.12/');
seen['vlan vm pings vlan machine'] = await v1.ping('10.6.0.60');
seen['vlan machine pings vlan vm'] = await m2.ping('10.6.0.61');
seen['overlay machine pings vlan machine'] = await m1.ping('10.6.0.60');

seen['outside seen from a2'] = await a2.get('http://192.0.2.1/cgi-bin/who');
seen['outside seen from a1'] = await a1.get('http://192.0.2.1/cgi-bin/who');
seen['outside seen from machine'] = await m1.get('http://192.0.2.1/cgi-bin/who');
seen['floating ip before the rule'] = await out.get('http://192.0.2.20/');
await change((tx) => putRule(tx, a.group, { protocol: 'tcp', port_range_min: 80, port_range_max: 80 }));
seen['floating ip after the rule'] = (await timed('rule holds', () =>
  soon(async () => (await out.get('http://192.0.2.20/')) === 'a1', 10_000),
))
  ? 'a1'
  : null;
seen['forwarded port'] = await out.get('http://192.0.2.21:8080/');
seen['forwarded address, other port'] = await out.get('http://192.0.2.21/');
seen['floating ip, other port'] = await out.get('http://192.0.2.20:81/');

// A tenant who is root tries to be somebody else.
await a1.in('ip', 'addr', 'add', '10.0.0.99/24', 'dev', 'e0');
seen['spoofed address'] = await a1.ping('10.0.0.12', ['-I', '10.0.0.99']);
await a1.in('ip', 'addr', 'del', '10.0.0.99/24', 'dev', 'e0');
await m1.in('ip', 'addr', 'add', '10.0.0.98/24', 'dev', 'e0');
seen['machine with a spoofed address'] = await m1.ping('10.0.0.12', ['-I', '10.0.0.98']);
await m1.in('ip', 'addr', 'del', '10.0.0.98/24', 'dev', 'e0');
await b1.in('ip', 'link', 'set', 'e0', 'address', mac(0x11));
seen['spoofed mac'] = await b1.ping('10.0.0.12');
await b1.in('ip', 'link', 'set', 'e0', 'address', mac(0x21));
seen['back to its own mac'] = await soon(() => b1.ping('10.0.0.12'), 10_000);

// OVN dies, all of it but the switch's own database; a new port works all the same.
const before = ovn.status().servers;
for (const { program, pid } of before)
  if (/northd|controller|ovsdb/.test(program) && pid !== null) process.kill(pid, 'SIGKILL');
const [third] = await change(
  async (tx) =>
    [
      await putPort(tx, a.network, { mac: mac(0x13), ips: [{ subnet: a.subnet, ip: '10.0.0.13' }], groups: [a.group] }),
    ] as const,
);
await soon(async () =>
  ovn
    .status()
    .servers.every(({ pid, restarts }, i) => pid !== null && (before[i]?.program === 'ovs-vswitchd' || restarts > 0)),
);
const a3 = await vm('a3', third, 0x13);
seen['lease after the crash'] = await timed('lease after the crash', async () =>
  (await soon(async () => (await a3.dhcp()) !== null, 40_000)) ? 'yes' : null,
);
seen['a3 reads a1'] = await a3.get('http://10.0.0.11/');

// A change, until OVN has it.
const began = systemClock.monotonic();
await change(async (tx) => {
  const network = await putNetwork(tx, { segment: { type: 'geneve', id: 99 } });
  const subnet = await putSubnet(tx, network, '10.9.0.0/24');
  await putPort(tx, network, { mac: mac(0x90), ips: [{ subnet, ip: '10.9.0.2' }], groups: [a.group] });
});
await ovn.settled();
times['network, subnet and port in OVN'] = Math.round(systemClock.monotonic() - began);
// Rules of every kind: OVN's controller says so in its log when it does not understand one.
const addresses = await put(store, 'net_address_groups', {
  project_id: 'p1',
  addresses: ['10.7.0.0/16', 'fd00:7::/32'],
});
await change(async (tx) => {
  const rules = [
    { protocol: 'icmp', port_range_min: 8, port_range_max: 0 },
    { protocol: 'udp', port_range_min: 1000, port_range_max: 2000, remote_ip_prefix: '10.0.0.0/8' },
    { protocol: 'vrrp', direction: 'egress' },
    { protocol: '47', remote_address_group_id: addresses },
    { ethertype: 'IPv6', protocol: 'icmpv6' },
    {
      ethertype: 'IPv6',
      protocol: 'tcp',
      port_range_min: 443,
      port_range_max: 443,
      remote_address_group_id: addresses,
    },
    { ethertype: 'IPv6', protocol: 'sctp', remote_group_id: a.group, direction: 'egress', remote_ip_prefix: null },
  ];
  for (const rule of rules) await putRule(tx, a.group, rule);
});
await ovn.settled();
await sh('ovn-nbctl', `--db=${ovn.remotes.northbound}`, '--wait=hv', '--timeout=20', 'sync');
const logs = await readFile(join(dir, 'ovn', 'controller.log'), 'utf8');
seen['not understood'] = logs.split('\n').filter((text) => /pars|syntax|expr/i.test(text));
seen['refused'] = ovn.status().reconciler.refused;
await ovn.stop();
await store.close();
process.stdout.write(`${JSON.stringify({ seen, times })}\n`);
process.exit(0);
