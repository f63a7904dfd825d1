import { mkdir, rm } from 'node:fs/promises';
import { type Clock, systemClock } from '#kernel/clock';
import { run } from '#kernel/run';
import { gone, startBound } from '../bound.ts';
import { errors } from '../errors.ts';
import { type OnLink, SwitchLinks } from './links.ts';
import { OwnNetwork } from './own-network.ts';

const BRIDGE = 'tor0';
const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

/** What a switch port does with VLANs. `access`: one, untagged. `trunk`: those, tagged, and maybe one untagged. */
export type PortVlans = { mode: 'access'; vlan: number } | { mode: 'trunk'; vlans: readonly number[]; native?: number };

export interface SwitchPort {
  name: string;
  /** Member interfaces; more than one: a bond. */
  interfaces: readonly string[];
  tag: number | null;
  trunks: readonly number[];
  vlanMode: string | null;
  lacp: string | null;
}

export interface OvsSwitchOptions {
  /** Where its OVSDB also listens on 127.0.0.1 (6640 unless given; null: nowhere). */
  tcpPort?: number | null;
  /**
   * Its ports are in a network namespace of its own, so that another user-space switch may run where we are, and its
   * cables come out of it one by one. Default false.
   */
  apart?: boolean;
  /** The MAC address its LLDP tells. */
  chassisId?: string;
  clock?: Clock;
}

/** Locally administered, and the same in every lab. */
const CHASSIS = '06:1a:b0:00:00:01';

/**
 * The rack's switch: Open vSwitch with its user-space datapath, so that it needs no kernel module and no root
 * beyond the namespace it runs in. Its database speaks OVSDB on a unix socket and on TCP, as a real switch's
 * management port would. It tells machines by LLDP which port they are on. Both daemons die with this process.
 */
export class OvsSwitch {
  readonly dir: string;
  /** `unix:…/db.sock` */
  readonly ovsdb: string;
  readonly bridge = BRIDGE;
  readonly chassisId: string;
  readonly #clock: Clock;
  #apart: OwnNetwork | undefined;
  readonly #daemons: ReturnType<typeof startBound>[] = [];
  readonly #taps = new Set<string>();
  #links: SwitchLinks | undefined;

  private constructor(dir: string, options: OvsSwitchOptions) {
    this.dir = dir;
    this.ovsdb = `unix:${dir}/db.sock`;
    this.chassisId = options.chassisId ?? CHASSIS;
    this.#clock = options.clock ?? systemClock;
  }

  /** Starts the switch. Throws LabSwitch. */
  static async start(dir: string, options: OvsSwitchOptions = {}): Promise<OvsSwitch> {
    const made = new OvsSwitch(dir, options);
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    try {
      if (options.apart === true) made.#apart = await OwnNetwork.make(`${dir}/net`);
      await made.#start(options.tcpPort === undefined ? 6640 : options.tcpPort);
      return made;
    } catch (error) {
      await made.stop();
      throw error;
    }
  }

  /** What comes before a command that is to use the switch's ports, QEMU with its taps above all. */
  get prefix(): readonly string[] {
    return this.#apart?.prefix ?? [];
  }

  async #start(tcpPort: number | null): Promise<void> {
    const { dir } = this;
    await run('ip', ['link', 'set', 'lo', 'up'], { timeoutMs: 5_000 });
    await run('ovsdb-tool', ['create', `${dir}/conf.db`, SCHEMA], { timeoutMs: 10_000 });
    const remotes = [
      `--remote=punix:${dir}/db.sock`,
      ...(tcpPort === null ? [] : [`--remote=ptcp:${tcpPort}:127.0.0.1`]),
    ];
    const common = [`--log-file=${dir}/ovs.log`, '--no-chdir', '-vconsole:off'];
    this.#daemons.push(
      startBound(
        'ovsdb-server',
        [`${dir}/conf.db`, ...remotes, `--unixctl=${dir}/db.ctl`, ...common],
        'openvswitch-switch',
      ),
    );
    await this.#vsctl(['--no-wait', 'init'], 10_000, true);
    const [program, ...before] = [...this.prefix, 'ovs-vswitchd'];
    const args = [...before, this.ovsdb, '--disable-system', `--unixctl=${dir}/vswitchd.ctl`, ...common];
    this.#daemons.push(startBound(program, args, 'openvswitch-switch'));
    await this.#vsctl([
      'add-br',
      BRIDGE,
      '--',
      'set',
      'bridge',
      BRIDGE,
      'datapath_type=netdev',
      'fail_mode=standalone',
      `other_config:hwaddr="${this.chassisId}"`,
    ]);
  }

  /** Makes a tap interface and plugs it in, on VLAN 1 untagged until `setPort` says otherwise. */
  async addTap(ifname: string, vlans: PortVlans = { mode: 'access', vlan: 1 }): Promise<void> {
    await this.#ip('tuntap', 'add', ifname, 'mode', 'tap').catch((cause) => {
      throw errors.LabSwitch(`no tap interface ${ifname} (is /dev/net/tun there and open to this user?)`, { cause });
    });
    this.#taps.add(ifname);
    // Open vSwitch tells by LLDP the address of the port, where switches tell their own: here they are the same.
    await this.#ip('link', 'set', ifname, 'address', this.chassisId);
    await this.#ip('link', 'set', ifname, 'up');
    const lldp = ['--', 'set', 'interface', ifname, 'lldp:enable=true'];
    await this.#vsctl(['add-port', BRIDGE, ifname, ...vlanSettings(vlans), ...lldp]);
  }

  /** Binds several taps into one port that speaks LACP; a machine that does not yet speak it uses the first. */
  async addBond(name: string, ifnames: readonly string[], vlans: PortVlans): Promise<void> {
    for (const ifname of ifnames) await this.#vsctl(['--if-exists', 'del-port', BRIDGE, ifname]);
    const lacp = [
      'lacp=active',
      'bond_mode=balance-slb',
      'other_config:lacp-time=fast',
      'other_config:lacp-fallback-ab=true',
    ];
    await this.#vsctl(['add-bond', BRIDGE, name, ...ifnames, ...lacp, ...vlanSettings(vlans)]);
  }

  /** A leg of this host in a VLAN, for DHCP and HTTP servers. Addresses with their prefix length. */
  async addHostLeg(ifname: string, vlan: number, ...addresses: string[]): Promise<void> {
    if (this.#apart !== undefined) await this.addCable(ifname, { mode: 'access', vlan });
    else
      await this.#vsctl(['add-port', BRIDGE, ifname, `tag=${vlan}`, '--', 'set', 'interface', ifname, 'type=internal']);
    for (const address of addresses) {
      // Without duplicate address detection: a program that starts next binds to it at once.
      const nodad = address.includes(':') ? ['nodad'] : [];
      await run('ip', ['address', 'add', address, 'dev', ifname, ...nodad], { timeoutMs: 5_000 });
    }
    await run('ip', ['link', 'set', ifname, 'up'], { timeoutMs: 5_000 });
  }

  /**
   * A cable from a switch that is apart to this host: `ifname` is our end of it, `sw-IFNAME` the port. Whoever has the
   * end may put it into a bridge of his own. Throws LabSwitch when the switch is not apart.
   */
  async addCable(ifname: string, vlans: PortVlans): Promise<void> {
    if (this.#apart === undefined) throw errors.LabSwitch('it is not apart: its ports are here already');
    const port = `sw-${ifname}`;
    await this.#apart.cable(ifname, port);
    await this.#vsctl(['add-port', BRIDGE, port, ...vlanSettings(vlans)]);
  }

  /** Moves a port to other VLANs, as an operator at the switch would. */
  async setPort(name: string, vlans: PortVlans): Promise<void> {
    await this.#vsctl([
      'clear',
      'port',
      name,
      'tag',
      'trunks',
      'vlan_mode',
      '--',
      'set',
      'port',
      name,
      ...vlanSettings(vlans),
    ]);
  }

  /** All ports but the bridge's own. */
  async ports(): Promise<SwitchPort[]> {
    const { stdout } = await this.#vsctl([
      '--format=json',
      '--columns=name,interfaces,tag,trunks,vlan_mode,lacp',
      'list',
      'port',
    ]);
    const names = new Map(await this.#interfaceNames());
    const table = JSON.parse(stdout) as { data: [string, unknown, unknown, unknown, unknown, unknown][] };
    return table.data
      .filter(([name]) => name !== BRIDGE)
      .map(([name, interfaces, tag, trunks, mode, lacp]) => ({
        name,
        interfaces: members(interfaces).map((uuid) => names.get(uuidOf(uuid)) ?? '?'),
        tag: typeof tag === 'number' ? tag : null,
        trunks: members(trunks).filter((t): t is number => typeof t === 'number'),
        vlanMode: typeof mode === 'string' ? mode : null,
        lacp: typeof lacp === 'string' ? lacp : null,
      }));
  }

  /** Cuts links of ports that are marked as shut, which `onLink` is told of. Once. */
  watchLinks(onLink: OnLink): void {
    this.#links ??= new SwitchLinks(this.ovsdb, onLink, this.#clock);
  }

  /** What the bond negotiated, in Open vSwitch's own words. */
  async lacpStatus(bond: string): Promise<string> {
    const { stdout } = await run('ovs-appctl', ['-t', `${this.dir}/vswitchd.ctl`, 'lacp/show', bond], {
      timeoutMs: 5_000,
    });
    return stdout;
  }

  /** The addresses the switch has learnt: MAC → port and VLAN. */
  async learned(): Promise<{ mac: string; port: string; vlan: number }[]> {
    const { stdout } = await run('ovs-appctl', ['-t', `${this.dir}/vswitchd.ctl`, 'fdb/show', BRIDGE], {
      timeoutMs: 5_000,
    });
    const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    return lines
      .filter((l) => l.length === 4 && l[2]?.includes(':'))
      .map(([port = '', vlan, mac = '']) => ({ mac, port, vlan: Number(vlan) }));
  }

  async stop(): Promise<void> {
    await this.#links?.stop();
    for (const daemon of this.#daemons.reverse()) {
      daemon.kill('SIGTERM');
      await gone(daemon, 3_000, this.#clock);
    }
    for (const ifname of this.#taps) await this.#ip('link', 'delete', ifname).catch(() => {});
    this.#taps.clear();
    await this.#apart?.remove();
  }

  async #ip(...args: readonly string[]): Promise<void> {
    const [file = '', ...argv] = [...this.prefix, 'ip', ...args];
    await run(file, argv, { timeoutMs: 5_000 });
  }

  async #interfaceNames(): Promise<[string, string][]> {
    const { stdout } = await this.#vsctl(['--format=json', '--columns=_uuid,name', 'list', 'interface']);
    const table = JSON.parse(stdout) as { data: [unknown, string][] };
    return table.data.map(([uuid, name]) => [uuidOf(uuid), name]);
  }

  async #vsctl(args: readonly string[], timeoutMs = 10_000, patient = false): ReturnType<typeof run> {
    const until = this.#clock.monotonic() + timeoutMs;
    for (;;) {
      try {
        return await run('ovs-vsctl', [`--db=${this.ovsdb}`, '--timeout=10', ...args], { timeoutMs });
      } catch (cause) {
        if (!patient || this.#clock.monotonic() > until) throw errors.LabSwitch(args.join(' '), { cause });
        await this.#clock.sleep(20);
      }
    }
  }
}

function vlanSettings(vlans: PortVlans): string[] {
  if (vlans.mode === 'access') return [`tag=${vlans.vlan}`, 'vlan_mode=access'];
  const native = vlans.native === undefined ? [] : [`tag=${vlans.native}`];
  const trunks = vlans.native === undefined ? vlans.vlans : [...new Set([...vlans.vlans, vlans.native])];
  return [
    ...native,
    `trunks=${trunks.join(',')}`,
    `vlan_mode=${vlans.native === undefined ? 'trunk' : 'native-untagged'}`,
  ];
}

/** OVSDB writes a set of one as the element, and others as ["set", [...]]. */
function members(value: unknown): unknown[] {
  if (Array.isArray(value) && value[0] === 'set') return value[1] as unknown[];
  return [value];
}

const uuidOf = (value: unknown): string => (Array.isArray(value) && value[0] === 'uuid' ? String(value[1]) : '');
