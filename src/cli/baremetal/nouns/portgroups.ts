import { show } from '../actions/show-by-address.ts';
import { type CommandSpec, extraOption, flag, keys, map, must, type Opt, text, uuidOption } from '../spec.ts';

const FIELDS = [
  'uuid',
  'address',
  'created_at',
  'extra',
  'standalone_ports_supported',
  'node_uuid',
  'name',
  'updated_at',
  'internal_info',
  'mode',
  'properties',
  'physical_network',
  'category',
];
const group = { name: 'group', about: 'UUID or name of the port group' };

const options: readonly Opt[] = [
  text('--address <mac-address>', 'address', 'MAC address'),
  text('--name <name>', 'name', 'Its name'),
  extraOption,
  text('--mode <mode>', 'mode', 'Mode of the bond: active-backup, 802.3ad, …'),
  map('--property <key=value>', 'properties', 'Setting of the bond (repeat it for more)'),
  flag('--support-standalone-ports', 'standalone_ports_supported', 'Its ports may be used alone', true),
  flag('--unsupport-standalone-ports', 'standalone_ports_supported', 'Its ports may not be used alone', false),
  text('--physical-network <network>', 'physical_network', 'Physical network it is plugged into'),
  text('--category <category>', 'category', 'What it is for'),
];

export const portgroupCommands: readonly CommandSpec[] = [
  {
    name: 'port group create',
    about: 'Create a port group of a node',
    options: [must(text('--node <uuid>', 'node_uuid', 'Node it belongs to')), uuidOption, ...options],
    action: { do: 'create', call: 'portgroupCreate' },
  },
  {
    name: 'port group delete',
    about: 'Delete port groups',
    args: [{ ...group, many: true }],
    action: { do: 'delete', call: 'portgroupDelete', param: 'portgroup_ident', noun: 'port group' },
  },
  {
    name: 'port group list',
    about: 'List port groups',
    options: [
      text('--address <mac-address>', 'address', 'Only the group with this address'),
      text('--node <node>', 'node', 'Only groups of this node'),
      { flags: '--shards <shard...>', to: 'shard', about: 'Only groups of nodes in these shards', kind: 'words' },
    ],
    action: {
      do: 'list',
      call: 'portgroupList',
      key: 'portgroups',
      columns: ['uuid', 'address', 'name'],
      long: FIELDS,
      paged: true,
    },
  },
  {
    name: 'port group set',
    about: 'Change a port group',
    args: [group],
    options: [text('--node <uuid>', 'node_uuid', 'Node it belongs to'), ...options],
    action: { do: 'set', call: 'portgroupUpdate', param: 'portgroup_ident' },
  },
  {
    name: 'port group show',
    about: 'Show a port group',
    args: [{ name: 'group', about: 'UUID or name of the port group, or its address with --address' }],
    options: [flag('--address', '', 'The argument is a MAC address')],
    action: {
      do: 'own',
      run: show({
        list: 'portgroupList',
        show: 'portgroupShow',
        param: 'portgroup_ident',
        key: 'portgroups',
        fields: FIELDS,
      }),
    },
    shape: 'one',
  },
  {
    name: 'port group unset',
    about: 'Clear fields of a port group',
    args: [group],
    options: [
      flag('--name', 'name', 'Clear the name'),
      flag('--address', 'address', 'Clear the address'),
      keys('extra', 'extra'),
      keys('property', 'properties'),
      flag('--physical-network', 'physical_network', 'Clear the physical network'),
      flag('--category', 'category', 'Clear the category'),
    ],
    action: { do: 'unset', call: 'portgroupUpdate', param: 'portgroup_ident' },
  },
];
