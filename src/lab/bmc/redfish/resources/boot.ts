import type { Bmc } from '../../bmc.ts';
import { refuse } from '../../refusal.ts';
import {
  type Ask,
  collection,
  head,
  type Json,
  objectOf,
  onlyKnown,
  ref,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const BOOT_KEYS = [
  'BootSourceOverrideEnabled',
  'BootSourceOverrideTarget',
  'BootSourceOverrideMode',
  'UefiTargetBootSourceOverride',
  'HttpBootUri',
  'BootOrder',
];

/** The Boot object of a system. */
export function bootObject(ask: Ask): Json {
  const { bmc, paths } = ask;
  const { override } = bmc.boot;
  const { traits } = bmc;
  const mode =
    traits.bootMode === 'none'
      ? {}
      : { BootSourceOverrideMode: bmc.boot.mode, 'BootSourceOverrideMode@Redfish.AllowableValues': ['UEFI', 'Legacy'] };
  return {
    BootSourceOverrideEnabled: override.enabled,
    'BootSourceOverrideEnabled@Redfish.AllowableValues': traits.bootEnabledValues,
    BootSourceOverrideTarget: override.target,
    'BootSourceOverrideTarget@Redfish.AllowableValues': traits.bootTargets,
    ...mode,
    UefiTargetBootSourceOverride: override.uefiTarget,
    'UefiTargetBootSourceOverride@Redfish.AllowableValues': bmc.boot.options.map((o) => o.path),
    HttpBootUri: override.httpUri,
    BootOrder: bmc.boot.order,
    BootOptions: ref(`${paths.system}/BootOptions`),
  };
}

/** Applies a PATCH of Boot. With quirk `bootModeByJob` a change of mode waits for a reset as a task. */
export function patchBoot(ask: Ask, body: Json): void {
  const { bmc } = ask;
  onlyKnown(body, BOOT_KEYS);
  const mode = stringOf(body, 'BootSourceOverrideMode');
  const byJob = bmc.traits.bootModeByJob && mode !== undefined && mode !== bmc.boot.mode;
  if (byJob) mustHaveNoJob(bmc);
  bmc.boot.write({
    enabled: stringOf(body, 'BootSourceOverrideEnabled'),
    target: stringOf(body, 'BootSourceOverrideTarget'),
    mode: byJob ? undefined : mode,
    uefiTarget: nullable(body, 'UefiTargetBootSourceOverride'),
    httpUri: nullable(body, 'HttpBootUri'),
    order: stringsOf(body, 'BootOrder'),
  });
  bmc.ledger.add(bmc.name, 'action', ask.caller, 'boot.set', { ...body });
  if (byJob && (mode === 'UEFI' || mode === 'Legacy')) jobAtReset(ask, 'Boot mode', () => bmc.boot.setMode(mode));
}

/** A configuration job that the next start of the machine carries out. */
export function jobAtReset(ask: Ask, name: string, apply: () => void): { id: string; name: string } {
  const payload = { uri: ask.path, method: 'PATCH', body: null };
  const message = {
    messageId: 'Base.1.18.ResetRequired',
    message: 'Waits for a reset of the system.',
    severity: 'OK',
  } as const;
  const task = ask.bmc.tasks.pending(name, payload, message);
  ask.bmc.atNextStart(task, apply);
  return task;
}

/** Throws ResourceInUse when the make allows one configuration job at a time and there is one. */
export function mustHaveNoJob(bmc: Bmc): void {
  if (bmc.traits.oneConfigJob && bmc.waitingForStart.length > 0) throw refuse('ResourceInUse');
}

function nullable(body: Json, key: string): string | null | undefined {
  return body[key] === null ? null : stringOf(body, key);
}

function stringsOf(body: Json, key: string): readonly string[] | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((v) => typeof v !== 'string')) {
    throw refuse('PropertyValueTypeError', JSON.stringify(value), key);
  }
  return value as string[];
}

/** iDRAC 10 keeps Boot writable on a Settings resource only; others have a Settings resource without Boot. */
function settings(ask: Ask): Json | undefined {
  const kind = ask.bmc.traits.bootSettingsResource;
  if (kind === 'none') return undefined;
  const base = head(`${ask.paths.system}/Settings`, 'ComputerSystem.v1_22_0', 'Settings', 'System Settings');
  return kind === 'writable' ? { ...base, Boot: bootObject(ask) } : { ...base, AssetTag: ask.bmc.settings.assetTag };
}

function option(ask: Ask): Json | undefined {
  const reference = ask.params[1] ?? '';
  const found = ask.bmc.boot.options.find((o) => o.reference === reference);
  if (found === undefined) return undefined;
  return {
    ...head(`${ask.paths.system}/BootOptions/${reference}`, 'BootOption.v1_0_6', reference, found.name),
    BootOptionReference: reference,
    BootOptionEnabled: true,
    DisplayName: found.name,
    Alias: found.alias,
    UefiDevicePath: found.path,
  };
}

export const bootResources: readonly Resource[] = [
  {
    path: '/Systems/{system}/Settings',
    writer: 'Operator',
    get: (ask) => (ask.params[0] === ask.bmc.traits.systemId ? settings(ask) : undefined),
    patch: (ask, body) => {
      const boot = objectOf(body, 'Boot');
      if (ask.bmc.traits.bootSettingsResource !== 'writable' || boot === undefined) {
        throw refuse('PropertyNotWritable', Object.keys(body)[0] ?? 'Boot');
      }
      patchBoot(ask, boot);
      return undefined;
    },
  },
  {
    path: '/Systems/{system}/BootOptions',
    get: (ask) =>
      ask.params[0] !== ask.bmc.traits.systemId
        ? undefined
        : collection(
            `${ask.paths.system}/BootOptions`,
            'BootOptionCollection',
            'Boot Options',
            ask.bmc.boot.options.map((o) => `${ask.paths.system}/BootOptions/${o.reference}`),
          ),
  },
  { path: '/Systems/{system}/BootOptions/{option}', get: option },
];

/** A decoy among several systems: something in the chassis that is no server. */
export function decoySystem(ask: Ask, index: number): Json {
  const id = `Decoy${index}`;
  return {
    ...head(`${ask.paths.root}/Systems/${id}`, 'ComputerSystem.v1_22_0', id, 'Accelerator Tray'),
    SystemType: 'OS',
    PowerState: 'On',
    Status: status(),
    Links: { Chassis: [ref(ask.paths.chassis)], ManagedBy: [ref(ask.paths.manager)] },
  };
}
