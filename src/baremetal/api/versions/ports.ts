import { defineResource } from './resource.ts';

/** Ports (NICs of nodes): every field and filter with the microversion that brought it. */
export const PORTS = defineResource({
  name: 'ports',
  table: 'ports',
  seq: 'seq',
  key: 'uuid',
  fields: {
    uuid: { kind: 'uuid', create: true, brief: true, notNull: true, about: 'Identity, chosen by the client or made.' },
    address: { kind: 'mac', create: true, patch: true, brief: true, notNull: true, about: 'MAC address, unique.' },
    node_uuid: { kind: 'uuid', create: true, patch: true, notNull: true, about: 'Node it belongs to.' },
    node_ident: {
      kind: 'text',
      since: 94,
      create: true,
      writeOnly: true,
      column: null,
      about: 'In place of node_uuid: UUID or name of the node.',
    },
    extra: { kind: 'json', create: true, patch: true, empty: '{}', about: "Anything of the operator's." },
    internal_info: { kind: 'json', since: 18, empty: '{}', about: 'What the service remembers: attached VIFs…' },
    pxe_enabled: { kind: 'boolean', since: 19, create: true, patch: true, notNull: true, about: 'May it boot?' },
    local_link_connection: {
      kind: 'json',
      since: 19,
      create: true,
      patch: true,
      empty: '{}',
      keys: { 'vtep-logical-switch': { since: 90, until: 105 }, 'vtep-physical-switch': { since: 90, until: 105 } },
      about: 'Where its cable goes: switch_id, port_id, switch_info…',
    },
    portgroup_uuid: { kind: 'uuid', since: 24, create: true, patch: true, about: 'Port group it is a member of.' },
    physical_network: {
      kind: 'text',
      since: 34,
      create: true,
      patch: true,
      maxLength: 64,
      about: 'Physical network it is on.',
    },
    is_smartnic: { kind: 'boolean', since: 53, create: true, patch: true, notNull: true, about: 'Is it a smart NIC?' },
    name: { kind: 'text', since: 88, create: true, patch: true, maxLength: 255, about: 'Unique name.' },
    description: { kind: 'text', since: 97, create: true, patch: true, maxLength: 255, about: 'For people.' },
    vendor: { kind: 'text', since: 100, create: true, patch: true, maxLength: 32, about: 'Who made the NIC.' },
    category: {
      kind: 'text',
      since: 101,
      create: true,
      patch: true,
      maxLength: 80,
      about: 'For trait-based networking.',
    },
    available_for_dynamic_portgroup: {
      kind: 'boolean',
      since: 111,
      create: true,
      patch: true,
      notNull: true,
      about: 'May the service put it into a group of its own making?',
    },
    created_at: { kind: 'time', notNull: true, about: 'When it was made.' },
    updated_at: { kind: 'time', about: 'When it was last changed.' },
  },
  filters: {
    node: { kind: 'uuid_or_name', about: 'Of this node.' },
    node_uuid: { kind: 'uuid', about: 'Of this node; use `node`.' },
    address: { kind: 'mac', about: 'With this MAC address.' },
    portgroup: { kind: 'uuid_or_name', since: 24, below: 'silent', about: 'Members of this port group.' },
    shard: { kind: 'strings', since: 82, about: 'Of nodes in one of these shards.' },
    description_contains: { kind: 'string', about: 'With this in the description.' },
    conductor_groups: { kind: 'strings', since: 99, about: 'Of nodes of these conductor groups.' },
  },
});

/** Keys within local_link_connection that clients may only write at some versions. */
export const LINK_KEYS: Readonly<Record<string, { since: number; until?: number }>> = {
  network_type: { since: 64 },
  'vtep-logical-switch': { since: 90, until: 105 },
  'vtep-physical-switch': { since: 90, until: 105 },
};
