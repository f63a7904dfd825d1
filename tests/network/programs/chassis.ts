import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { boundTo, start } from '#kernel/run';
import { sh, soon } from './wire.ts';

// Another host that carries networks: a network namespace with a switch and a controller of its own, that reaches the
// first host by a cable. Tunnels of the user-space switch leave by addresses of its own bridges, so each host has one.

const UNDERLAY = 'br-un';

/** Gives this host its end of the cable: the address `encapIp` on a bridge that the cable is in. */
export async function prepareUnderlay(db: string, device: string, encapIp: string, inside: readonly string[] = []) {
  const run = (...command: string[]) => {
    const [file = '', ...args] = [...inside, ...command];
    return sh(file, ...args);
  };
  await run('ethtool', '-K', device, 'tx', 'off');
  await run('ip', 'link', 'set', device, 'up');
  await run(
    'ovs-vsctl',
    `--db=${db}`,
    '--may-exist',
    'add-br',
    UNDERLAY,
    '--',
    'set',
    'bridge',
    UNDERLAY,
    'datapath_type=netdev',
  );
  await run('ovs-vsctl', `--db=${db}`, 'add-port', UNDERLAY, device);
  await run('ip', 'addr', 'add', `${encapIp}/24`, 'dev', UNDERLAY);
  await run('ip', 'link', 'set', UNDERLAY, 'up');
}

export interface OtherHost {
  /** Its switch's database. */
  db: string;
  /** The namespace it is in, as a prefix of commands. */
  inside: readonly string[];
  /** Everything of it ends at once, as by a loss of power. */
  kill(): Promise<void>;
}

export interface OtherHostOptions {
  dir: string;
  name: string;
  southbound: string;
  encapIp: string;
  /** Its ends of cables to the first host, in the namespace already: tunnels, and the physical network. */
  cable: string;
  physical: string;
}

/** Starts the host in the namespace `name`, which must be there with its cables. */
export async function startOtherHost(options: OtherHostOptions): Promise<OtherHost> {
  const { name, southbound, encapIp, cable, physical } = options;
  const dir = join(options.dir, name);
  await mkdir(dir, { recursive: true });
  const inside = ['ip', 'netns', 'exec', name];
  const socket = join(dir, 'conf.sock');
  const db = `unix:${socket}`;
  await sh('ovsdb-tool', 'create', join(dir, 'conf.db'), '/usr/share/openvswitch/vswitch.ovsschema');
  const children: ChildProcess[] = [];
  const launch = (program: string, log: string, args: readonly string[]) => {
    const common = [
      '--no-chdir',
      '-vconsole:off',
      '-vsyslog:off',
      '-vfile:warn',
      `--log-file=${join(dir, `${log}.log`)}`,
    ];
    const [file, argv] = boundTo('ip', ['netns', 'exec', name, program, ...args, ...common]);
    const env = Object.fromEntries(
      ['OVS', 'OVN'].flatMap((kind) => ['RUNDIR', 'LOGDIR', 'DBDIR'].map((what) => [`${kind}_${what}`, dir])),
    );
    children.push(start(file, argv, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'ignore' }));
  };
  launch('ovsdb-server', 'db', [join(dir, 'conf.db'), `--remote=p${db}`, `--unixctl=${join(dir, 'db.ctl')}`]);
  await soon(() => Promise.resolve(existsSync(socket)));
  const ids: Record<string, string> = {
    'system-id': name,
    hostname: name,
    'ovn-remote': southbound,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': encapIp,
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-bridge-mappings': 'phys:tor2',
    'ovn-cms-options': 'enable-chassis-as-gw',
  };
  const set = Object.entries(ids).map(([key, value]) => `external_ids:${key}=${JSON.stringify(value)}`);
  await sh('ovs-vsctl', '--no-wait', `--db=${db}`, 'init', '--', 'set', 'open_vswitch', '.', ...set);
  launch('ovs-vswitchd', 'vswitchd', [db, '--disable-system', `--unixctl=${join(dir, 'vswitchd.ctl')}`]);
  const bridge = ['--may-exist', 'add-br', 'tor2', '--', 'set', 'bridge', 'tor2', 'datapath_type=netdev'];
  await sh(...(inside as [string]), 'ovs-vsctl', `--db=${db}`, ...bridge);
  await sh(...(inside as [string]), 'ethtool', '-K', physical, 'tx', 'off');
  await sh(...(inside as [string]), 'ip', 'link', 'set', physical, 'up');
  await sh('ovs-vsctl', `--db=${db}`, 'add-port', 'tor2', physical);
  await prepareUnderlay(db, cable, encapIp, inside);
  launch('ovn-controller', 'controller', [db]);
  return {
    db,
    inside,
    async kill() {
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
    },
  };
}
