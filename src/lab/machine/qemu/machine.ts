import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { type Clock, systemClock } from '#kernel/clock';
import type { QmpEvent } from '#protocols/qmp/frames';
import * as verbs from '#protocols/qmp/verbs';
import { errors } from '../../errors.ts';
import { Turns } from '../../turns.ts';
import type { BootCause, BootPlan, Machine, MachineEvent, MediaSlot, Medium, PowerState } from '../contract.ts';
import { SerialPort } from '../serial.ts';
import type { MachineSpec } from '../spec.ts';
import { CD_ID, diskFile, machinePaths, type MachinePaths, qemuArguments, USB_BUS, USB_ID } from './arguments.ts';
import { plannedVariables, vendorCertificates } from './firmware.ts';
import { QemuProcess } from './process.ts';
import { startTpm } from './tpm.ts';

/** Until then after a start the firmware is taken to be busy with itself. Measured under TCG. */
const POST_MS = { uefi: 4_000, bios: 500 } as const;

export interface QemuMachineOptions {
  /** The machine's folder: disks, variables, sockets. Made if missing. Unix sockets limit it to about 80 bytes. */
  dir: string;
  /** Give the guest an in-band IPMI interface (KCS); somebody must listen at `paths.ipmi`. */
  inBandIpmi?: boolean;
  /** What comes before QEMU on its command line, to run it where its taps are. */
  prefix?: readonly string[];
  clock?: Clock;
}

/**
 * A machine whose board is QEMU. Every start of the firmware, also one the guest asked for, passes through
 * `#boot`: QEMU is told to stop instead of resetting, so what the BMC has pending (boot device, mode, settings,
 * disks) holds from the next start on, as on a real board.
 */
export class QemuMachine implements Machine {
  readonly spec: MachineSpec;
  readonly serial: SerialPort;
  readonly paths: MachinePaths;
  readonly vendorCertificates: Machine['vendorCertificates'];
  readonly #clock: Clock;
  readonly #prefix: readonly string[];
  readonly #turns = new Turns();
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  readonly #media: Record<MediaSlot, Medium | null> = { cd: null, usb: null };
  /** NICs whose cable is pulled. */
  readonly #cut = new Set<string>();
  #planner: ((cause: BootCause) => BootPlan) | undefined;
  #process: QemuProcess | undefined;
  #plan: BootPlan | undefined;
  #paused = false;
  #bootedAt = Number.NEGATIVE_INFINITY;
  #postMs = 0;

  private constructor(
    spec: MachineSpec,
    paths: MachinePaths,
    options: QemuMachineOptions,
    certificates: Machine['vendorCertificates'],
  ) {
    this.spec = spec;
    this.vendorCertificates = certificates;
    this.paths = paths;
    this.#clock = options.clock ?? systemClock;
    this.#prefix = options.prefix ?? [];
    this.serial = new SerialPort(this.#clock);
  }

  /** Makes the machine's folder and its serial sockets (`serial` for readers). The board stays off. */
  static async create(spec: MachineSpec, options: QemuMachineOptions): Promise<QemuMachine> {
    await mkdir(options.dir, { recursive: true });
    const paths = machinePaths(options.dir, options.inBandIpmi ?? false);
    const certificates = await vendorCertificates(spec.firmware.secureBoot);
    const machine = new QemuMachine(spec, paths, options, certificates);
    machine.serial.logTo(`${options.dir}/serial.log`);
    await machine.serial.listenForGuest(paths.guestSerial);
    await machine.serial.listenForReaders(`${options.dir}/serial`);
    return machine;
  }

  get power(): PowerState {
    return this.#process === undefined ? 'off' : 'on';
  }

  get paused(): boolean {
    return this.#paused;
  }

  get inPost(): boolean {
    return this.power === 'on' && this.#clock.monotonic() - this.#bootedAt < this.#postMs;
  }

  get vncPath(): string | null {
    return this.spec.vnc && this.power === 'on' ? this.paths.vnc : null;
  }

  /** QEMU's process id while the board has power. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  planBoot(planner: (cause: BootCause) => BootPlan): void {
    this.#planner = planner;
  }

  powerOn(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#process === undefined) await this.#boot('power-on', 'bmc');
    });
  }

  powerOff(): Promise<void> {
    return this.#turns.take(() => this.#off('bmc'));
  }

  reset(): Promise<void> {
    return this.#turns.take(() => {
      this.#mustBeOn();
      return this.#boot('reset', 'bmc');
    });
  }

  pressPowerButton(): Promise<void> {
    return this.#turns.take(() => verbs.pressPowerButton(this.#mustBeOn().qmp));
  }

  injectNmi(): Promise<void> {
    return this.#turns.take(async () => {
      await verbs.injectNmi(this.#mustBeOn().qmp);
      this.#tell({ kind: 'nmi' });
    });
  }

  pause(): Promise<void> {
    return this.#turns.take(async () => {
      await verbs.pause(this.#mustBeOn().qmp);
      this.#paused = true;
      this.#tell({ kind: 'paused' });
    });
  }

  resume(): Promise<void> {
    return this.#turns.take(async () => {
      await verbs.resume(this.#mustBeOn().qmp);
      this.#paused = false;
      this.#tell({ kind: 'resumed' });
    });
  }

  sendBreak(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#mustBeOn().qmp.execute('chardev-send-break', { id: 'ser' });
    });
  }

  setMedium(slot: MediaSlot, medium: Medium | null): Promise<void> {
    return this.#turns.take(async () => {
      const qmp = this.#process?.qmp;
      const held = this.#media[slot];
      if (qmp !== undefined && slot === 'cd') {
        if (medium === null) await verbs.removeDisc(qmp, CD_ID);
        else await verbs.insertDisc(qmp, CD_ID, medium.file);
      } else if (qmp !== undefined) {
        if (held !== null) await verbs.unplugUsbDisk(qmp, USB_ID);
        if (medium !== null) await verbs.plugUsbDisk(qmp, { id: USB_ID, bus: USB_BUS, ...medium });
      }
      this.#media[slot] = medium;
    });
  }

  setLink(nic: string, up: boolean): Promise<void> {
    return this.#turns.take(async () => {
      if (up) this.#cut.delete(nic);
      else this.#cut.add(nic);
      if (this.#process !== undefined) await verbs.setLink(this.#process.qmp, nic, up);
    });
  }

  dropDisk(id: string): Promise<void> {
    return this.#turns.take(() => rm(diskFile(this.paths.dir, id), { force: true }));
  }

  onEvent(fn: (event: MachineEvent) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  async close(): Promise<void> {
    await this.#turns.take(() => this.#off('bmc'));
    this.serial.close();
    this.#listeners.clear();
  }

  #mustBeOn(): QemuProcess {
    if (this.#process === undefined) throw errors.LabBadState(this.spec.name, 'it is off');
    return this.#process;
  }

  /**
   * Starts the firmware in a new QEMU. A reset takes a new process too: it costs 80 ms, applies whatever is
   * pending, and SeaBIOS after a reset inside the process resets once more by itself, which would eat a
   * one-time boot device.
   */
  async #boot(cause: BootCause, by: 'bmc' | 'guest'): Promise<void> {
    if (this.#planner === undefined) throw errors.LabBadState(this.spec.name, 'nobody plans its boot');
    // a reset the firmware itself asks for is still the same start: pending settings stay pending
    const again = cause === 'guest-reset' && this.inPost ? this.#plan : undefined;
    const plan = again ?? this.#planner(cause);
    const was = this.power;
    if (this.#process !== undefined) await this.#end(this.#process);
    try {
      await this.#launch(plan);
    } catch (error) {
      if (was === 'on') this.#tell({ kind: 'power', state: 'off', cause: 'crash' });
      throw error;
    }
    this.#plan = plan;
    this.#bootedAt = this.#clock.monotonic();
    this.#postMs = POST_MS[plan.mode];
    if (was === 'off') this.#tell({ kind: 'power', state: 'on', cause: by });
    if (again === undefined) this.#tell({ kind: 'boot', cause, plan });
    if (this.#process !== undefined) await verbs.resume(this.#process.qmp);
  }

  async #launch(plan: BootPlan): Promise<void> {
    for (const disk of plan.disks) await ensureDisk(diskFile(this.paths.dir, disk.id), disk.sizeBytes);
    if (plan.mode === 'uefi') {
      const variables = await plannedVariables(this.paths.variables, plan, this.spec.firmware.secureBoot);
      if (variables !== null) await writeFile(this.paths.variables, variables);
    }
    if (this.spec.tpm) await startTpm(this.paths.tpm, this.#clock);
    const args = qemuArguments(this.spec, plan, this.#media, this.paths);
    const process = await QemuProcess.launch(this.spec.name, args, this.paths.qmp, this.#clock, this.#prefix);
    this.#process = process;
    for (const nic of this.#cut) await verbs.setLink(process.qmp, nic, false);
    process.qmp.onEvent((event) => this.#onQmp(process, event));
    process.onExit(() => {
      if (this.#process !== process) return;
      this.#process = undefined;
      this.serial.connectGuest(undefined);
      this.#tell({ kind: 'power', state: 'off', cause: 'crash' });
    });
  }

  #onQmp(process: QemuProcess, event: QmpEvent): void {
    if (this.#process !== process || event.name !== 'SHUTDOWN') return;
    const reason = event.data['reason'];
    // the guest has stopped itself; QEMU holds still until the board decides
    const then = reason === 'guest-reset' ? () => this.#boot('guest-reset', 'guest') : () => this.#off('guest');
    this.#turns
      .take(async () => {
        if (this.#process === process) await then();
      })
      .catch(() => {}); // told as a crash by #boot; nobody waits here
  }

  async #off(cause: 'bmc' | 'guest'): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    await this.#end(process);
    this.#tell({ kind: 'power', state: 'off', cause });
  }

  async #end(process: QemuProcess): Promise<void> {
    this.#process = undefined;
    this.#paused = false;
    this.serial.connectGuest(undefined);
    await process.kill();
  }

  #tell(event: MachineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** A sparse file of that size; an existing one keeps its content. */
async function ensureDisk(file: string, sizeBytes: number): Promise<void> {
  const size = await stat(file).then(
    (s) => s.size,
    () => -1,
  );
  if (size === sizeBytes) return;
  const handle = await open(file, size < 0 ? 'w' : 'r+');
  await handle.truncate(sizeBytes);
  await handle.close();
}
