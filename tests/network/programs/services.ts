import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { startOvn } from '#network/ovn/index';
import { silentLog } from '#platform/log';
import { openStore } from '#store/index';
import { put, putLeg, putNetwork, putPort, putSubnet } from '../truth.ts';
import { PROBE_MACS, probing } from './probing.ts';
import { makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// A trunk, addresses by router advertisements and by DHCPv6, names, a mark and a limit, each on the wire.
//   argv: the database's URL, a folder for everything

const [url = '', dir = ''] = process.argv.slice(2);
const seen: Record<string, unknown> = {};
const times: Record<string, number> = {};
process.on('uncaughtException', (error) => {
  process.stdout.write(`${JSON.stringify({ seen: { ...seen, error: error.stack }, times })}\n`);
  process.exit(0);
});
await prepareNamespace();
await mkdir(dir, { recursive: true });
const store = await openStore({ databaseUrl: url, migrate: 'skip' });
const bridges = new Map([['phys', 'tor1']]);
const settings = { kind: 'own', dir: join(dir, 'ovn'), chassis: 'c1', bridges, encapIp: '127.0.0.1' } as const;
const ovn = await startOvn({ store, clock: systemClock, log: silentLog, settings });
const db = ovn.remotes.switch ?? '';

const ASKER = fileURLToPath(new URL('./asker.py', import.meta.url));
const mac = (n: number) => `fa:16:3e:00:02:${n.toString(16).padStart(2, '0')}`;
const open = { port_security_enabled: false };
// Two networks: the parent's, and one that its trunk carries as VLAN 101.
const first = await putNetwork(store, { segment: { type: 'geneve', id: 1 } });
const firstSubnet = await putSubnet(store, first, '10.0.0.0/24');
const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
const six = await putSubnet(store, first, 'fd00:1::/64', slaac);
const second = await putNetwork(store, { segment: { type: 'geneve', id: 2 } });
const secondSubnet = await putSubnet(store, second, '10.1.0.0/24');
const leased = await putSubnet(store, second, 'fd00:2::/64', {
  ipv6_ra_mode: 'dhcpv6-stateful',
  ipv6_address_mode: 'dhcpv6-stateful',
  dns_nameservers: '{fd00:2::53}',
});
const router = await put(store, 'net_routers', { project_id: 'p1', name: 'r' });
await putLeg(store, router, first, six, 'fd00:1::1', mac(1));
const parent = await putPort(store, first, {
  mac: mac(11),
  ips: [{ subnet: firstSubnet, ip: '10.0.0.11' }],
  more: open,
});
const peer = await putPort(store, first, {
  mac: mac(12),
  ips: [{ subnet: firstSubnet, ip: '10.0.0.12' }],
  more: { ...open, dns_name: 'peer' },
});
const sub = await putPort(store, second, {
  mac: mac(13),
  ips: [{ subnet: secondSubnet, ip: '10.1.0.13' }],
  more: { ...open, device_owner: 'trunk:subport' },
});
const far = await putPort(store, second, {
  mac: mac(14),
  ips: [
    { subnet: secondSubnet, ip: '10.1.0.14' },
    { subnet: leased, ip: 'fd00:2::14' },
  ],
  more: open,
});
// A machine on that network, behind a VLAN of the switch that OVN bridges into the overlay.
const RACK_VLAN = 50;
const rackSegment = await put(store, 'net_segments', {
  network_id: second,
  network_type: 'vlan',
  physical_network: 'phys',
  segmentation_id: RACK_VLAN,
  segment_index: 1,
  dynamic: true,
});
await putPort(store, second, {
  mac: mac(15),
  ips: [
    { subnet: secondSubnet, ip: '10.1.0.15' },
    { subnet: leased, ip: 'fd00:2::15' },
  ],
  more: { vnic_type: 'baremetal', host_id: 'node-1', vif_type: 'other', bound_segment_id: rackSegment },
});
// What the network doctor asks with.
const probed = await putPort(store, second, {
  mac: PROBE_MACS.overlay,
  ips: [
    { subnet: secondSubnet, ip: '10.1.0.30' },
    { subnet: leased, ip: 'fd00:2::30' },
  ],
  more: open,
});
const vlan = await putNetwork(store, { segment: { type: 'vlan', physical: 'phys', id: 70 } });
const vlanSubnet = await putSubnet(store, vlan, '10.7.0.0/24');
const probedVlan = await putPort(store, vlan, {
  mac: PROBE_MACS.vlan,
  ips: [{ subnet: vlanSubnet, ip: '10.7.0.30' }],
  more: open,
});
const trunk = await put(store, 'net_trunks', { project_id: 'p1', port_id: parent });
await put(store, 'net_subports', { port_id: sub, trunk_id: trunk, segmentation_type: 'vlan', segmentation_id: 101 });
await store.query({ text: `update net_networks set dns_domain = 'lab.example.' where id = $1`, values: [first] });
ovn.nudge();
await ovn.settled();

await soon(async () => (await sh('ovs-vsctl', `--db=${db}`, 'list-br')).includes('br-int'));
const vm = (name: string, port: string, n: number) =>
  makeGuest(dir, db, name, mac(n), 'br-int', ['--', 'set', 'interface', name, `external_ids:iface-id=${port}`]);
// A machine with VLANs, as this kernel has none: a switch whose trunk is the parent, with the native network and VLAN 101
// on ports of their own.
await sh('ip', 'link', 'add', 't0', 'type', 'veth', 'peer', 'name', 't1');
for (const end of ['t0', 't1']) {
  await sh('ethtool', '-K', end, 'tx', 'off');
  await sh('ip', 'link', 'set', end, 'up');
}
await sh('ovs-vsctl', `--db=${db}`, 'add-br', 'vmsw', '--', 'set', 'bridge', 'vmsw', 'datapath_type=netdev');
await sh('ovs-vsctl', `--db=${db}`, 'add-port', 'vmsw', 't1');
await sh(
  'ovs-vsctl',
  `--db=${db}`,
  'add-port',
  'br-int',
  't0',
  '--',
  'set',
  'interface',
  't0',
  `external_ids:iface-id=${parent}`,
);
const a = await makeGuest(dir, db, 'ga', mac(11), 'vmsw', []);
const tagged = await makeGuest(dir, db, 'gv', mac(13), 'vmsw', ['tag=101']);
const [b, c] = [await vm('gb', peer, 12), await vm('gc', far, 14)];
const machine = await makeGuest(dir, db, 'gm', mac(15), 'tor1', [`tag=${RACK_VLAN}`]);
for (const guest of [a, tagged, b, c, machine]) {
  await soon(async () => (seen[`lease ${guest.name}`] = await guest.dhcp()) !== null);
}
seen['over the trunk'] = await soon(() => tagged.ping('10.1.0.14'), 10_000);
seen['the other network without it'] = await b.ping('10.1.0.14');

// The address every system makes itself of what routers advertise.
// The system asked when its link came up, before there was anybody to hear it.
seen['address of its own making'] = await soon(async () => {
  await a.can('/usr/bin/python3', ASKER, 'routers');
  return (await a.in('ip', '-6', 'addr', 'show', 'dev', 'e0', 'scope', 'global')).includes(
    'fd00:1::f816:3eff:fe00:20b',
  );
});

// An address for the asking, of IPv6.
seen['lease of IPv6'] = (await c.in('/usr/bin/python3', ASKER, 'dhcp6')).trim();

const machineAddress = (await machine.in('/usr/bin/python3', ASKER, 'dhcp6')).trim();
seen['lease of IPv6 of the machine'] = machineAddress;
for (const [guest, address] of [
  [machine, machineAddress.split(' ')[0] ?? ''],
  [c, 'fd00:2::14'],
] as const)
  await guest.in('ip', '-6', 'addr', 'add', `${address}/64`, 'dev', 'e0', 'nodad');
seen['the machine reaches its neighbour by IPv6'] = await soon(() => machine.ping('fd00:2::14', ['-6']), 10_000);

// Names of ports: whoever is asked (here the peer, who is no name server), OVN answers.
seen['name'] = (await a.in('/usr/bin/python3', ASKER, 'name', 'peer.lab.example', '10.0.0.12')).trim();

// A mark: on what the port sends, whatever the machine said.
const marks = await put(store, 'net_qos_policies', { project_id: 'p1' });
await put(store, 'net_qos_rules', { policy_id: marks, type: 'dscp_marking', dscp_mark: 26 });
const policyOf = (port: string, id: string) =>
  store.query({ text: 'update net_ports set qos_policy_id = $2 where id = $1', values: [port, id] });
const heardTos = async () => {
  const told = a.in('/usr/bin/python3', ASKER, 'tos', '9');
  await Promise.all([told, b.in('/usr/bin/python3', ASKER, 'say', '10.0.0.11', '9')]);
  return Number((await told).trim()) >> 2;
};
seen['mark before'] = await heardTos();
await policyOf(peer, marks);
ovn.nudge();
await ovn.settled();
await sh('ovn-nbctl', `--db=${ovn.remotes.northbound}`, '--wait=hv', '--timeout=20', 'sync');
// What the switch decided for a flow it keeps for a moment, whatever the rules are by now.
await soon(async () => (seen['mark'] = await heardTos()) === 26, 10_000);

/** Milliseconds to read a quarter of a megabyte. */
await b.serve(80);
await sh('dd', 'if=/dev/zero', `of=${join(dir, 'www-gb', 'big')}`, 'bs=1024', 'count=256', 'status=none');
const read = async () => {
  const began = systemClock.monotonic();
  const ask = `printf 'GET /big HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 20 10.0.0.12 80 | wc -c`;
  const size = Number(await a.in('sh', '-c', ask));
  return { whole: size > 256 * 1024, ms: Math.round(systemClock.monotonic() - began) };
};
const free = await read();
const policy = await put(store, 'net_qos_policies', { project_id: 'p1' });
await put(store, 'net_qos_rules', {
  policy_id: policy,
  type: 'bandwidth_limit',
  direction: 'egress',
  max_kbps: 500,
  max_burst_kbps: 100,
});
await policyOf(peer, policy);
ovn.nudge();
await ovn.settled();
await sh('ovn-nbctl', `--db=${ovn.remotes.northbound}`, '--wait=hv', '--timeout=20', 'sync');
// Two million bits at half a million a second.
seen['a limit limits'] = await soon(async () => {
  const limited = await read();
  Object.assign(times, { free: free.ms, limited: limited.ms });
  return free.whole && limited.ms > 2500 && limited.ms > 2 * free.ms;
}, 10_000);
seen['the doctor'] = await probing({
  dir,
  socket: db.replace('unix:', ''),
  overlay: { port: probed, peer: c, target: '10.1.0.14' },
  vlan: { port: probedVlan, id: 70 },
});
seen['refused'] = ovn.status().reconciler.refused;
await ovn.stop();
await store.close();
process.stdout.write(`${JSON.stringify({ seen, times })}\n`);
process.exit(0);
