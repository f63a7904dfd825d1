import { defineResource } from './resource.ts';

// The resources that stand beside nodes: every field and filter with the microversion that brought it.

const uuid = {
  kind: 'uuid',
  create: true,
  brief: true,
  notNull: true,
  about: 'Identity, chosen by the client or made.',
} as const;
const extra = { kind: 'json', create: true, patch: true, empty: '{}', about: "Anything of the operator's." } as const;
const created = { kind: 'time', notNull: true, about: 'When it was made.' } as const;
const updated = { kind: 'time', about: 'When it was last changed.' } as const;

export const CHASSIS = defineResource({
  name: 'chassis',
  table: 'chassis',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    description: { kind: 'text', create: true, patch: true, brief: true, maxLength: 255, about: 'For people.' },
    extra,
    created_at: created,
    updated_at: updated,
  },
  subLinks: { nodes: { wrapped: true } },
  filters: {},
});

export const PORTGROUPS = defineResource({
  name: 'portgroups',
  table: 'portgroups',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    address: { kind: 'mac', create: true, patch: true, brief: true, about: 'MAC address of the bond.' },
    name: { kind: 'text', create: true, patch: true, brief: true, maxLength: 255, about: 'Unique name.' },
    node_uuid: { kind: 'uuid', create: true, patch: true, notNull: true, about: 'Node it belongs to.' },
    standalone_ports_supported: {
      kind: 'boolean',
      create: true,
      patch: true,
      notNull: true,
      about: 'May members be used alone?',
    },
    mode: { kind: 'text', since: 23, create: true, patch: true, notNull: true, maxLength: 255, about: 'Bonding mode.' },
    properties: { kind: 'json', since: 23, create: true, patch: true, empty: '{}', about: 'Bonding options.' },
    physical_network: {
      kind: 'text',
      since: 102,
      create: true,
      patch: true,
      maxLength: 64,
      about: 'Physical network of the members.',
    },
    category: {
      kind: 'text',
      since: 103,
      create: true,
      patch: true,
      maxLength: 80,
      about: 'For trait-based networking.',
    },
    dynamic_portgroup: { kind: 'boolean', since: 111, notNull: true, about: 'Made by the service itself.' },
    internal_info: { kind: 'json', empty: '{}', about: 'What the service remembers.' },
    extra,
    created_at: created,
    updated_at: updated,
  },
  subLinks: { ports: { since: 23 } },
  filters: {
    node: { kind: 'uuid_or_name', about: 'Of this node.' },
    address: { kind: 'mac', about: 'With this MAC address.' },
    shard: { kind: 'strings', since: 106, about: 'Of nodes in one of these shards.' },
    conductor_groups: { kind: 'strings', since: 99, about: 'Of nodes of these conductor groups.' },
  },
});

export const VOLUME_CONNECTORS = defineResource({
  name: 'connectors',
  path: 'volume/connectors',
  table: 'volume_connectors',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    node_uuid: { kind: 'uuid', create: true, patch: true, brief: true, notNull: true, about: 'Node it belongs to.' },
    type: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 32,
      about: 'iqn, ip, mac, wwnn, wwpn, port…',
    },
    connector_id: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 255,
      about: 'The initiator, in the form of its type.',
    },
    extra,
    created_at: created,
    updated_at: updated,
  },
  filters: { node: { kind: 'uuid_or_name', about: 'Of this node.' } },
});

export const VOLUME_TARGETS = defineResource({
  name: 'targets',
  path: 'volume/targets',
  table: 'volume_targets',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    node_uuid: {
      kind: 'uuid',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      about: 'Node it is attached to.',
    },
    volume_type: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 64,
      about: 'iscsi, fibre_channel…',
    },
    boot_index: { kind: 'integer', create: true, patch: true, brief: true, notNull: true, about: '0 boots.' },
    volume_id: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 36,
      about: 'Id in the volume service.',
    },
    properties: {
      kind: 'json',
      create: true,
      patch: true,
      empty: '{}',
      guard: {
        rule: 'baremetal:volume:view_target_properties',
        shown: {
          redacted_contents: '** Value redacted: Requires baremetal:volume:view_target_properties permission. **',
        },
      },
      about: 'How to reach it. Secrets are masked.',
    },
    extra,
    created_at: created,
    updated_at: updated,
  },
  filters: { node: { kind: 'uuid_or_name', about: 'Of this node.' } },
});

export const DEPLOY_TEMPLATES = defineResource({
  name: 'deploy_templates',
  table: 'deploy_templates',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    name: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 255,
      about: 'A trait; nodes with it get the steps.',
    },
    steps: { kind: 'list', create: true, patch: true, about: 'Deploy steps, with priorities.' },
    extra,
    created_at: created,
    updated_at: updated,
  },
  filters: {},
});

export const RUNBOOKS = defineResource({
  name: 'runbooks',
  table: 'runbooks',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    name: {
      kind: 'text',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      maxLength: 255,
      about: 'Unique name.',
    },
    description: { kind: 'text', since: 112, create: true, patch: true, maxLength: 255, about: 'For people.' },
    steps: { kind: 'list', create: true, patch: true, about: 'Steps, in order.' },
    disable_ramdisk: { kind: 'boolean', create: true, patch: true, notNull: true, about: 'Run without a ramdisk.' },
    public: { kind: 'boolean', create: true, patch: true, notNull: true, about: 'For every project.' },
    owner: { kind: 'text', create: true, patch: true, maxLength: 255, about: 'Project that owns it.' },
    traits: { kind: 'texts', since: 112, about: 'Nodes with one of these may use it; see /traits.' },
    extra,
    created_at: created,
    updated_at: updated,
  },
  filters: {},
});

export const INSPECTION_RULES = defineResource({
  name: 'inspection_rules',
  table: 'inspection_rules',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    description: { kind: 'text', create: true, patch: true, brief: true, maxLength: 255, about: 'For people.' },
    priority: {
      kind: 'integer',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      about: '0 to 9999, higher first.',
    },
    sensitive: {
      kind: 'boolean',
      create: true,
      patch: true,
      brief: true,
      notNull: true,
      about: 'Hide conditions and actions for good.',
    },
    phase: { kind: 'text', create: true, patch: true, brief: true, notNull: true, about: 'main.' },
    conditions: {
      kind: 'list',
      column: null,
      reads: ['sensitive', 'conditions'],
      create: true,
      patch: true,
      about: 'When it applies; null when sensitive.',
    },
    actions: {
      kind: 'list',
      column: null,
      reads: ['sensitive', 'actions'],
      create: true,
      patch: true,
      about: 'What it does; null when sensitive.',
    },
    created_at: created,
    updated_at: updated,
  },
  filters: {},
});

export const ALLOCATIONS = defineResource({
  name: 'allocations',
  table: 'allocations',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid,
    name: { kind: 'text', create: true, patch: true, brief: true, maxLength: 255, about: 'Unique name.' },
    node_uuid: { kind: 'uuid', brief: true, about: 'Node that was chosen.' },
    state: { kind: 'text', brief: true, notNull: true, about: 'allocating, active or error.' },
    last_error: { kind: 'text', brief: true, about: 'Why none was chosen.' },
    resource_class: { kind: 'text', create: true, brief: true, maxLength: 80, about: 'Class that is wanted.' },
    owner: { kind: 'text', since: 60, create: true, brief: true, maxLength: 255, about: 'Project that owns it.' },
    traits: { kind: 'texts', create: true, brief: true, about: 'Traits the node must have.' },
    candidate_nodes: { kind: 'list', create: true, brief: true, about: 'Nodes to choose from.' },
    extra: { ...extra, brief: true },
    created_at: { ...created, brief: true },
    updated_at: { ...updated, brief: true },
  },
  filters: {
    node: { kind: 'uuid_or_name', about: 'On this node.' },
    resource_class: { kind: 'string', about: 'Of this class.' },
    state: { kind: 'string', about: 'In this state.' },
    owner: { kind: 'string', since: 60, about: 'Owned by this project.' },
  },
});
