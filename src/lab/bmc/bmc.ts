import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import { ActiveEffects, type MachineFacts } from '../faults/active.ts';
import type { Caller, Ledger } from '../ledger.ts';
import type { BootCause, BootPlan, Machine, MachineEvent } from '../machine/contract.ts';
import { Accounts, type Role } from './accounts.ts';
import { Bios } from './bios.ts';
import { BootSettings } from './boot-settings.ts';
import { type BmcEvent, EventLog, type Severity } from './event-log.ts';
import { Firmware } from './firmware.ts';
import { PowerControl } from './power-control.ts';
import { SecureBoot } from './secure-boot.ts';
import { Sensors } from './sensors.ts';
import { Storage } from './storage.ts';
import { type Task, Tasks } from './tasks.ts';
import type { Traits } from './traits.ts';
import { VirtualMedia } from './virtual-media.ts';

export interface BmcOptions {
  machine: Machine;
  ledger: Ledger;
  accounts: readonly { name: string; password: string; role: Role }[];
  /** Fetched images go there; null: they are only noted. */
  mediaDir: string | null;
  traits?: Partial<Traits>;
  clock?: Clock;
  random?: Random;
}

/** Where this BMC answers. */
export interface BmcNetwork {
  address: string;
  redfishPort: number;
  ipmiPort: number;
  /** 0: there is none. */
  sshPort: number;
  vncPort: number;
  mac: string;
}

/** From mains to a BMC that answers. */
const MAINS_BOOT_MS = 1_000;

const LAB: Caller = { channel: 'lab', address: 'lab', user: null };

/**
 * One management controller: the state behind its Redfish and IPMI doors. Doors translate; everything that is
 * decided is decided here, once. Every start of the machine's firmware asks `#planBoot` what to do.
 */
export class Bmc {
  readonly machine: Machine;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly effects: ActiveEffects;
  readonly accounts: Accounts;
  readonly power: PowerControl;
  readonly boot: BootSettings;
  readonly bios: Bios;
  readonly secureBoot: SecureBoot;
  readonly sensors: Sensors;
  readonly log: EventLog;
  readonly tasks: Tasks;
  readonly media: VirtualMedia;
  readonly storage: Storage;
  readonly firmware: Firmware;
  readonly mediaDir: string | null;
  /** Things without behaviour of their own. */
  readonly settings = {
    assetTag: '',
    hostName: '',
    indicator: false,
    powerRestore: 'LastState' as 'AlwaysOn' | 'AlwaysOff' | 'LastState',
    ntpServers: [] as string[],
    timeZone: '+00:00',
    clockOffsetMs: 0,
    ipmiByProtocol: null as boolean | null,
    flashStuck: false,
    /** Somebody changed UEFI variables since the last start. */
    nvramChanged: false,
    /** The vendor's attribute that boots virtual media. */
    oemMediaBoot: null as 'cd' | 'usb' | null,
  };
  network: BmcNetwork = {
    address: '127.0.0.1',
    redfishPort: 0,
    ipmiPort: 0,
    sshPort: 0,
    vncPort: 0,
    mac: '52:54:00:ff:00:00',
  };
  /** Counts of the starts of firmware; ids that change over reboots use it. */
  starts = 0;
  lastPlan: BootPlan | undefined;
  /** Counters for tests of politeness. */
  readonly counters = {
    reads: 0,
    writes: 0,
    logins: 0,
    /** Passwords tried over IPMI, right or wrong. */
    ipmiTries: 0,
    concurrent: 0,
    maxConcurrent: 0,
    connections: 0,
    ipmiCommands: 0,
  };
  #onBeforeMains = false;
  #rebootingUntil = Number.NEGATIVE_INFINITY;
  readonly #onReboot = new Set<() => void>();
  /** Tasks that the next start of the machine completes. */
  readonly #onStart: { task: Task; apply: () => void }[] = [];

  constructor(options: BmcOptions) {
    const { machine, ledger } = options;
    this.machine = machine;
    this.ledger = ledger;
    this.mediaDir = options.mediaDir;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
    this.effects = new ActiveEffects(this.clock, this.random);
    if (options.traits !== undefined) this.effects.setBase(options.traits);
    const traits = () => this.traits;
    this.log = new EventLog(this.clock);
    this.accounts = new Accounts(() => this.traits.accountIds);
    for (const account of options.accounts) this.accounts.create(account.name, account.password, account.role);
    this.power = new PowerControl(machine, this.effects, ledger, this.clock);
    this.boot = new BootSettings(this.clock, traits, machine.spec);
    this.bios = new Bios({ uefi: machine.spec.firmware.mode === 'uefi', tpm: machine.spec.tpm });
    this.secureBoot = new SecureBoot(machine.spec.firmware.secureBoot, machine.vendorCertificates);
    this.sensors = new Sensors(
      this.clock,
      () => machine.power === 'on',
      (sensor, from, to) =>
        this.tell(
          to,
          'ResourceStatusChanged'.concat(to === 'OK' ? 'OK' : to),
          [sensor.name, to],
          `Chassis/${this.traits.chassisId}/Sensors/${sensor.id}`,
          {
            sensorType: { Temperature: 1, Voltage: 2, Rotational: 4, Power: 0x0b }[sensor.kind],
            sensorNumber: sensor.number,
            eventType: 1,
            data: [to === 'Critical' || from === 'Critical' ? 0x09 : 0x07, 0xff, 0xff],
            deassert: to === 'OK',
          },
        ),
    );
    this.tasks = new Tasks(this.clock, traits);
    this.media = new VirtualMedia(machine, traits, ledger, this.clock, { dir: options.mediaDir });
    this.storage = new Storage(machine);
    this.firmware = new Firmware(
      () => ({ bios: this.traits.biosVersion, bmc: this.traits.bmcVersion }),
      machine.spec.nics.length,
    );
    this.settings.assetTag = machine.spec.assetTag;
    machine.planBoot((cause) => this.#planBoot(cause));
    machine.onEvent((event) => this.#onMachine(event));
  }

  get name(): string {
    return this.machine.spec.name;
  }

  get traits(): Traits {
    return this.effects.traits;
  }

  facts(): MachineFacts {
    return {
      power: this.machine.power,
      post: this.machine.inPost,
      powerChangedAt: this.power.changedAt,
      poweredOffAt: this.power.offAt,
    };
  }

  /** The BMC's own wall clock, milliseconds. */
  now(): number {
    return this.clock.now() + this.settings.clockOffsetMs;
  }

  get ipmiEnabled(): boolean {
    return this.settings.ipmiByProtocol ?? this.traits.ipmiEnabled;
  }

  /** Writes to the log, to subscribers and (as a SEL entry) to IPMI. `path` is below /redfish/v1. */
  tell(severity: Severity, message: string, args: readonly string[], path: string, ipmi: BmcEvent['ipmi']): void {
    this.log.add({
      severity,
      messageId: `ResourceEvent.1.4.${message}`,
      message: `${message}: ${args.join(', ')}`,
      args,
      origin: `/redfish/v1/${path}`,
      ipmi,
    });
  }

  /** Restarts the BMC itself: it is gone for `ms`, its sessions and tasks are lost, the machine goes on. */
  reboot(ms: number, caller: Caller): void {
    this.ledger.add(this.name, 'action', caller, 'bmc.reboot', { ms });
    this.#rebootingUntil = this.clock.monotonic() + ms;
    this.settings.flashStuck = false;
    this.tasks.interrupt();
    for (const fn of [...this.#onReboot]) fn();
  }

  /** True while the BMC answers nothing because it restarts. */
  get rebooting(): boolean {
    return this.clock.monotonic() < this.#rebootingUntil;
  }

  /**
   * The mains fail or return. Without them the BMC is gone too; when they return it starts, and the restore
   * policy decides about the machine.
   */
  async mains(state: 'on' | 'off', caller: Caller): Promise<void> {
    this.ledger.add(this.name, 'event', caller, `mains.${state}`);
    if (state === 'off') {
      this.#onBeforeMains = this.machine.power === 'on';
      this.reboot(Number.POSITIVE_INFINITY, caller);
      await this.machine.powerOff();
      return;
    }
    this.#rebootingUntil = this.clock.monotonic() + MAINS_BOOT_MS;
    const { powerRestore } = this.settings;
    if (powerRestore !== 'AlwaysOn' && !(powerRestore === 'LastState' && this.#onBeforeMains)) return;
    this.clock.after(MAINS_BOOT_MS, () => {
      this.power.act('on', LAB).catch(() => {}); // told in the ledger
    });
  }

  /** Doors drop sessions and connections here. */
  onReboot(fn: () => void): void {
    this.#onReboot.add(fn);
  }

  /** A pending task that the next start of the machine carries out. */
  atNextStart(task: Task, apply: () => void): void {
    this.#onStart.push({ task, apply });
  }

  get waitingForStart(): readonly Task[] {
    return this.#onStart.map((w) => w.task);
  }

  /** Empties the queue of configuration jobs. */
  clearJobs(): void {
    for (const { task } of this.#onStart.splice(0)) {
      this.tasks.finish(task, 'Cancelled', {
        messageId: 'TaskEvent.1.0.TaskCancelled',
        message: 'Cleared.',
        severity: 'Warning',
      });
    }
    this.bios.dropPending();
  }

  #planBoot(cause: BootCause): BootPlan {
    this.starts++;
    for (const { task, apply } of this.#onStart.splice(0)) {
      apply();
      this.tasks.finish(task, 'Completed', {
        messageId: 'TaskEvent.1.0.TaskCompletedOK',
        message: 'Applied.',
        severity: 'OK',
      });
    }
    const changed = this.bios.apply();
    if (changed['BootMode'] !== undefined) this.boot.setMode(changed['BootMode'] === 'Uefi' ? 'UEFI' : 'Legacy');
    const updated = this.firmware.applyStaged();
    const boot = this.boot.take();
    this.bios.force('BootMode', boot.mode === 'uefi' ? 'Uefi' : 'Bios');
    let order = boot.order;
    if (this.traits.mediaBootByOemOnly && this.settings.oemMediaBoot !== null)
      order = [this.settings.oemMediaBoot, ...order];
    if (this.traits.restorationScreen && this.settings.nvramChanged && boot.override !== null)
      order = ['setup', ...order];
    this.settings.oemMediaBoot = null;
    this.settings.nvramChanged = false;
    const secureBoot = this.secureBoot.apply(boot.mode === 'uefi');
    const disks = this.storage.present().map((disk) => {
      const trouble = this.effects.disk(disk.id);
      return trouble === undefined ? disk : { ...disk, trouble };
    });
    const plan: BootPlan = { mode: boot.mode, secureBoot, order, httpUri: boot.httpUri, disks };
    this.lastPlan = plan;
    this.ledger.add(this.name, 'event', LAB, `boot.${cause}`, {
      order,
      mode: boot.mode,
      override: boot.override,
      ...(Object.keys(changed).length > 0 ? { bios: changed } : {}),
      ...(updated.length > 0 ? { firmware: updated.map((i) => `${i.id} ${i.version}`) } : {}),
    });
    return plan;
  }

  #onMachine(event: MachineEvent): void {
    if (event.kind === 'power') this.#onPower(event.state, event.cause);
    if (event.kind === 'variables') this.settings.nvramChanged = true;
    if (event.kind === 'nmi')
      this.#tellSystem('Warning', 'ResourceStateChanged', ['System', 'NMI'], 0x13, [0x00, 0xff, 0xff]);
    if (event.kind === 'started') this.ledger.add(this.name, 'event', LAB, 'os.started', { what: event.what });
  }

  #onPower(state: 'on' | 'off', cause: 'bmc' | 'guest' | 'crash'): void {
    if (cause !== 'bmc')
      this.ledger.add(this.name, 'event', { ...LAB, channel: 'guest', address: cause }, `power.${state}`);
    if (state === 'off' && this.traits.forgetsBootDeviceAtPowerCycle) this.boot.forget();
    const message = state === 'on' ? 'ResourcePoweredOn' : 'ResourcePoweredOff';
    this.#tellSystem('OK', message, [this.traits.systemId], 0x22, [state === 'on' ? 0x00 : 0x05, 0xff, 0xff]);
  }

  #tellSystem(
    severity: Severity,
    message: string,
    args: readonly string[],
    sensorType: number,
    data: readonly [number, number, number],
  ): void {
    const ipmi = { sensorType, sensorNumber: 0x50, eventType: 0x6f, data, deassert: false };
    this.tell(severity, message, args, `Systems/${this.traits.systemId}`, ipmi);
  }
}
