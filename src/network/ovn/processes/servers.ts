import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { run } from '#kernel/run';
import type { Log } from '#platform/log';
import { errors } from '../../errors.ts';
import { type ServerStatus, WatchedServer } from './child.ts';

// OVN and Open vSwitch as children of ours, on one host: the two databases and northd, and the switch of this host
// with its controller. The switch forwards in user space, so no kernel module is needed.

const SCHEMAS = {
  conf: '/usr/share/openvswitch/vswitch.ovsschema',
  nb: '/usr/share/ovn/ovn-nb.ovsschema',
  sb: '/usr/share/ovn/ovn-sb.ovsschema',
} as const;
type Name = keyof typeof SCHEMAS;

const TOOL_MS = 20_000;
const READY_MS = 20_000;
/** Longest path a unix socket can have is 107 bytes. */
const LONGEST_DIR = 80;

export interface OwnServersOptions {
  /** Databases, sockets and logs. */
  dir: string;
  /** Name of this host as a chassis. */
  chassis: string;
  /** `physical network → bridge`: the bridge is made when it is not there. */
  bridges: ReadonlyMap<string, string>;
  /** Where other chassis reach this one. */
  encapIp: string;
  clock: Clock;
  log: Log;
}

export interface OwnServers {
  northbound: string;
  southbound: string;
  /** The switch's own database, for who adds ports to it. */
  switch: string;
  status(): ServerStatus[];
  stop(): Promise<void>;
}

/**
 * Makes the databases where there are none, brings older ones to the schema that is installed, starts everything and
 * tells the switch who it is. Throws `OvnMissing` when programs are not installed, `OvnElsewhere` when another Open
 * vSwitch runs in this network namespace, `OvnNoStart`.
 */
export async function startServers(options: OwnServersOptions): Promise<OwnServers> {
  const { dir, clock, log } = options;
  for (const schema of Object.values(SCHEMAS)) if (!existsSync(schema)) throw errors.OvnMissing(schema);
  if (dir.length > LONGEST_DIR) throw errors.OvnNoStart(`the path ${dir} is too long for the sockets in it`);
  await refuseSecondSwitch();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of Object.keys(SCHEMAS) as Name[]) await prepare(dir, name);

  const socket = (name: Name) => `unix:${join(dir, `${name}.sock`)}`;
  const env = Object.fromEntries(
    ['OVS', 'OVN'].flatMap((kind) => ['RUNDIR', 'LOGDIR', 'DBDIR'].map((what) => [`${kind}_${what}`, dir])),
  );
  const servers: WatchedServer[] = [];
  const launch = (program: string, name: string, args: readonly string[]) => {
    const common = [
      '--no-chdir',
      '-vconsole:off',
      '-vsyslog:off',
      '-vfile:warn',
      `--log-file=${join(dir, `${name}.log`)}`,
    ];
    const server = new WatchedServer({ program, args: [...args, ...common], env }, clock, log);
    servers.push(server);
    server.start();
  };
  const stop = async () => {
    // The controller first: it takes its chassis out of the database while that still answers.
    for (const server of servers.splice(0).reverse()) await server.stop();
  };
  try {
    for (const name of Object.keys(SCHEMAS) as Name[]) {
      const args = [join(dir, `${name}.db`), `--remote=p${socket(name)}`, `--unixctl=${join(dir, `${name}.ctl`)}`];
      launch('ovsdb-server', `${name}-db`, args);
    }
    await waitForSockets(dir, clock);
    await tellSwitch(options, socket('conf'), socket('sb'));
    launch('ovn-northd', 'northd', [
      `--ovnnb-db=${socket('nb')}`,
      `--ovnsb-db=${socket('sb')}`,
      `--unixctl=${join(dir, 'northd.ctl')}`,
    ]);
    launch('ovs-vswitchd', 'vswitchd', [socket('conf'), '--disable-system', `--unixctl=${join(dir, 'vswitchd.ctl')}`]);
    launch('ovn-controller', 'controller', [socket('conf')]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    northbound: socket('nb'),
    southbound: socket('sb'),
    switch: socket('conf'),
    status: () => servers.map((server) => server.status()),
    stop,
  };
}

async function prepare(dir: string, name: Name): Promise<void> {
  const file = join(dir, `${name}.db`);
  await rm(join(dir, `${name}.sock`), { force: true });
  const tool = async (...args: string[]) => (await run('ovsdb-tool', args, { timeoutMs: TOOL_MS })).stdout.trim();
  if (!existsSync(file)) await tool('create', file, SCHEMAS[name]);
  else if ((await tool('needs-conversion', file, SCHEMAS[name])) === 'yes') await tool('convert', file, SCHEMAS[name]);
}

async function waitForSockets(dir: string, clock: Clock): Promise<void> {
  const until = clock.monotonic() + READY_MS;
  for (const name of Object.keys(SCHEMAS)) {
    while (!existsSync(join(dir, `${name}.sock`))) {
      if (clock.monotonic() > until) throw errors.OvnNoStart(`the database ${name} does not come up; see ${dir}`);
      await clock.sleep(20);
    }
  }
}

/** Writes into the switch's database who it is, before anyone acts on it. */
async function tellSwitch(options: OwnServersOptions, db: string, southbound: string): Promise<void> {
  const { chassis, bridges, encapIp } = options;
  const ids: Record<string, string> = {
    'system-id': chassis,
    hostname: chassis,
    'ovn-remote': southbound,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': encapIp,
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-bridge-mappings': [...bridges].map(([physical, bridge]) => `${physical}:${bridge}`).join(','),
    'ovn-cms-options': 'enable-chassis-as-gw',
    'ovn-monitor-all': 'true',
  };
  const args = ['--no-wait', `--db=${db}`, 'init', '--', 'set', 'open_vswitch', '.'];
  for (const [name, value] of Object.entries(ids)) args.push(`external_ids:${name}=${JSON.stringify(value)}`);
  for (const bridge of bridges.values()) {
    args.push('--', '--may-exist', 'add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev');
  }
  await run('ovs-vsctl', args, { timeoutMs: TOOL_MS });
}

/** Two user-space switches in one network namespace take each other's devices away. */
async function refuseSecondSwitch(): Promise<void> {
  const pid = await readFile('/run/openvswitch/ovs-vswitchd.pid', 'utf8').catch(() => '');
  if (!/^\d+\s*$/.test(pid)) return;
  const namespace = (of: string) => readlink(`/proc/${of}/ns/net`).catch(() => undefined);
  const theirs = await namespace(pid.trim());
  if (theirs !== undefined && theirs === (await namespace('self'))) throw errors.OvnElsewhere(pid.trim());
}
