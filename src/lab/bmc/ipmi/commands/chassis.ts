import type { OverrideEnabled } from '../../boot-settings.ts';
import type { PowerVerb } from '../../power-control.ts';
import { Refusal } from '../../refusal.ts';
import { byteAt, CODE, type Command, type CommandContext, Completion, EMPTY, NETFN, u32 } from '../command.ts';

const CONTROL: Record<number, PowerVerb> = { 0: 'off', 1: 'on', 2: 'cycle', 3: 'reset', 4: 'nmi', 5: 'soft' };

const RESTORE = ['AlwaysOff', 'LastState', 'AlwaysOn'] as const;

function status({ bmc }: CommandContext): Buffer {
  const policy = RESTORE.indexOf(bmc.settings.powerRestore);
  const reported = bmc.power.reported();
  const on = reported === 'On' || reported === 'Paused' || reported === 'PoweringOff';
  const identify = bmc.settings.indicator ? 0x20 : 0x00;
  return Buffer.from([(policy << 5) | (on ? 1 : 0), 0x00, 0x40 | identify, 0x00]);
}

async function control({ bmc, caller }: CommandContext, data: Buffer): Promise<Buffer> {
  const verb = CONTROL[byteAt(data, 0) & 0x0f];
  if (verb === undefined) throw new Completion(CODE.badField);
  try {
    await bmc.power.act(verb, caller);
  } catch (error) {
    // the specification's words: command not supported in present state
    if (error instanceof Refusal) throw new Completion(CODE.badState);
    throw error;
  }
  return EMPTY;
}

/** Boot devices of option 5, bits 5 to 2 of its second byte (IPMI 2.0, table 28-14). */
const SELECTOR: Record<number, string> = {
  1: 'Pxe',
  2: 'Hdd',
  3: 'Hdd',
  5: 'Cd',
  6: 'BiosSetup',
  7: 'Usb',
  8: 'Cd',
  0x0b: 'Hdd',
  0x0f: 'Usb',
};
const TARGET: Record<string, number> = { Pxe: 1, Hdd: 2, Cd: 5, UsbCd: 5, BiosSetup: 6, Usb: 0x0f, Floppy: 0x0f };

function setBootFlags({ bmc, caller }: CommandContext, data: Buffer): void {
  const flags = byteAt(data, 0);
  const selector = (byteAt(data, 1) >> 2) & 0x0f;
  const valid = (flags & 0x80) !== 0;
  const efi = (flags & 0x20) !== 0 && !bmc.traits.ipmiDropsUefiFlag;
  const uefiDisk = bmc.traits.ipmiUefiDiskSelector >> 2;
  let target = SELECTOR[selector] ?? 'None';
  // Supermicro boots a UEFI disk by another selector than the specification's
  if (efi && uefiDisk !== 2 && target === 'Hdd') target = 'None';
  if (efi && selector === uefiDisk) target = 'Hdd';
  const enabled: OverrideEnabled =
    !valid || target === 'None' ? 'Disabled' : (flags & 0x40) !== 0 ? 'Continuous' : 'Once';
  bmc.boot.writeFlags(enabled, enabled === 'Disabled' ? 'None' : target, efi ? 'UEFI' : 'Legacy');
  bmc.ledger.add(bmc.name, 'action', caller, 'boot.set', { enabled, target, efi, bytes: data.toString('hex') });
}

function getBootFlags({ bmc }: CommandContext): Buffer {
  const { override, mode } = bmc.boot;
  if (override.enabled === 'Disabled') return Buffer.alloc(5);
  const flags = 0x80 | (override.enabled === 'Continuous' ? 0x40 : 0) | (mode === 'UEFI' ? 0x20 : 0);
  return Buffer.from([flags, (TARGET[override.target] ?? 0) << 2, 0, 0, 0]);
}

function setBootOption(context: CommandContext, data: Buffer): Buffer {
  const selector = byteAt(data, 0) & 0x7f;
  const value = data.subarray(1);
  const { bmc } = context;
  switch (selector) {
    case 0: // set in progress
    case 4: // acknowledge
    case 6: // initiator
      return EMPTY;
    case 3:
      if (!bmc.traits.ipmiBootTimeoutParameter) throw new Completion(0x80);
      bmc.boot.keepFlags = byteAt(value, 0);
      return EMPTY;
    case 5:
      setBootFlags(context, value);
      return EMPTY;
    default:
      throw new Completion(0x80); // parameter not supported
  }
}

function getBootOption(context: CommandContext, data: Buffer): Buffer {
  const selector = byteAt(data, 0) & 0x7f;
  const head = Buffer.from([0x01, selector]);
  const values: Record<number, () => Buffer> = {
    0: () => Buffer.from([0]),
    3: () => Buffer.from([context.bmc.boot.keepFlags]),
    4: () => Buffer.from([0, 0]),
    5: () => getBootFlags(context),
    6: () => Buffer.alloc(9),
  };
  const value = values[selector];
  if (value === undefined || (selector === 3 && !context.bmc.traits.ipmiBootTimeoutParameter))
    throw new Completion(0x80);
  return Buffer.concat([head, value()]);
}

export const chassisCommands: readonly Command[] = [
  {
    netFn: NETFN.chassis,
    command: 0x00,
    name: 'chassis capabilities',
    privilege: 2,
    run: () => Buffer.from([0x02, 0x20, 0x20, 0x20, 0x20, 0x20]),
  },
  { netFn: NETFN.chassis, command: 0x01, name: 'chassis status', privilege: 2, run: status },
  { netFn: NETFN.chassis, command: 0x02, name: 'chassis control', privilege: 3, writes: true, run: control },
  {
    netFn: NETFN.chassis,
    command: 0x04,
    name: 'chassis identify',
    privilege: 3,
    writes: true,
    run: ({ bmc }, data) => {
      const seconds = data[0] ?? 15;
      bmc.settings.indicator = seconds > 0 || (data[1] ?? 0) === 1;
      return EMPTY;
    },
  },
  {
    netFn: NETFN.chassis,
    command: 0x06,
    name: 'power restore policy',
    privilege: 3,
    writes: true,
    run: ({ bmc }, data) => {
      const policy = RESTORE[byteAt(data, 0) & 7];
      if (policy !== undefined) bmc.settings.powerRestore = policy;
      return Buffer.from([0x07]);
    },
  },
  {
    netFn: NETFN.chassis,
    command: 0x07,
    name: 'system restart cause',
    privilege: 2,
    run: () => Buffer.from([0x01, 0x01]),
  },
  { netFn: NETFN.chassis, command: 0x08, name: 'set boot options', privilege: 3, writes: true, run: setBootOption },
  { netFn: NETFN.chassis, command: 0x09, name: 'get boot options', privilege: 3, run: getBootOption },
  {
    netFn: NETFN.chassis,
    command: 0x0f,
    name: 'power on hours',
    privilege: 2,
    run: ({ bmc }) => Buffer.concat([Buffer.from([60]), u32(Math.floor(bmc.clock.monotonic() / 3_600_000))]),
  },
];
