import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { systemRandom } from '#kernel/random';
import { start } from '#kernel/run';
import { OvsSwitch } from '#lab/switch/ovs';
import { OwnMachineNetworks } from '#network/machines/own';
import { silentLog } from '#platform/log';
import { openStore } from '#store/index';
import { lifeOn } from '../../baremetal/life/harness.ts';
import { openRoom, register } from '../switch/room.ts';
import { putNetwork, putPort } from '../truth.ts';
import { type Guest, makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// Two tenants' machines through a whole cycle (clean, deploy, use, undeploy) on a real switch, while everybody talks as
// loud as he can. Run inside namespaces of its own; says what was heard as one line of JSON, and the test judges it.
//   argv: the database's URL, a folder for everything

const [url = '', dir = ''] = process.argv.slice(2);
const seen: Record<string, unknown> = {};
const end = (): never => {
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  process.exit(0);
};
process.on('uncaughtException', (error) => {
  seen['error'] = error.stack;
  end();
});
process.on('unhandledRejection', (error) => {
  seen['error'] = error instanceof Error ? error.stack : String(error);
  end();
});

const SPEAKER = fileURLToPath(new URL('./speaker.py', import.meta.url));
const SWITCH = '52:54:00:00:00:01';
const VLANS = { bmc: 90, service: 100, red: 200, blue: 300 } as const;
/** Who hangs on the switch, and on which VLAN for good; machines are moved. */
const PLACES: readonly [name: string, vlan: number | null][] = [
  ['bmc', VLANS.bmc],
  ['server', VLANS.service],
  ['red', VLANS.red],
  ['blue', VLANS.blue],
  ['m1', null],
  ['m2', null],
];
const macOf = (name: string) => `52:54:00:aa:00:0${PLACES.findIndex(([one]) => one === name)}`;

await prepareNamespace();
await mkdir(dir, { recursive: true });
const ovs = await OvsSwitch.start(join(dir, 'ovs'), { tcpPort: null });
const guests = new Map<string, Guest>();
for (const [name, vlan] of PLACES) {
  // What nobody has set up yet carries nothing, as a new rack is to be.
  const settings =
    vlan === null ? ['vlan_mode=trunk', 'trunks=3967', 'protected=true'] : [`tag=${vlan}`, 'vlan_mode=access'];
  guests.set(name, await makeGuest(dir, ovs.ovsdb, name, macOf(name), 'tor0', settings));
}
const heardFile = (name: string) => join(dir, `${name}.heard`);
for (const [name] of PLACES) {
  const others = PLACES.map(([one]) => one).filter((one) => one !== name);
  const args = [name, heardFile(name), macOf(name), Object.values(VLANS).join(','), others.map(macOf).join(',')];
  const inside = ['netns', 'exec', name, '/usr/bin/python3', SPEAKER, ...args];
  start('setpriv', ['--pdeathsig', 'KILL', 'ip', ...inside], { stdio: ['ignore', 'ignore', 'inherit'] });
}
const heard = async (name: string): Promise<{ at: number; who: string }[]> =>
  (await readFile(heardFile(name), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '' && line !== 'ready')
    .map((line) => ({ at: Number(line.split(' ')[0]), who: line.split(' ')[1] ?? '' }));
await soon(async () => {
  const files = await Promise.all(PLACES.map(([name]) => readFile(heardFile(name), 'utf8').catch(() => '')));
  return files.every((text) => text.startsWith('ready'));
}, 60_000);

const store = await openStore({ databaseUrl: url, migrate: 'skip' });
await register(store, {
  name: 'tor1',
  driver: 'ovs',
  address: ovs.ovsdb,
  chassis_id: SWITCH,
  physical_network: 'rack1',
  options: JSON.stringify({ bridge: 'tor0' }),
});
const switches = openRoom(store);
const networks = new OwnMachineNetworks({
  store,
  switches: () => switches.service,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  config: { vlans: new Map(), flatVlans: new Map(), strict: false, deadlineMs: 60_000, macBase: 'fa:16:3e' },
});
const vlanNetwork = (name: string, id: number, project: string) =>
  putNetwork(store, { name, project, segment: { type: 'vlan', physical: 'rack1', id } });
await vlanNetwork('service', VLANS.service, 'admin');
const tenants = { m1: await vlanNetwork('red', VLANS.red, 'p1'), m2: await vlanNetwork('blue', VLANS.blue, 'p2') };
const service = { provisioning: 'service', cleaning: 'service', inspection: null, rescue: 'service', servicing: null };
const none = { provisioning: [], cleaning: [], inspection: [], rescue: [], servicing: [] };
const life = await lifeOn(
  { store, url, adminUrl: '', close: () => store.close() },
  {
    networks,
    conductor: {
      network: { networks: service, securityGroups: none, allPorts: false, lldp: 'off' },
      fake: {
        delayS: { 'clean.erase_devices': 0.4, 'deploy.deploy': 0.4, 'rescue.rescue': 0.4 },
        fail: {},
        ledger: true,
      },
    },
  },
);

const machines = ['m1', 'm2'] as const;
const uuids = new Map<string, string>();
const vifs = new Map<string, string>();
for (const name of machines) {
  const [uuid = ''] = await life.enrol(1, { network_interface: 'neutron' });
  uuids.set(name, uuid);
  const link = { switch_id: SWITCH, port_id: name, switch_info: 'tor1' };
  const vif = await putPort(store, tenants[name], { mac: `fa:16:3e:00:00:0${vifs.size}` });
  vifs.set(name, vif);
  await store.query({
    text: `insert into ports (uuid, node_uuid, address, pxe_enabled, local_link_connection, internal_info)
           values ($1, $2, $3, true, $4, $5)`,
    values: [newUuid(), uuid, macOf(name), JSON.stringify(link), JSON.stringify({ tenant_vif_port_id: vif })],
  });
}
/** When each machine was in which phase, for who asks later. */
const marks: Record<string, [at: number, phase: string][]> = { m1: [], m2: [] };
const tagOf = async (name: string) => (await sh('ovs-vsctl', `--db=${ovs.ovsdb}`, 'get', 'port', name, 'tag')).trim();
const statusOf = async (name: string) =>
  (
    await store.query<{ status: string }>({
      text: 'select status from net_ports where id = $1',
      values: [vifs.get(name)],
    })
  )[0]?.status;

async function cycle(name: 'm1' | 'm2', rescue: boolean): Promise<void> {
  const uuid = uuids.get(name) ?? '';
  const reach = async (target: string, state: Parameters<typeof life.until>[1], more = {}) => {
    marks[name]?.push([systemClock.now(), target]);
    await life.verb(uuid, target, more);
    await life.until(uuid, state, 60_000);
    marks[name]?.push([systemClock.now(), state]);
  };
  await reach('manage', 'manageable');
  await reach('provide', 'available');
  seen[`${name} available`] = await tagOf(name);
  await reach('active', 'active');
  seen[`${name} active`] = [await tagOf(name), await statusOf(name)];
  await systemClock.sleep(600);
  if (rescue) {
    await reach('rescue', 'rescue', { rescuePassword: 'sesame' });
    await reach('unrescue', 'active');
    await systemClock.sleep(300);
  }
  await reach('deleted', 'available');
  seen[`${name} over`] = [await tagOf(name), await statusOf(name)];
}
await Promise.all([cycle('m1', true), cycle('m2', false)]);
// Its last frames are on their way.
await systemClock.sleep(300);
const until = systemClock.now();
const whoHeard = async (from: number, to: number) => {
  const found: Record<string, Record<string, number>> = {};
  for (const [name] of PLACES) {
    const counts: Record<string, number> = {};
    for (const { at, who } of await heard(name)) if (at >= from && at <= to) counts[who] = (counts[who] ?? 0) + 1;
    found[name] = counts;
  }
  return found;
};
seen['heard'] = await whoHeard(0, until);
seen['marks'] = marks;

// A hand at the switch puts the machine of blue, which is nobody's now, on red: put right within seconds.
const byHand = async (vlan: number) =>
  await sh(
    'ovs-vsctl',
    `--db=${ovs.ovsdb}`,
    'clear',
    'port',
    'm2',
    'trunks',
    '--',
    'set',
    'port',
    'm2',
    `tag=${vlan}`,
    'vlan_mode=access',
    'protected=false',
  );
await byHand(VLANS.red);
seen['repaired'] = await soon(async () => (await tagOf('m2')) === '[]', 20_000);
// And with nobody there to put it right, the same capture must bite.
await switches.stop();
const wrong = systemClock.now();
await byHand(VLANS.red);
await systemClock.sleep(700);
seen['heard while wrong'] = await whoHeard(wrong, systemClock.now());
await life.close();
await ovs.stop();
end();
