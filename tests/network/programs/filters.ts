import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { OvsSwitch } from '#lab/switch/ovs';
import type { BoundPort, MachineRule } from '#network/machines/bound';
import { filtersOf } from '#network/machines/enforcement';
import { applyBatch } from '#network/switch/apply';
import type { SwitchSession } from '#network/switch/drivers/contract';
import { OvsDriver } from '#network/switch/drivers/ovs/ovs';
import type { AclConfig } from '#network/switch/model/config';
import { differencesOf } from '#network/switch/model/difference';
import { access } from '#network/switch/conformance/subject';
import { silentLog } from '#platform/log';
import { NO_LOGIN } from '../switch/logins.ts';
import { makeGuest, prepareNamespace, sh, soon } from './wire.ts';

// Rules of security groups at the switch port of a machine, on the wire: with connections, without, and against a root
// who says that he is somebody else.
//   argv: a database nobody needs here, a folder for everything

const [, dir = ''] = process.argv.slice(2);
const seen: Record<string, unknown> = {};
process.on('uncaughtException', (error) => {
  process.stdout.write(`${JSON.stringify({ seen: { ...seen, error: error.stack } })}\n`);
  process.exit(0);
});
await prepareNamespace();
await mkdir(dir, { recursive: true });
const ovs = await OvsSwitch.start(join(dir, 'ovs'), { tcpPort: null });
const openflow = 'tcp:127.0.0.1:6653';
await sh('ovs-vsctl', `--db=${ovs.ovsdb}`, 'set-controller', 'tor0', 'ptcp:6653:127.0.0.1');
const driver = new OvsDriver({ clock: systemClock, log: silentLog });
const target = {
  name: 'tor1',
  address: ovs.ovsdb,
  platform: null,
  login: NO_LOGIN,
  hostKey: null,
  parkingVlan: 3967,
  options: { bridge: 'tor0', openflow },
};
const abilities = driver.abilitiesWith(target.options);
const VLAN = 200;
const MAC = { m1: '52:54:00:aa:00:01', m2: '52:54:00:aa:00:02', peer: '52:54:00:aa:00:03' };
const [m1, m2, peer] = await Promise.all([
  makeGuest(dir, ovs.ovsdb, 'm1', MAC.m1, 'tor0', ['tag=3967']),
  makeGuest(dir, ovs.ovsdb, 'm2', MAC.m2, 'tor0', ['tag=3967']),
  makeGuest(dir, ovs.ovsdb, 'peer', MAC.peer, 'tor0', [`tag=${VLAN}`]),
]);
for (const [guest, ip] of [
  [m1, '10.0.0.1'],
  [m2, '10.0.0.2'],
  [peer, '10.0.0.3'],
] as const) {
  await guest.in('ip', 'addr', 'add', `${ip}/24`, 'dev', 'e0');
  for (const port of [80, 81]) await guest.serve(port);
}

const rule = (direction: 'ingress' | 'egress', port: number | null): MachineRule => ({
  id: `${direction} ${port}`,
  groupId: 'g',
  direction,
  ethertype: 'IPv4',
  protocol: port === null ? null : 'tcp',
  portMin: port,
  portMax: port,
  remotes: null,
});
/** What the machine's port would get, by the code that makes it. */
const filters = (name: 'm1' | 'm2', stateful: boolean, rules: MachineRule[]): AclConfig => {
  const port: BoundPort = {
    id: name,
    networkId: 'n',
    mac: MAC[name],
    status: 'ACTIVE',
    vifType: 'other',
    place: name,
    purpose: null,
    links: [],
    bond: null,
    segment: null,
    adminUp: true,
    portSecurity: true,
    pairs: [],
    ips: [name === 'm1' ? '10.0.0.1' : '10.0.0.2'],
    subports: [],
    groups: [{ id: 'g', stateful }],
    rules,
    strict: null,
  };
  return filtersOf(port, abilities);
};
let open: SwitchSession | undefined;
const session = async () => (open ??= await driver.open(target, AbortSignal.timeout(20_000)));
const make = async (wanted: Record<string, AclConfig>) => {
  const ports = new Map(Object.entries(wanted).map(([name, acl]) => [name, access(VLAN, { acl })]));
  const batch = { name: 'tor1', parkingVlan: 3967, session, mayWrite: () => {}, signal: AbortSignal.timeout(30_000) };
  const { ports: outcomes } = await applyBatch(batch, ports);
  return [...outcomes.values()].map(({ outcome, error }) => error?.message ?? outcome);
};
const differs = async (name: string, acl: AclConfig) => {
  const { ports } = await (await session()).read(AbortSignal.timeout(20_000));
  const found = ports.get(name);
  return found === undefined ? ['no port'] : differencesOf(access(VLAN, { acl }), found).map(({ what }) => what);
};

const rules = [rule('ingress', 80), rule('egress', null)];
const shut = filters('m2', true, [rule('egress', null)]);
seen['made'] = await make({ m1: filters('m1', true, rules), m2: shut });
// With connections: who asks gets an answer, who was not let in does not.
seen['let in'] = await peer.get('http://10.0.0.1/');
seen['not let in'] = await peer.get('http://10.0.0.1:81/');
seen['no ping'] = await peer.ping('10.0.0.1');
seen['answers come back'] = await m1.get('http://10.0.0.3:81/');
seen['its own ping'] = await m1.ping('10.0.0.3');
seen['from one filtered port to another'] = [await m2.get('http://10.0.0.1/'), await m1.get('http://10.0.0.2/')];
// A rule that goes ends what it had let in: the same connection, before and after.
seen['rule taken away'] = await make({ m1: filters('m1', true, [rule('egress', null)]) });
seen['let in no longer'] = await peer.get('http://10.0.0.1/');

// Who he says he is.
const FORGER = fileURLToPath(new URL('./forger.py', import.meta.url));
const file = join(dir, 'heard');
const ears = ['netns', 'exec', 'peer', '/usr/bin/python3', FORGER, 'hear', file];
start('setpriv', ['--pdeathsig', 'KILL', 'ip', ...ears], { stdio: ['ignore', 'ignore', 'inherit'] });
const heard = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
await soon(async () => (await heard()).includes('ready'));
const forge = () => m1.in('/usr/bin/python3', FORGER, 'forge', MAC.m1, '10.0.0.1', '10.0.0.3', MAC.peer);
await forge();
await soon(async () => (await heard()).includes('honest arp'));
await systemClock.sleep(200);
seen['heard'] = (await heard()).sort();

// Somebody takes the flows away: it shows, and is put right.
const wanted = filters('m1', true, rules);
await make({ m1: wanted });
seen['as wanted'] = await differs('m1', wanted);
await sh('ovs-ofctl', '-O', 'OpenFlow14', 'del-flows', openflow, 'table=105');
seen['with flows gone'] = await differs('m1', wanted);
seen['put right'] = [await make({ m1: wanted }), await differs('m1', wanted)];

// Without connections: what is let in is let in, and answers are nobody's.
seen['stateless'] = await make({ m1: filters('m1', false, rules) });
seen['stateless let in'] = await peer.get('http://10.0.0.1/');
seen['stateless not let in'] = await peer.get('http://10.0.0.1:81/');
seen['stateless answers'] = await m1.get('http://10.0.0.3:81/');

// And nothing of it is left.
seen['let go'] = await make({ m1: { in: null, out: null }, m2: { in: null, out: null } });
seen['open again'] = [await peer.get('http://10.0.0.1:81/'), await m1.get('http://10.0.0.2:81/')];
seen['flows left'] = (await sh('ovs-ofctl', '-O', 'OpenFlow14', 'dump-flows', openflow)).trim().split('\n').length;
await forge();
await soon(async () => (await heard()).includes('router advertisement'));
// The same ears hear every forgery once nothing filters.
seen['heard without'] = (await soon(async () => (await heard()).length >= 11, 5_000))
  ? (await heard()).length
  : await heard();
await open?.close();
await ovs.stop();
process.stdout.write(`${JSON.stringify({ seen })}\n`);
process.exit(0);
