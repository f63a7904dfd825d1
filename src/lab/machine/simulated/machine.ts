import { type Clock, systemClock } from '#kernel/clock';
import { errors } from '../../errors.ts';
import type {
  BootCause,
  BootDevice,
  BootPlan,
  Machine,
  MachineEvent,
  MediaSlot,
  Medium,
  PowerState,
} from '../contract.ts';
import { SerialPort } from '../serial.ts';
import type { MachineSpec, NicSpec } from '../spec.ts';
import { type Guest, type GuestPlug, plainGuests } from './guest.ts';

/** How long things take, in milliseconds. */
export interface Latencies {
  /** From power to the first boot attempt. */
  postMs: number;
  /** Between boot attempts of devices that have nothing. */
  attemptMs: number;
  /** From the power button to off, of plain guests. */
  softOffMs: number;
}

export const FAST: Latencies = { postMs: 20, attemptMs: 5, softOffMs: 20 };

export interface SimulatedMachineOptions {
  latencies?: Latencies;
  guests?: GuestPlug;
  clock?: Clock;
}

/**
 * A machine that costs a few kilobytes: power, boot order and media behave as they should, and instead of
 * processors there is a `Guest`. Thousands fit in one process.
 */
export class SimulatedMachine implements Machine {
  readonly spec: MachineSpec;
  readonly serial: SerialPort;
  readonly vncPath = null;
  readonly vendorCertificates = {};
  readonly #clock: Clock;
  readonly #latencies: Latencies;
  readonly #guests: GuestPlug;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  readonly #media: Record<MediaSlot, Medium | null> = { cd: null, usb: null };
  readonly #installed = new Map<string, string>();
  #planner: ((cause: BootCause) => BootPlan) | undefined;
  #power: PowerState = 'off';
  #paused = false;
  #post = false;
  #plan: BootPlan | undefined;
  #guest: Guest | undefined;
  #cancel = () => {};

  constructor(spec: MachineSpec, options: SimulatedMachineOptions = {}) {
    this.spec = spec;
    this.#clock = options.clock ?? systemClock;
    this.#latencies = options.latencies ?? FAST;
    this.#guests = options.guests ?? plainGuests((ms, fn) => this.#clock.after(ms, fn), this.#latencies.softOffMs);
    this.serial = new SerialPort(this.#clock);
  }

  get power(): PowerState {
    return this.#power;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get inPost(): boolean {
    return this.#post;
  }

  /** What runs, if anything does. */
  get guest(): Guest | undefined {
    return this.#guest;
  }

  /** Puts a system on a disk, so that booting from it starts something; null wipes it. */
  install(diskId: string, system: string | null): void {
    if (system === null) this.#installed.delete(diskId);
    else this.#installed.set(diskId, system);
  }

  /** The system a boot from `disk` or `disk:<id>` starts: of the first such disk the guest can see. */
  installedOn(device: BootDevice): string | undefined {
    const wanted = device.startsWith('disk:') ? device.slice(5) : undefined;
    const disks = (this.#plan?.disks ?? []).filter((d) => wanted === undefined || d.id === wanted);
    return disks.map((d) => this.#installed.get(d.id)).find((s) => s !== undefined);
  }

  planBoot(planner: (cause: BootCause) => BootPlan): void {
    this.#planner = planner;
  }

  async powerOn(): Promise<void> {
    if (this.#power === 'on') return;
    this.#power = 'on';
    this.#tell({ kind: 'power', state: 'on', cause: 'bmc' });
    this.#start('power-on');
  }

  async powerOff(): Promise<void> {
    this.#off('bmc');
  }

  async reset(): Promise<void> {
    this.#mustBeOn();
    this.#start('reset');
  }

  async pressPowerButton(): Promise<void> {
    this.#mustBeOn();
    if (!this.#paused) this.#guest?.powerButton?.();
  }

  async injectNmi(): Promise<void> {
    this.#mustBeOn();
    this.#tell({ kind: 'nmi' });
    this.#guest?.nmi?.();
  }

  async pause(): Promise<void> {
    this.#mustBeOn();
    this.#paused = true;
    this.#tell({ kind: 'paused' });
  }

  async resume(): Promise<void> {
    this.#mustBeOn();
    this.#paused = false;
    this.#tell({ kind: 'resumed' });
  }

  async setMedium(slot: MediaSlot, medium: Medium | null): Promise<void> {
    this.#media[slot] = medium;
  }

  async dropDisk(id: string): Promise<void> {
    this.#installed.delete(id);
  }

  /** Guests of a simulated machine have no links. */
  async setLink(): Promise<void> {}

  async sendBreak(): Promise<void> {}

  /** The guest switches the machine off (its last instruction). */
  guestPowerOff(): void {
    this.#off('guest');
  }

  /** The guest writes a boot entry into the UEFI variables. */
  guestWritesVariables(): void {
    if (this.#plan?.mode === 'uefi') this.#tell({ kind: 'variables' });
  }

  /** The guest resets the machine. */
  guestReset(): void {
    if (this.#power === 'on') this.#start('guest-reset');
  }

  /** The guest starts the system on disk itself: no firmware, the power stays. */
  guestKexec(): void {
    if (this.#power === 'off' || this.#plan === undefined) return;
    this.#halt();
    this.#attempt(this.#plan, [{ device: 'disk', nic: null }], 0);
  }

  /** The guest writes to its serial port. */
  print(text: string): void {
    this.serial.fromGuest(Buffer.from(text, 'utf8'));
  }

  onEvent(fn: (event: MachineEvent) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  async close(): Promise<void> {
    this.#halt();
    this.#power = 'off';
    this.serial.close();
    this.#listeners.clear();
  }

  #mustBeOn(): void {
    if (this.#power === 'off') throw errors.LabBadState(this.spec.name, 'it is off');
  }

  #off(cause: 'bmc' | 'guest'): void {
    if (this.#power === 'off') return;
    this.#halt();
    this.#power = 'off';
    this.#tell({ kind: 'power', state: 'off', cause });
  }

  #halt(): void {
    this.#cancel();
    this.#cancel = () => {};
    const guest = this.#guest;
    this.#guest = undefined;
    this.#post = false;
    this.#paused = false;
    this.serial.connectGuest(undefined);
    guest?.stop();
  }

  #start(cause: BootCause): void {
    if (this.#planner === undefined) throw errors.LabBadState(this.spec.name, 'nobody plans its boot');
    this.#halt();
    const plan = this.#planner(cause);
    this.#plan = plan;
    this.#post = true;
    this.print(`${this.spec.model} firmware, ${plan.mode}\r\n`);
    this.#tell({ kind: 'boot', cause, plan });
    this.#cancel = this.#clock.after(this.#latencies.postMs, () => {
      this.#post = false;
      this.#attempt(plan, attempts(plan.order, this.spec.nics), 0);
    });
  }

  #attempt(plan: BootPlan, order: readonly Attempt[], at: number): void {
    const next = order[at];
    if (next === undefined || next.device === 'setup') {
      this.print(next === undefined ? 'No bootable device.\r\n' : 'Entering setup.\r\n');
      return;
    }
    const medium = next.device === 'cd' ? this.#media.cd : next.device === 'usb' ? this.#media.usb : null;
    const guest = this.#guests.boot({
      machine: this,
      device: next.device,
      mode: plan.mode,
      secureBoot: plan.secureBoot.enabled,
      nic: next.nic,
      medium,
      httpUri: next.device === 'http' ? plan.httpUri : null,
    });
    if (guest === null) {
      this.#cancel = this.#clock.after(this.#latencies.attemptMs, () => this.#attempt(plan, order, at + 1));
      return;
    }
    this.#guest = guest;
    if (guest.serialInput !== undefined) this.serial.connectGuest((bytes) => guest.serialInput?.(bytes));
    this.print(`Booting ${next.device}: ${guest.name}\r\n`);
    this.#tell({ kind: 'started', what: guest.name });
  }

  #tell(event: MachineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

interface Attempt {
  device: BootDevice;
  nic: NicSpec | null;
}

/** One attempt for each device, and for a network boot one for each NIC. */
function attempts(order: readonly BootDevice[], nics: readonly NicSpec[]): Attempt[] {
  return order.flatMap((device): Attempt[] => {
    if (device === 'network' || device === 'http') return nics.map((nic) => ({ device, nic }));
    if (!device.startsWith('network:')) return [{ device, nic: null }];
    return nics.filter((nic) => nic.id === device.slice(8)).map((nic) => ({ device, nic }));
  });
}
