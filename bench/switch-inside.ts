/** What `bench/switch.ts` runs in namespaces of its own: `argv`: the database's URL, a folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { EmulatedGnmiSwitch } from '#lab/switch/openconfig/gnmi';
import { EmulatedNetconfSwitch } from '#lab/switch/openconfig/netconf';
import { OvsSwitch } from '#lab/switch/ovs';
import { DIALECTS } from '#lab/switch/ssh/all';
import { EmulatedSshSwitch } from '#lab/switch/ssh/server';
import { OwnMachineNetworks } from '#network/machines/own';
import { silentLog } from '#platform/log';
import { openStore } from '#store/open';
import { openRoom, register } from '../tests/network/switch/room.ts';
import { putNetwork } from '../tests/network/truth.ts';
import { goal, tellGoals } from './goals.ts';

const [url = '', dir = ''] = process.argv.slice(2);
const PORTS = 100;
const ALONE = 15;
const DEADLINE = { deadlineMs: 120_000 };
const CHASSIS = '02:00:00:00:00:01';
await mkdir(dir, { recursive: true });
const store = await openStore({ databaseUrl: url, migrate: 'skip' });
const room = openRoom(store);

const ovs = await OvsSwitch.start(join(dir, 'ovs'), { tcpPort: null, apart: true, chassisId: CHASSIS });
const taps = Array.from({ length: PORTS }, (_, i) => `t${i}`);
for (const tap of taps) await ovs.addTap(tap);
await register(store, {
  name: 'ovs',
  driver: 'ovs',
  address: ovs.ovsdb,
  chassis_id: CHASSIS,
  physical_network: 'rack1',
  options: JSON.stringify({ bridge: ovs.bridge }),
});

const login = JSON.stringify({ password: 'switch', enable_password: 'secret' });
const others: [name: string, ports: readonly string[]][] = [['ovs', taps]];
async function add(
  name: string,
  driver: 'ssh' | 'netconf' | 'gnmi',
  port: number,
  ports: Iterable<string>,
  platform: string | null,
) {
  const address = `127.0.0.1:${port}`;
  await register(store, { name, driver, address, platform, username: 'admin', login_sealed: login });
  others.push([name, [...ports].slice(0, PORTS)]);
}
for (const dialect of DIALECTS) {
  // A ProCurve has no port of three digits.
  const ports = dialect.name === 'hpe_procurve' ? 96 : PORTS;
  const it = await EmulatedSshSwitch.start({ dialect, ports });
  await add(`ssh ${dialect.name}`, 'ssh', it.port, it.device.running.ports.keys(), dialect.name);
}
const netconf = await EmulatedNetconfSwitch.start({ ports: PORTS });
await add('netconf', 'netconf', netconf.port, netconf.device.running.ports.keys(), null);
const gnmi = await EmulatedGnmiSwitch.start({ ports: PORTS });
await add('gnmi', 'gnmi', gnmi.port, gnmi.device.running.ports.keys(), null);

let vlan = 100;
const flip = (at: string, port: string) =>
  room.service.applyPorts(
    [
      {
        link: { switchId: at, portId: port },
        plan: { vlans: { mode: 'access', vlan: 100 + (++vlan % 800) } },
        owner: 'n',
      },
    ],
    DEADLINE,
  );
const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await act();
  return performance.now() - began;
};
const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
const row = (what: string, ...figures: string[]) => console.log(what.padEnd(30), ...figures.map((f) => f.padStart(16)));

row('', 'one, median', 'the slowest', `${PORTS} at once`, 'our CPU, each');
for (const [name, ports] of others) {
  const [first = ''] = ports;
  await flip(name, first);
  const alone: number[] = [];
  for (let i = 0; i < ALONE; i++) alone.push(await timed(() => flip(name, first)));
  const before = process.cpuUsage();
  const all = await timed(() => Promise.all(ports.map((port) => flip(name, port))));
  const used = process.cpuUsage(before);
  const one = median(alone);
  const cpu = (used.user + used.system) / 1000 / ports.length;
  row(name, ...[one, alone.at(-1) ?? 0, all, cpu].map((ms) => `${ms.toFixed(1)} ms`));
  goal(`${name}: flip of a port`, one, 'at most', 300, 'ms');
  goal(`${name}: ${ports.length} flips at once`, all / 1000, 'at most', 5, 's');
}

// A machine, as bare metal has it moved: off one network, seen to be off, onto the other.
const networks = new OwnMachineNetworks({
  store,
  switches: () => room.service,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  config: { vlans: new Map(), flatVlans: new Map(), strict: false, deadlineMs: 60_000, macBase: 'fa:16:3e' },
});
const [one, two] = [
  await putNetwork(store, { name: 'one', segment: { type: 'vlan', physical: 'rack1', id: 901 } }),
  await putNetwork(store, { name: 'two', segment: { type: 'vlan', physical: 'rack1', id: 902 } }),
];
const machines = taps.map((tap, i) => ({
  uuid: newUuid(),
  instanceUuid: null,
  fence: 1n,
  cables: [{ switchId: CHASSIS, portId: tap, switchInfo: null }],
  place: newUuid(),
  mac: `52:54:00:00:01:${i.toString(16).padStart(2, '0')}`,
}));
const move = ({ place, mac, ...machine }: (typeof machines)[number], network: string) =>
  networks.connect(
    machine,
    [
      {
        kind: 'service',
        purpose: 'cleaning',
        network,
        securityGroups: [],
        place: { id: place, mac, physicalNetwork: 'rack1', links: machine.cables, bond: null },
      },
    ],
    { signal: AbortSignal.timeout(120_000), assertMayWrite: () => {} },
  );
const [machine] = machines;
if (machine === undefined) throw new Error('no machine');
await move(machine, one);
const moves: number[] = [];
for (let i = 0; i < ALONE; i++) moves.push(await timed(() => move(machine, i % 2 === 0 ? two : one)));
const moved = await timed(() => Promise.all(machines.map((each) => move(each, two))));
row('a machine between networks', ...[median(moves), moves.at(-1) ?? 0, moved].map((ms) => `${ms.toFixed(1)} ms`));
goal('a machine from one network to another', median(moves), 'at most', 300, 'ms');
goal(`${PORTS} machines at once`, moved / 1000, 'at most', 5, 's');
console.log();
tellGoals();
await room.stop();
await ovs.stop();
await store.close();
process.exit();
