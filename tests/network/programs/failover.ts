import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import type { Chassis } from '#network/model/truth';
import { startOvn } from '#network/ovn/index';
import { order } from '#network/ovn/rows/chassis';
import { silentLog } from '#platform/log';
import { openStore } from '#store/index';
import { put, putDefaultGroup, putLeg, putNetwork, putPort, putSubnet } from '../truth.ts';
import { prepareUnderlay, startOtherHost } from './chassis.ts';
import { makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// Two hosts: a virtual machine on the first, the gateway of its router on the second. The second loses its power.
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
const bridges = new Map([['phys', 'tor1']]);
const settings = { kind: 'own', dir: join(dir, 'ovn'), chassis: 'c1', bridges, encapIp: '172.31.0.1' } as const;
const ovn = await startOvn({ store, clock: systemClock, log: silentLog, settings, beatMs: 1_000 });
const db = ovn.remotes.switch ?? '';
await sh('ip', 'netns', 'add', 'c2');
await sh('ip', 'link', 'add', 'cable1', 'type', 'veth', 'peer', 'name', 'cable2', 'netns', 'c2');
await sh('ip', 'link', 'add', 'tor1-2', 'type', 'veth', 'peer', 'name', 'tor2-1', 'netns', 'c2');
await sh('ethtool', '-K', 'tor1-2', 'tx', 'off');
await sh('ip', 'link', 'set', 'tor1-2', 'up');
await soon(async () => (await sh('ovs-vsctl', `--db=${db}`, 'list-br')).includes('tor1'));
await prepareUnderlay(db, 'cable1', '172.31.0.1');
await sh('ovs-vsctl', `--db=${db}`, 'add-port', 'tor1', 'tor1-2');
const other = await startOtherHost({
  dir,
  name: 'c2',
  southbound: ovn.remotes.southbound ?? '',
  encapIp: '172.31.0.2',
  cable: 'cable2',
  physical: 'tor2-1',
});
seen['both hosts are known'] = await timed('both hosts known', () =>
  soon(async () => ovn.status().chassis.length === 2),
);
const chassis: readonly Chassis[] = ovn.status().chassis;

const mac = (n: number) => `fa:16:3e:00:01:${n.toString(16).padStart(2, '0')}`;
const group = await putDefaultGroup(store);
const network = await putNetwork(store);
const subnet = await putSubnet(store, network, '10.0.0.0/24');
const ports = [11, 12].map((host) =>
  putPort(store, network, { mac: mac(host), ips: [{ subnet, ip: `10.0.0.${host}` }], groups: [group] }),
);
const outside = await putNetwork(store, { external: true, segment: { type: 'flat', physical: 'phys' } });
const outer = await putSubnet(store, outside, '192.0.2.0/24', { enable_dhcp: false });
// A router whose order of hosts begins with the second.
let id = newUuid();
while (order(id, chassis)[0]?.name !== 'c2') id = newUuid();
await put(store, 'net_routers', { id, project_id: 'p1', name: 'r', gateway_network_id: outside });
await putLeg(store, id, network, subnet, '10.0.0.1', mac(1));
await putLeg(store, id, outside, outer, '192.0.2.10', mac(2), 'gateway');
ovn.nudge();
await ovn.settled();

const iface = async (name: string, at: number) => [
  '--',
  'set',
  'interface',
  name,
  `external_ids:iface-id=${await ports[at]}`,
];
const vm1 = await makeGuest(dir, db, 'vm1', mac(11), 'br-int', await iface('vm1', 0));
const out = await makeGuest(dir, db, 'out', mac(0x70), 'tor1', []);
await out.in('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'e0');
await out.serve(80);
seen['lease'] = await vm1.dhcp();
// The other virtual machine is on the other host: its frames go through the tunnel.
const vm2 = await makeGuest(dir, db, 'vm2', mac(12), 'br-int', await iface('vm2', 1)).catch(() => undefined);
if (vm2 !== undefined) {
  await sh('ovs-vsctl', `--db=${db}`, 'del-port', 'br-int', 'vm2');
  await sh('ip', 'link', 'set', 'vm2', 'netns', 'c2');
  await sh(...(other.inside as [string]), 'ip', 'link', 'set', 'vm2', 'up');
  await sh('ovs-vsctl', `--db=${other.db}`, 'add-port', 'br-int', 'vm2', ...(await iface('vm2', 1)));
  seen['lease on the other host'] = (await soon(async () => (await vm2.dhcp()) !== null)) ? 'yes' : null;
  await vm2.serve(80);
  seen['through the tunnel'] = await vm1.get('http://10.0.0.12/');
}
const onHost = async () => {
  const text = await sh(
    'ovn-sbctl',
    `--db=${ovn.remotes.southbound}`,
    '--bare',
    '--columns=chassis',
    'find',
    'port_binding',
    'type=chassisredirect',
  );
  const names = await sh(
    'ovn-sbctl',
    `--db=${ovn.remotes.southbound}`,
    '--bare',
    '--columns=_uuid,name',
    'list',
    'chassis',
  );
  const lines = names.split('\n').filter((line) => line !== '');
  return lines[lines.indexOf(text.trim()) + 1] ?? null;
};
const leaves = () => vm1.get('http://192.0.2.1/cgi-bin/who');
seen['outside, by the second host'] = await timed('outside reached', async () =>
  (await soon(async () => (await leaves()) === '192.0.2.10')) ? '192.0.2.10' : null,
);
seen['the gateway is on'] = await onHost();

await other.kill();
seen['outside, after it lost its power'] = await timed('gateway moved', async () =>
  (await soon(async () => (await leaves()) === '192.0.2.10', 40_000)) ? '192.0.2.10' : null,
);
seen['the gateway is on now'] = await onHost();
seen['the dead host is known as such'] = await soon(async () =>
  ovn.status().chassis.some((one) => one.name === 'c2' && !one.alive),
);
await ovn.stop();
await store.close();
process.stdout.write(`${JSON.stringify({ seen, times })}\n`);
process.exit(0);
