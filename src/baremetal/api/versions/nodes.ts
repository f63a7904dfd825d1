import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';
import { PROVISION_STATES } from '../../states/names.ts';
import { defineResource, type FieldSpec } from './resource.ts';

const INTERFACE_SINCE: Partial<Record<InterfaceKind, number>> = {
  network: 20,
  storage: 33,
  rescue: 38,
  bios: 40,
  firmware: 86,
};

const interfaceFields = Object.fromEntries(
  INTERFACE_KINDS.map((kind) => [
    `${kind}_interface`,
    {
      kind: 'text',
      since: INTERFACE_SINCE[kind] ?? 31,
      create: true,
      patch: true,
      notNull: true,
      about: `Implementation of the ${kind} interface.`,
    },
  ]),
) as Record<`${InterfaceKind}_interface`, FieldSpec>;

/** Faults that can be asked for (`ironic/common/faults.py`). */
const FAULTS = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'];

/** Nodes: every field, filter and link with the microversion that brought it. */
export const NODES = defineResource({
  name: 'nodes',
  table: 'nodes',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid: { kind: 'uuid', create: true, brief: true, notNull: true, about: 'Identity, chosen by the client or made.' },
    name: { kind: 'text', since: 5, create: true, patch: true, brief: true, about: 'Unique name.' },
    power_state: { kind: 'text', brief: true, about: 'Last power state seen.' },
    target_power_state: { kind: 'text', about: 'Power state being changed to.' },
    provision_state: {
      kind: 'text',
      brief: true,
      notNull: true,
      renamed: [
        { below: 39, from: 'inspect wait', to: 'inspecting' },
        { below: 2, from: 'available', to: null },
      ],
      about: 'Where in its life the node is.',
    },
    target_provision_state: { kind: 'text', about: 'Where it is going.' },
    provision_updated_at: { kind: 'time', about: 'When the provision state changed.' },
    last_error: {
      kind: 'text',
      guard: {
        rule: 'baremetal:node:get:last_error',
        shown: '** Value Redacted - Requires baremetal:node:get:last_error permission. **',
      },
      about: 'Why the last operation failed.',
    },
    maintenance: {
      kind: 'boolean',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      about: 'Left alone by the conductor.',
    },
    maintenance_reason: { kind: 'text', about: 'Why it is in maintenance.' },
    fault: { kind: 'text', since: 42, about: 'What put it into maintenance.' },
    console_enabled: { kind: 'boolean', create: true, notNull: true, about: 'Is the console on?' },
    driver: { kind: 'text', create: true, patch: true, notNull: true, about: 'Hardware type.' },
    driver_info: {
      kind: 'json',
      create: true,
      patch: true,
      empty: '{}',
      guard: {
        rule: 'baremetal:node:get:driver_info',
        shown: { content: '** Redacted - requires baremetal:node:get:driver_info permission. **' },
      },
      about: 'How to reach the BMC. Secrets are masked.',
    },
    driver_internal_info: {
      kind: 'json',
      since: 3,
      empty: '{}',
      guard: {
        rule: 'baremetal:node:get:driver_internal_info',
        shown: { content: '** Redacted - Requires baremetal:node:get:driver_internal_info permission. **' },
      },
      about: 'What the drivers remember. Secrets are masked.',
    },
    properties: { kind: 'json', create: true, patch: true, empty: '{}', about: 'Physical properties.' },
    instance_info: {
      kind: 'json',
      create: true,
      patch: true,
      empty: '{}',
      about: 'What is to be deployed. Secrets are masked.',
    },
    instance_uuid: { kind: 'uuid', create: true, patch: true, brief: true, about: 'Instance on the node.' },
    instance_name: {
      kind: 'text',
      since: 104,
      create: true,
      patch: true,
      minLength: 1,
      maxLength: 255,
      about: 'Name of the instance.',
    },
    extra: { kind: 'json', create: true, patch: true, empty: '{}', about: "Anything of the operator's." },
    chassis_uuid: { kind: 'uuid', create: true, patch: true, about: 'Chassis it sits in.' },
    reservation: {
      kind: 'text',
      guard: {
        rule: 'baremetal:node:get:reservation',
        shown: '** Redacted - requires baremetal:node:get:reservation permission. **',
      },
      about: 'Conductor that holds the lock.',
    },
    inspection_finished_at: { kind: 'time', since: 6, about: 'When the last inspection ended.' },
    inspection_started_at: { kind: 'time', since: 6, about: 'When the last inspection began.' },
    clean_step: { kind: 'json', since: 7, empty: '{}', about: 'Clean step in hand.' },
    raid_config: { kind: 'json', since: 12, empty: '{}', about: 'RAID as it is.' },
    target_raid_config: { kind: 'json', since: 12, empty: '{}', about: 'RAID as it shall be.' },
    resource_class: {
      kind: 'text',
      since: 21,
      create: true,
      patch: true,
      maxLength: 80,
      about: 'Class that allocations ask for.',
    },
    traits: { kind: 'texts', since: 37, about: 'Traits; see /traits.' },
    deploy_step: { kind: 'json', since: 44, empty: '{}', about: 'Deploy step in hand.' },
    conductor_group: {
      kind: 'text',
      since: 46,
      create: true,
      patch: true,
      notNull: true,
      maxLength: 255,
      about: 'Conductors that may manage it.',
    },
    automated_clean: {
      kind: 'boolean',
      since: 47,
      create: true,
      patch: true,
      about: 'Clean by itself; null: as configured.',
    },
    protected: { kind: 'boolean', since: 48, patch: true, notNull: true, about: 'May not be undeployed or deleted.' },
    protected_reason: { kind: 'text', since: 48, patch: true, about: 'Why it is protected.' },
    conductor: {
      kind: 'any',
      since: 49,
      column: null,
      reads: ['driver', 'conductor_group', 'uuid'],
      about: 'Conductor that looks after it now.',
    },
    owner: { kind: 'text', since: 50, create: true, patch: true, maxLength: 255, about: 'Project that owns it.' },
    description: { kind: 'text', since: 51, create: true, patch: true, maxLength: 4096, about: 'For people.' },
    allocation_uuid: { kind: 'uuid', since: 52, about: 'Allocation it serves.' },
    retired: { kind: 'boolean', since: 61, create: true, patch: true, notNull: true, about: 'Out of use.' },
    retired_reason: { kind: 'text', since: 61, create: true, patch: true, about: 'Why it is retired.' },
    lessee: { kind: 'text', since: 65, create: true, patch: true, maxLength: 255, about: 'Project that uses it.' },
    network_data: {
      kind: 'json',
      since: 66,
      create: true,
      patch: true,
      empty: '{}',
      about: 'Static network configuration of the ramdisk.',
    },
    boot_mode: { kind: 'text', since: 75, create: true, about: 'uefi or bios, as last read.' },
    secure_boot: { kind: 'boolean', since: 75, create: true, about: 'Secure Boot, as last read.' },
    shard: { kind: 'text', since: 82, create: true, patch: true, maxLength: 255, about: 'Shard, for clients.' },
    parent_node: { kind: 'uuid', since: 83, create: true, patch: true, maxLength: 36, about: 'Node it is a part of.' },
    service_step: { kind: 'json', since: 87, empty: '{}', about: 'Service step in hand.' },
    disable_power_off: {
      kind: 'boolean',
      since: 95,
      create: true,
      patch: true,
      notNull: true,
      about: 'Never power it off.',
    },
    health: { kind: 'text', since: 109, about: 'OK, Warning or Critical, from the BMC.' },
    ...interfaceFields,
    created_at: { kind: 'time', notNull: true, about: 'When it was enrolled.' },
    updated_at: { kind: 'time', about: 'When it was last changed.' },
  },
  subLinks: { ports: {}, states: { since: 14 }, portgroups: { since: 24 }, volume: { since: 32 } },
  filters: {
    chassis_uuid: { kind: 'uuid', about: 'In this chassis.' },
    instance_uuid: { kind: 'uuid', about: 'With this instance.' },
    associated: { kind: 'boolean', about: 'With (or without) an instance.' },
    maintenance: { kind: 'boolean', about: 'In maintenance or not.' },
    provision_state: {
      kind: 'string',
      since: 9,
      below: 'silent',
      values: { of: PROVISION_STATES, refuse: (value) => `Provision state "${value}" is not valid` },
      about: 'In this provision state.',
    },
    driver: { kind: 'string', since: 16, about: 'With this driver.' },
    resource_class: { kind: 'string', since: 21, about: 'Of this resource class.' },
    fault: {
      kind: 'string',
      since: 42,
      values: {
        of: FAULTS,
        refuse: (value) =>
          `Unrecognized fault "${value}" is specified, allowed faults are (${FAULTS.map((f) => `'${f}'`).join(', ')})`,
      },
      about: 'With this fault.',
    },
    conductor_group: { kind: 'string', since: 46, about: 'Of this conductor group.' },
    conductor: { kind: 'string', since: 49, about: 'Looked after by this conductor.' },
    owner: { kind: 'string', since: 50, about: 'Owned by this project.' },
    description_contains: { kind: 'string', about: 'With this in the description.' },
    retired: { kind: 'boolean', about: 'Retired or not.' },
    lessee: { kind: 'string', since: 65, about: 'Leased to this project.' },
    project: { kind: 'string', about: 'Owned by or leased to this project.' },
    shard: { kind: 'strings', since: 82, about: 'In one of these shards.' },
    sharded: { kind: 'boolean', since: 82, about: 'In any shard, or in none.' },
    include_children: { kind: 'boolean', since: 83, about: 'Child nodes too.' },
    parent_node: { kind: 'string', since: 83, about: 'Children of this node.' },
    instance_name: { kind: 'string', since: 104, about: 'With this instance name.' },
  },
});

/** Behaviour of nodes that changed with a version, fields and filters apart. */
export const NODE_RULES = {
  /** New nodes begin in `enroll`; before, in `available`. */
  enroll: 11,
  /** `chassis_uuid` may be taken away. */
  unsetChassis: 25,
  /** `reset_interfaces` of PATCH. */
  resetInterfaces: 45,
} as const;

/**
 * Rules a PATCH must pass beside visibility, by how its path begins; the first that fits holds. What fits none
 * needs `baremetal:node:update`.
 */
export const NODE_PATCH_RULES: readonly (readonly [prefix: string, rule: string])[] = [
  ['/instance_info', 'baremetal:node:update_instance_info'],
  ['/extra', 'baremetal:node:update_extra'],
  ['/driver_info', 'baremetal:node:update:driver_info'],
  ['/properties', 'baremetal:node:update:properties'],
  ['/chassis_uuid', 'baremetal:node:update:chassis_uuid'],
  ['/instance_uuid', 'baremetal:node:update:instance_uuid'],
  ['/instance_name', 'baremetal:node:update_instance_info'],
  ['/lessee', 'baremetal:node:update:lessee'],
  ['/owner', 'baremetal:node:update:owner'],
  ['/driver', 'baremetal:node:update:driver_interfaces'],
  ['/network_data', 'baremetal:node:update:network_data'],
  ['/conductor_group', 'baremetal:node:update:conductor_group'],
  ['/name', 'baremetal:node:update:name'],
  ['/retired', 'baremetal:node:update:retired'],
  ['/shard', 'baremetal:node:update:shard'],
  ['/parent_node', 'baremetal:node:update:parent_node'],
  ['/disable_power_off', 'baremetal:node:update:disable_power_off'],
  ...INTERFACE_KINDS.map((kind) => [`/${kind}_interface`, 'baremetal:node:update:driver_interfaces'] as const),
];

/** Fields of GET …/states. */
export const NODE_STATES: Readonly<Record<string, { since?: number }>> = {
  console_enabled: {},
  last_error: {},
  power_state: {},
  provision_state: {},
  provision_updated_at: {},
  target_power_state: {},
  target_provision_state: {},
  raid_config: { since: 12 },
  target_raid_config: { since: 12 },
  boot_mode: { since: 75 },
  secure_boot: { since: 75 },
};

/** What PUT …/states/power takes since when. */
export const POWER_RULES = { soft: 27, timeout: 27 } as const;

/** What PUT …/states/provision takes since when; a target's own version is in `states/verbs.ts`. */
export const PROVISION_RULES = {
  rebuildConfigdrive: 35,
  configdriveDocument: 56,
  configdriveVendorData: 59,
  deploySteps: 69,
  cleanDisableRamdisk: 70,
  runbook: 92,
  serviceDisableRamdisk: 108,
  /** Runbooks are let onto a node by a trait they share; before, by a trait of the node that is their name. */
  runbookTraits: 112,
} as const;

/** Fields of BIOS settings; registry data and choosing fields came with 1.74. */
export const BIOS_RULES = { registry: 74 } as const;

/** Fields of a history entry beyond the first. */
export const HISTORY_FIELDS: Readonly<Record<string, { since?: number }>> = {
  event_type: {},
  conductor: {},
  user: {},
  project: { since: 113 },
  state: { since: 115 },
  target_provision_state: { since: 115 },
  duration_seconds: { since: 115 },
};

/** Fields of a firmware component. */
export const FIRMWARE_FIELDS: Readonly<Record<string, { since?: number }>> = {
  component: {},
  initial_version: {},
  current_version: {},
  last_version_flashed: {},
  vendor: { since: 114 },
  model: { since: 114 },
  serial_number: { since: 114 },
};

/** VIFs may name the port they go to. */
export const VIF_RULES = { port: 67 } as const;
