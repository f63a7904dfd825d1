import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PortPlan } from '#contracts/switches';
import { QemuMachine } from '#lab/machine/qemu/machine';
import { machineSpec } from '#lab/machine/spec';
import { OvsSwitch } from '#lab/switch/ovs';
import { openStore } from '#store/index';
import { openRoom, register } from '../switch/room.ts';
import { EmulatedGuest, talker } from './emulated.ts';
import { prepareNamespace, sh, soon } from './wire.ts';

// One emulated machine with three cards on two switches: several networks through one card, a bond on one switch, and a
// bond over the pair, each as the product sets it and with frames through it.
//   argv: the database's URL, a folder for everything

const [url = '', dir = ''] = process.argv.slice(2);
const seen: Record<string, unknown> = {};
const report = () => process.stdout.write(`${JSON.stringify({ seen, times: {} })}\n`);
process.on('uncaughtException', (error) => {
  seen['error'] = error.stack;
  report();
  process.exit(0);
});
await prepareNamespace();
await mkdir(dir, { recursive: true });

const CHASSIS = ['06:00:00:00:00:01', '06:00:00:00:00:02'] as const;
const [sw1, sw2] = [
  await OvsSwitch.start(join(dir, 's1'), { tcpPort: null, apart: true, chassisId: CHASSIS[0] }),
  await OvsSwitch.start(join(dir, 's2'), { tcpPort: null, apart: true, chassisId: CHASSIS[1] }),
];
const within = (ovs: OvsSwitch, ...command: string[]) => sh(...([...ovs.prefix, ...command] as [string]));

// The machine's third card is a tap of the second switch: QEMU opens it beside the others, and it is moved over then.
await sw1.addTap('g0');
await sw1.addTap('g1');
await within(sw1, 'ip', 'tuntap', 'add', 'g2', 'mode', 'tap');
const nics = ['g0', 'g1', 'g2'].map((ifname) => ({ link: { kind: 'tap' as const, ifname } }));
const machine = await QemuMachine.create(machineSpec(await talker('m', { nics })), {
  dir: join(dir, 'm'),
  prefix: sw1.prefix,
});
machine.planBoot(() => ({
  mode: 'bios',
  secureBoot: { enabled: false, keys: 'none', certificates: {} },
  order: ['disk'],
  httpUri: null,
  disks: [],
}));
const guest = new EmulatedGuest('m', join(dir, 'm', 'serial'));
await machine.powerOn();
await within(sw1, 'ip', 'link', 'set', 'g2', 'netns', join(sw2.dir, 'net'));
await within(sw2, 'ip', 'link', 'set', 'g2', 'up');
await sh('ovs-vsctl', `--db=${sw2.ovsdb}`, 'add-port', 'tor0', 'g2', 'tag=1');

// The link between the two, and who is beside the machine in its networks.
await sh('ip', 'link', 'add', 'isl1', 'type', 'veth', 'peer', 'name', 'isl2');
for (const [ovs, end] of [
  [sw1, 'isl1'],
  [sw2, 'isl2'],
] as const) {
  await sh('ip', 'link', 'set', end, 'netns', join(ovs.dir, 'net'));
  await within(ovs, 'ip', 'link', 'set', end, 'up');
  await sh('ovs-vsctl', `--db=${ovs.ovsdb}`, 'add-port', 'tor0', end, 'vlan_mode=trunk', 'trunks=20,21');
}
for (const [name, ovs, vlan, address] of [
  ['n1', sw1, 20, '10.20.0.1'],
  ['n2', sw1, 21, '10.21.0.1'],
  ['n3', sw2, 20, '10.20.0.3'],
] as const) {
  await ovs.addCable(name, { mode: 'access', vlan });
  await sh('ip', 'netns', 'add', name);
  await sh('ip', 'link', 'set', name, 'netns', name);
  await sh('ip', '-n', name, 'address', 'add', `${address}/24`, 'dev', name);
  await sh('ip', '-n', name, 'link', 'set', name, 'up');
}

const store = await openStore({ databaseUrl: url, migrate: 'skip' });
const room = openRoom(store);
for (const [i, ovs] of [sw1, sw2].entries()) {
  const place = { address: ovs.ovsdb, chassis_id: CHASSIS[i] ?? null, options: '{"bridge":"tor0"}' };
  await register(store, { name: `sw${i + 1}`, driver: 'ovs', ...place });
}
const set = (...wishes: [at: 1 | 2, port: string, plan: PortPlan][]) =>
  room.service.applyPorts(
    wishes.map(([at, portId, plan]) => ({ link: { switchId: `sw${at}`, portId }, plan, owner: 'm' })),
    { deadlineMs: 30_000 },
  );
const NOTHING: PortPlan = { vlans: { mode: 'nothing' } };
const access = (vlan: number): PortPlan => ({ vlans: { mode: 'access', vlan } });
await set([1, 'g0', NOTHING], [1, 'g1', NOTHING], [2, 'g2', NOTHING]);
await guest.up();

const { shell } = guest;
/** Within some seconds; bonds take a few to settle. */
const reaches = (address: string) => soon(async () => shell.reaches(address), 40_000);
const reachesNot = async (address: string) => !(await shell.reaches(address));
/** VLANs of a card, with an address of the machine in each. */
const vlansOn = async (nic: string, ...vlans: number[]) => {
  for (const vlan of vlans) {
    await shell.do(
      `ip link add link ${nic} name v${vlan} type vlan id ${vlan}; ip link set v${vlan} up; ip addr add 10.${vlan}.0.9/24 dev v${vlan}`,
    );
  }
};

seen['with nothing on its port'] = await (async () => {
  await vlansOn('eth1', 20, 21);
  return reachesNot('10.20.0.1');
})();
await set([1, 'g1', { vlans: { mode: 'trunk', native: null, allowed: [20, 21] } }]);
seen['two networks through one card'] = [await reaches('10.20.0.1'), await reaches('10.21.0.1')];
await set([1, 'g1', { vlans: { mode: 'trunk', native: null, allowed: [20] } }]);
seen['one of them taken away'] = [await reaches('10.20.0.1'), await reachesNot('10.21.0.1')];
await shell.do('ip link del v20; ip link del v21; ip link set eth1 down');

const BOND = '/sys/class/net/bond0/bonding';
const bond = async (...cards: string[]) => {
  await shell.do(
    `ip link set bond0 down; for s in $(cat ${BOND}/slaves); do echo -$s > ${BOND}/slaves; done; ` +
      `echo 802.3ad > ${BOND}/mode; echo fast > ${BOND}/lacp_rate; echo 100 > ${BOND}/miimon`,
  );
  for (const card of cards) await shell.do(`ip link set ${card} down; echo +${card} > ${BOND}/slaves`);
  await shell.do('ip link set bond0 up; ip addr add 10.20.0.9/24 dev bond0');
};
const cardsInBond = async () => Number(/(\d+)\s/.exec(await shell.do(`cat ${BOND}/ad_num_ports`))?.[1]);
const partner = async () => /([0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(await shell.do(`cat ${BOND}/ad_partner_mac`))?.[0];
const cut = (ovs: OvsSwitch, port: string, state: 'down' | 'up') => within(ovs, 'ip', 'link', 'set', port, state);

const lag = { key: 'bond-1', mode: 'lacp' as const };
await set([1, 'g0', { ...access(20), lag }], [1, 'g1', { ...access(20), lag }]);
await bond('eth0', 'eth1');
seen['a bond on one switch'] = [
  await soon(async () => (await cardsInBond()) === 2, 40_000),
  await reaches('10.20.0.1'),
];
const trunk: PortPlan = { vlans: { mode: 'trunk', native: 20, allowed: [21] }, lag };
await set([1, 'g0', trunk], [1, 'g1', trunk]);
await vlansOn('bond0', 21);
seen['two networks through the bond'] = [await reaches('10.20.0.1'), await reaches('10.21.0.1')];
await cut(sw1, 'g0', 'down');
seen['with one cable cut'] = [await reaches('10.20.0.1'), await reaches('10.21.0.1')];
await cut(sw1, 'g0', 'up');
await shell.do('ip link del v21');

const pair = { key: 'bond-2', mode: 'lacp' as const, mlag: true };
await set([1, 'g1', NOTHING], [1, 'g0', { ...access(20), lag: pair }], [2, 'g2', { ...access(20), lag: pair }]);
await bond('eth0', 'eth2');
seen['a bond over a pair of switches'] = [
  await soon(async () => (await cardsInBond()) === 2, 40_000),
  (await partner())?.startsWith('06:1a:b1'),
  await reaches('10.20.0.1'),
  await reaches('10.20.0.3'),
];
for (const [ovs, port] of [
  [sw1, 'g0'],
  [sw2, 'g2'],
] as const) {
  await cut(ovs, port, 'down');
  seen[`over the pair without ${port}`] = [await reaches('10.20.0.1'), await reaches('10.20.0.3')];
  await cut(ovs, port, 'up');
  await soon(async () => (await cardsInBond()) === 2, 40_000);
}
await machine.close();
await room.stop();
await store.close();
await sw1.stop();
await sw2.stop();
report();
process.exit(0);
