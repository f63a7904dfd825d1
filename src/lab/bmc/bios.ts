import { refuse } from './refusal.ts';

export type BiosValue = string | number | boolean;

/** One BIOS attribute, as Redfish's attribute registry describes it. */
export interface BiosAttribute {
  name: string;
  display: string;
  type: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password';
  default: BiosValue;
  values?: readonly string[];
  lower?: number;
  upper?: number;
  minLength?: number;
  maxLength?: number;
  readOnly?: boolean;
  resetRequired: boolean;
  menu: string;
}

const onOff = { type: 'Enumeration', values: ['Enabled', 'Disabled'], resetRequired: true } as const;

const ATTRIBUTES: readonly BiosAttribute[] = [
  {
    name: 'BootMode',
    display: 'Boot Mode',
    type: 'Enumeration',
    values: ['Uefi', 'Bios'],
    default: 'Uefi',
    resetRequired: true,
    menu: './Boot',
  },
  { name: 'BootRetry', display: 'Retry the boot order', ...onOff, default: 'Enabled', menu: './Boot' },
  {
    name: 'BootTimeout',
    display: 'Boot menu timeout (s)',
    type: 'Integer',
    lower: 0,
    upper: 300,
    default: 5,
    resetRequired: true,
    menu: './Boot',
  },
  {
    name: 'ProcVirtualization',
    display: 'Virtualization Technology',
    ...onOff,
    default: 'Enabled',
    menu: './Processor',
  },
  { name: 'ProcHyperthreading', display: 'Logical Processors', ...onOff, default: 'Enabled', menu: './Processor' },
  { name: 'ProcTurbo', display: 'Turbo Mode', ...onOff, default: 'Enabled', menu: './Processor' },
  {
    name: 'NumaNodesPerSocket',
    display: 'NUMA nodes per socket',
    type: 'Enumeration',
    values: ['1', '2', '4'],
    default: '1',
    resetRequired: true,
    menu: './Processor',
  },
  { name: 'SriovGlobal', display: 'SR-IOV', ...onOff, default: 'Disabled', menu: './Devices' },
  { name: 'PxeNic1', display: 'PXE on NIC 1', ...onOff, default: 'Enabled', menu: './Devices' },
  { name: 'PxeNic2', display: 'PXE on NIC 2', ...onOff, default: 'Disabled', menu: './Devices' },
  { name: 'SerialRedirection', display: 'Console on COM1', ...onOff, default: 'Enabled', menu: './Devices' },
  {
    name: 'SystemProfile',
    display: 'System Profile',
    type: 'Enumeration',
    values: ['Performance', 'Balanced', 'Power', 'Custom'],
    default: 'Balanced',
    resetRequired: true,
    menu: './Power',
  },
  { name: 'QuietBoot', display: 'Quiet Boot', type: 'Boolean', default: false, resetRequired: true, menu: './Boot' },
  {
    name: 'AssetTag',
    display: 'Asset Tag',
    type: 'String',
    minLength: 0,
    maxLength: 63,
    default: '',
    resetRequired: false,
    menu: './Misc',
  },
  {
    name: 'AdminPassword',
    display: 'Setup Password',
    type: 'Password',
    minLength: 0,
    maxLength: 32,
    default: '',
    resetRequired: true,
    menu: './Security',
  },
  {
    name: 'TpmPresence',
    display: 'TPM',
    type: 'Enumeration',
    values: ['Present', 'Absent'],
    default: 'Absent',
    readOnly: true,
    resetRequired: false,
    menu: './Security',
  },
];

/** Firmware settings: what is in force, and what the next start will bring. */
export class Bios {
  #current: Record<string, BiosValue>;
  #pending: Record<string, BiosValue> = {};
  #resetToDefaults = false;
  readonly #factory: Record<string, BiosValue>;

  constructor(facts: { uefi: boolean; tpm: boolean }) {
    this.#factory = Object.fromEntries(ATTRIBUTES.map((a) => [a.name, a.default]));
    this.#factory['BootMode'] = facts.uefi ? 'Uefi' : 'Bios';
    this.#factory['TpmPresence'] = facts.tpm ? 'Present' : 'Absent';
    this.#current = { ...this.#factory };
  }

  attributes(): readonly BiosAttribute[] {
    return ATTRIBUTES;
  }

  get current(): Readonly<Record<string, BiosValue>> {
    return this.#current;
  }

  /** Values that wait for the next start. */
  get pending(): Readonly<Record<string, BiosValue>> {
    return this.#resetToDefaults ? { ...this.#factory, ...this.#pending } : this.#pending;
  }

  get hasPending(): boolean {
    return this.#resetToDefaults || Object.keys(this.#pending).length > 0;
  }

  /** Takes changes for the next start; all or none. Throws a refusal that names the attribute. */
  stage(changes: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(changes)) checkValue(name, value);
    for (const [name, value] of Object.entries(changes)) {
      if (this.#current[name] === value && !this.#resetToDefaults) delete this.#pending[name];
      else this.#pending[name] = value as BiosValue;
    }
  }

  /** Factory values at the next start. */
  stageDefaults(): void {
    this.#pending = {};
    this.#resetToDefaults = true;
  }

  dropPending(): void {
    this.#pending = {};
    this.#resetToDefaults = false;
  }

  /** Makes pending values current; gives what changed. */
  apply(): Record<string, BiosValue> {
    const next = { ...this.#current, ...this.pending };
    const changed = Object.fromEntries(Object.entries(next).filter(([name, value]) => this.#current[name] !== value));
    this.#current = next;
    this.dropPending();
    return changed;
  }

  /** Sets a value at once; the boot mode follows what the boot settings say. */
  force(name: string, value: BiosValue): void {
    this.#current[name] = value;
  }
}

function checkValue(name: string, value: unknown): void {
  const attribute = ATTRIBUTES.find((a) => a.name === name);
  if (attribute === undefined) throw refuse('PropertyUnknown', name);
  if (attribute.readOnly) throw refuse('PropertyNotWritable', name);
  const wrongType = () => refuse('PropertyValueTypeError', String(value), name);
  const outOfRange = () => refuse('PropertyValueOutOfRange', String(value), name);
  switch (attribute.type) {
    case 'Boolean':
      if (typeof value !== 'boolean') throw wrongType();
      return;
    case 'Integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType();
      if (value < (attribute.lower ?? 0) || value > (attribute.upper ?? Number.MAX_SAFE_INTEGER)) throw outOfRange();
      return;
    default:
      if (typeof value !== 'string') throw wrongType();
      if (attribute.values !== undefined && !attribute.values.includes(value))
        throw refuse('PropertyValueNotInList', value, name);
      if (value.length > (attribute.maxLength ?? 255)) throw outOfRange();
  }
}
