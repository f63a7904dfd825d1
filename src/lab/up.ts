import { join } from 'node:path';
import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import { Bmc } from './bmc/bmc.ts';
import { ScreenDoor } from './bmc/consoles/screen-door.ts';
import { SshServer } from './bmc/consoles/ssh-server.ts';
import { IpmiServer } from './bmc/ipmi/server.ts';
import { RedfishDoor } from './bmc/redfish/door.ts';
import { RedfishServer } from './bmc/redfish/server.ts';
import type { Traits } from './bmc/traits.ts';
import { ControlServer } from './control/server.ts';
import { errors } from './errors.ts';
import { type Credentials, LabMachine } from './lab-machine.ts';
import { Ledger } from './ledger.ts';
import type { Machine } from './machine/contract.ts';
import { QemuMachine } from './machine/qemu/machine.ts';
import { requireOvmf } from './machine/qemu/firmware.ts';
import type { GuestPlug } from './machine/simulated/guest.ts';
import { type Latencies, SimulatedMachine } from './machine/simulated/machine.ts';
import { type MachineSpec, machineSpec, type MachineWish } from './machine/spec.ts';
import { OvsSwitch } from './switch/ovs.ts';
import { openWorkdir, type Workdir } from './workdir.ts';

/** Where one BMC listens. A port of 0 is any free one; an fd is a socket made elsewhere (another namespace). */
export interface BmcPlace {
  address: string;
  redfishPort: number;
  ipmiPort: number;
  redfishFd?: number;
  ipmiFd?: number;
}

export interface LabOptions {
  /** The machines, or how many to make with default equipment (`lab1`, `lab2`, …). */
  machines: number | readonly MachineWish[];
  /** QEMU machines that boot real systems, or simulated ones that cost nothing. Default emulated. */
  kind?: 'emulated' | 'simulated';
  credentials?: Credentials;
  /** Default: free ports of 127.0.0.1. */
  place?: (index: number) => BmcPlace;
  /** What every BMC is, before any quirk. */
  traits?: Partial<Traits>;
  /** Plugs every NIC into an emulated switch. Only inside a network namespace of our own. */
  network?: boolean;
  /** The VLAN that ports of the switch are in at first. Default 1. */
  vlan?: number;
  /** The port of the control API on 127.0.0.1, or a listening socket; null: none. Default 0 (any). */
  control?: number | { fd: number } | null;
  /** Keep disks and firmware variables there; default a temporary folder, removed at the end. */
  dir?: string;
  latencies?: Latencies;
  guests?: GuestPlug;
  clock?: Clock;
  random?: Random;
}

/** A running lab. `await using` ends it. */
export class Lab implements AsyncDisposable {
  readonly ledger: Ledger;
  readonly switch: OvsSwitch | null;
  readonly #workdir: Workdir;
  readonly #machines = new Map<string, LabMachine>();
  readonly #options: LabOptions;
  readonly #clock: Clock;
  #control: ControlServer | null = null;

  constructor(options: LabOptions, workdir: Workdir, ovs: OvsSwitch | null) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.ledger = new Ledger(this.#clock);
    this.switch = ovs;
    ovs?.watchLinks((ifname, up) => this.#link(ifname, up));
    this.#workdir = workdir;
  }

  /** Where disks, firmware variables and unix sockets are. */
  get dir(): string {
    return this.#workdir.dir;
  }

  get machines(): readonly LabMachine[] {
    return [...this.#machines.values()];
  }

  /** The control API's address; null when it is off. */
  get controlUrl(): string | null {
    return this.#control?.url ?? null;
  }

  /** Throws LabNoSuchMachine. */
  machine(name: string): LabMachine {
    const found = this.#machines.get(name);
    if (found === undefined) throw errors.LabNoSuchMachine(name);
    return found;
  }

  /** Adds one machine to the running lab; it is off. */
  async add(wish: MachineWish): Promise<LabMachine> {
    const index = this.#machines.size;
    if (this.#machines.has(wish.name)) throw errors.LabBadSpec(`two machines called ${wish.name}`);
    const spec = await this.#plug(machineSpec(wish), index);
    const place = this.#options.place?.(index) ?? { address: '127.0.0.1', redfishPort: 0, ipmiPort: 0 };
    const credentials = this.#options.credentials ?? { name: 'admin', password: 'password' };
    const dir = this.#options.kind === 'simulated' ? null : join(this.dir, spec.name);
    const machine = await this.#build(spec, dir);
    const bmc = new Bmc({
      machine,
      ledger: this.ledger,
      accounts: [{ ...credentials, role: 'Administrator' }],
      mediaDir: dir === null ? null : join(dir, 'media'),
      clock: this.#clock,
      random: this.#options.random ?? systemRandom,
      ...(this.#options.traits === undefined ? {} : { traits: this.#options.traits }),
    });
    for (const pem of wish.certificates ?? []) bmc.secureBoot.enrol('db', pem);
    bmc.network = { ...bmc.network, mac: bmcMac(spec) };
    const { address } = place;
    const redfish = await RedfishServer.listen(bmc, new RedfishDoor(bmc), {
      address,
      port: place.redfishPort,
      ...(place.redfishFd === undefined ? {} : { fd: place.redfishFd }),
    });
    const ipmi = await IpmiServer.listen(bmc, {
      address,
      port: place.ipmiPort,
      ...(place.ipmiFd === undefined ? {} : { fd: place.ipmiFd }),
    });
    const ssh = spec.ssh === null ? null : await SshServer.listen(bmc, address, 0);
    const screen = spec.vnc ? await ScreenDoor.listen(bmc, address, 0) : null;
    const made = new LabMachine({ machine, bmc, redfish, ipmi, ssh, screen, credentials, dir });
    this.#machines.set(spec.name, made);
    return made;
  }

  /** Opens the control API. */
  async listen(where: number | { fd: number }): Promise<void> {
    this.#control = await ControlServer.listen(this, where);
  }

  async close(): Promise<void> {
    await this.#control?.close();
    await Promise.all(this.machines.map((m) => m.close()));
    await this.switch?.stop();
    await this.#workdir.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A port of the switch lost its link, or has it again: so does the NIC at the other end of its cable. */
  #link(ifname: string, up: boolean): void {
    for (const { machine, spec } of this.machines) {
      const nic = spec.nics.find(({ link }) => link.kind === 'tap' && link.ifname === ifname);
      if (nic !== undefined) machine.setLink(nic.id, up).catch(() => {}); // it has just ended: it starts as it is now
    }
  }

  async #build(spec: MachineSpec, dir: string | null): Promise<Machine> {
    if (dir !== null) {
      if (spec.firmware.modes.includes('uefi')) await requireOvmf();
      return QemuMachine.create(spec, { dir, clock: this.#clock, prefix: this.switch?.prefix ?? [] });
    }
    return new SimulatedMachine(spec, {
      clock: this.#clock,
      ...(this.#options.latencies === undefined ? {} : { latencies: this.#options.latencies }),
      ...(this.#options.guests === undefined ? {} : { guests: this.#options.guests }),
    });
  }

  /** Gives each NIC without a cable a port of the switch. */
  async #plug(spec: MachineSpec, index: number): Promise<MachineSpec> {
    const ovs = this.switch;
    if (ovs === null) return spec;
    const nics = [];
    for (const [i, nic] of spec.nics.entries()) {
      if (nic.link.kind !== 'none') nics.push(nic);
      else {
        const ifname = `t${index}n${i}`;
        await ovs.addTap(ifname, { mode: 'access', vlan: this.#options.vlan ?? 1 });
        nics.push({ ...nic, link: { kind: 'tap' as const, ifname } });
      }
    }
    return { ...spec, nics };
  }
}

/**
 * Starts a lab in this process. Machines are off; their BMCs answer. Throws LabMissingProgram when a Debian
 * package is missing, LabBadSpec, LabSwitch.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const workdir = await openWorkdir(options.dir);
  let ovs: OvsSwitch | null;
  try {
    ovs = options.network ? await OvsSwitch.start(join(workdir.dir, 'ovs'), { apart: true }) : null;
  } catch (error) {
    await workdir.close();
    throw error;
  }
  const lab = new Lab(options, workdir, ovs);
  try {
    const wishes = typeof options.machines === 'number' ? numbered(options.machines) : options.machines;
    for (const wish of wishes) await lab.add(wish);
    if (options.control !== null) await lab.listen(options.control ?? 0);
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

function numbered(count: number): MachineWish[] {
  return Array.from({ length: count }, (_, i) => ({ name: `lab${i + 1}` }));
}

function bmcMac(spec: MachineSpec): string {
  const tail = spec.uuid.replaceAll('-', '').slice(-10);
  return ['56', ...(tail.match(/../g) ?? [])].join(':');
}
