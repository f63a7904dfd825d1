import type { Clock } from '#kernel/clock';
import type { BootDevice, FirmwareMode } from '../machine/contract.ts';
import type { MachineSpec } from '../machine/spec.ts';
import { refuse } from './refusal.ts';
import type { Traits } from './traits.ts';

export type OverrideEnabled = 'Disabled' | 'Once' | 'Continuous';
export type OverrideMode = 'UEFI' | 'Legacy';

/** The boot source override, as Redfish names its parts; IPMI's boot flags are another view of it. */
export interface Override {
  enabled: OverrideEnabled;
  target: string;
  uefiTarget: string | null;
  httpUri: string | null;
}

/** What a Redfish client may write; undefined leaves a part as it is. */
export interface BootChange {
  enabled?: string | undefined;
  target?: string | undefined;
  mode?: string | undefined;
  uefiTarget?: string | null | undefined;
  httpUri?: string | null | undefined;
  order?: readonly string[] | undefined;
}

/** One entry of the firmware's boot menu. */
export interface BootOption {
  reference: string;
  name: string;
  alias: 'Hdd' | 'Pxe' | 'Cd' | 'Usb';
  device: BootDevice;
  path: string;
}

const NONE: Override = { enabled: 'Disabled', target: 'None', uefiTarget: null, httpUri: null };

const TARGET_DEVICE: Record<string, BootDevice> = {
  Pxe: 'network',
  Hdd: 'disk',
  Cd: 'cd',
  UsbCd: 'cd',
  Usb: 'usb',
  Floppy: 'usb',
  BiosSetup: 'setup',
  UefiHttp: 'http',
};

/** Boot flags die after so long without a boot, where the BMC does that (IPMI 2.0, 28.13). */
const FLAGS_EXPIRE_MS = 60_000;

/** Boot device, mode and order: what was asked for, and what the next start will do. */
export class BootSettings {
  readonly #clock: Clock;
  readonly #traits: () => Traits;
  readonly #options: readonly BootOption[];
  #override: Override = NONE;
  /** The override before the last write, still in force while that one is not ready (`bootJobDelayMs`). */
  #before: Override = NONE;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #mode: OverrideMode;
  /** Of an IPMI boot flag: for that start only. */
  #modeOnce: OverrideMode | null = null;
  #order: string[];
  #ignored = 0;
  /** IPMI boot option 3: bits that keep the flags alive. */
  keepFlags = 0;

  constructor(clock: Clock, traits: () => Traits, spec: MachineSpec) {
    this.#clock = clock;
    this.#traits = traits;
    this.#mode = spec.firmware.mode === 'uefi' ? 'UEFI' : 'Legacy';
    this.#options = bootOptions(spec);
    this.#order = this.#options.map((o) => o.reference);
  }

  get override(): Override {
    const { ipmiBootFlagsExpire } = this.#traits();
    // bit 3 of option 3: the timeout does not clear the flags
    const expired =
      ipmiBootFlagsExpire &&
      (this.keepFlags & 0x08) === 0 &&
      this.#clock.monotonic() - this.#writtenAt > FLAGS_EXPIRE_MS;
    if (expired) this.#override = { ...this.#override, enabled: 'Disabled', target: 'None' };
    return this.#override;
  }

  /** The mode of the next start. */
  get mode(): OverrideMode {
    return this.#modeOnce ?? this.#mode;
  }

  get options(): readonly BootOption[] {
    return this.#options;
  }

  get order(): readonly string[] {
    return this.#order;
  }

  /** A PATCH of Boot. Throws a refusal and changes nothing when any part is wrong. */
  write(change: BootChange): void {
    const traits = this.#traits();
    const now = this.override;
    this.#check(change, traits, now);
    const next: Override = {
      enabled: (change.enabled as OverrideEnabled | undefined) ?? now.enabled,
      target: change.target ?? now.target,
      uefiTarget: change.uefiTarget === undefined ? now.uefiTarget : change.uefiTarget,
      httpUri: change.httpUri === undefined ? now.httpUri : change.httpUri,
    };
    if (change.enabled === undefined && change.target !== undefined && traits.enabledFallsBackToOnce)
      next.enabled = 'Once';
    if (next.enabled === 'Disabled' && change.enabled !== undefined) next.target = change.target ?? 'None';
    if (next.target === 'UefiTarget' && next.uefiTarget === null) {
      throw refuse('PropertyValueConflict', 'BootSourceOverrideTarget', 'UefiTargetBootSourceOverride');
    }
    const touched = change.enabled ?? change.target ?? change.uefiTarget ?? change.httpUri;
    if (touched !== undefined) this.#put(next);
    if (change.order !== undefined)
      this.#order = [...change.order, ...this.#order.filter((o) => !change.order?.includes(o))];
    if (change.mode !== undefined) this.setMode(change.mode as OverrideMode);
    else if (change.target !== undefined && traits.modeResetsTo !== null) this.setMode(traits.modeResetsTo);
  }

  /** IPMI's boot flags. `mode` null: the flag for UEFI is not looked at. */
  writeFlags(enabled: OverrideEnabled, target: string, mode: OverrideMode | null): void {
    this.#put({ enabled, target, uefiTarget: null, httpUri: null });
    this.#modeOnce = enabled === 'Disabled' ? null : mode;
  }

  setMode(mode: OverrideMode): void {
    this.#mode = mode;
    this.#modeOnce = null;
  }

  /** Back to what the factory sends. */
  forget(): void {
    this.#override = NONE;
    this.#before = NONE;
    this.#modeOnce = null;
  }

  /**
   * What the firmware does at the start that happens now. A one-time override is used up by it.
   * `override` is what was in force, null when nothing was.
   */
  take(): { mode: FirmwareMode; order: BootDevice[]; httpUri: string | null; override: Override | null } {
    const traits = this.#traits();
    const ready = this.#clock.monotonic() - this.#writtenAt >= traits.bootJobDelayMs;
    const inForce = ready ? this.override : this.#before;
    const mode: FirmwareMode = this.mode === 'UEFI' ? 'uefi' : 'bios';
    let first = inForce.enabled === 'Disabled' ? undefined : this.#deviceOf(inForce);
    if (traits.mediaBootByOemOnly && (first === 'cd' || first === 'usb')) first = undefined;
    if (first !== undefined && inForce.enabled === 'Once' && this.#ignored < traits.ignoresOnceBoots) {
      this.#ignored++;
      first = undefined;
    }
    if (ready && inForce.enabled === 'Once') {
      this.#override = { ...inForce, enabled: 'Disabled', target: 'None' };
      this.#modeOnce = null;
    }
    const usual = this.#order.flatMap(
      (reference) => this.#options.find((o) => o.reference === reference)?.device ?? [],
    );
    const order = first === undefined ? usual : [first, ...usual.filter((d) => d !== first)];
    return { mode, order, httpUri: inForce.httpUri, override: first === undefined ? null : inForce };
  }

  #put(next: Override): void {
    if (this.#clock.monotonic() - this.#writtenAt >= this.#traits().bootJobDelayMs) this.#before = this.#override;
    this.#override = next;
    this.#writtenAt = this.#clock.monotonic();
  }

  #deviceOf(override: Override): BootDevice | undefined {
    if (override.target !== 'UefiTarget') return TARGET_DEVICE[override.target];
    return this.#options.find((o) => o.path === override.uefiTarget || o.reference === override.uefiTarget)?.device;
  }

  #check(change: BootChange, traits: Traits, now: Override): void {
    const inList = (value: string | undefined, list: readonly string[], property: string) => {
      if (value !== undefined && !list.includes(value)) throw refuse('PropertyValueNotInList', value, property);
    };
    if (change.mode !== undefined && traits.bootMode === 'none')
      throw refuse('PropertyUnknown', 'BootSourceOverrideMode');
    inList(change.enabled, traits.bootEnabledValues, 'BootSourceOverrideEnabled');
    inList(change.target, traits.bootTargets, 'BootSourceOverrideTarget');
    inList(change.mode, ['UEFI', 'Legacy'], 'BootSourceOverrideMode');
    const three = [change.enabled, change.target, change.mode];
    if (traits.needsFullBootRequest && three.some((p) => p !== undefined) && three.includes(undefined)) {
      throw refuse('PropertyMissing', 'BootSourceOverrideMode');
    }
    if (traits.refusesUnchangedEnabled && change.enabled !== undefined && change.enabled === now.enabled) {
      throw refuse('PropertyValueConflict', 'BootSourceOverrideEnabled', 'BootSourceOverrideEnabled');
    }
    const target = change.target ?? now.target;
    if (traits.refusesEnabledWithTargetNone && target === 'None' && change.enabled !== undefined) {
      throw refuse('PropertyValueConflict', 'BootSourceOverrideEnabled', 'BootSourceOverrideTarget');
    }
    const unknown = change.order?.find((reference) => !this.#options.some((o) => o.reference === reference));
    if (unknown !== undefined) throw refuse('PropertyValueNotInList', unknown, 'BootOrder');
  }
}

/** The firmware's menu: disks, NICs, then removable media. */
function bootOptions(spec: MachineSpec): BootOption[] {
  const options: Omit<BootOption, 'reference'>[] = [
    ...spec.disks.map((disk, i) => ({
      name: `Disk ${disk.id}`,
      alias: 'Hdd' as const,
      device: `disk:${disk.id}` as const,
      path: `PciRoot(0x0)/Pci(0x${(i + 4).toString(16)},0x0)`,
    })),
    ...spec.nics.map((nic) => ({
      name: `Network ${nic.id}`,
      alias: 'Pxe' as const,
      device: `network:${nic.id}` as const,
      path: `PciRoot(0x0)/MAC(${nic.mac.replaceAll(':', '').toUpperCase()},0x1)/IPv4(0.0.0.0)`,
    })),
    { name: 'Virtual CD', alias: 'Cd', device: 'cd', path: 'PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x2,0xFFFF,0x0)' },
    { name: 'Virtual USB stick', alias: 'Usb', device: 'usb', path: 'PciRoot(0x0)/Pci(0x3,0x0)/USB(0x0,0x0)' },
  ];
  return options.map((o, i) => ({ ...o, reference: `Boot${i.toString(16).toUpperCase().padStart(4, '0')}` }));
}
