import { show } from '../actions/show-by-address.ts';
import { type CommandSpec, extraOption, flag, keys, map, must, type Opt, text, uuidOption } from '../spec.ts';

const FIELDS = [
  'uuid',
  'address',
  'created_at',
  'extra',
  'node_uuid',
  'category',
  'vendor',
  'local_link_connection',
  'portgroup_uuid',
  'pxe_enabled',
  'physical_network',
  'updated_at',
  'internal_info',
  'is_smartnic',
  'name',
  'description',
];
const port = { name: 'port', about: 'UUID or name of the port' };

const options: readonly Opt[] = [
  extraOption,
  map(
    '--local-link-connection <key=value>',
    'local_link_connection',
    'Where the cable ends: switch_id, port_id, switch_info',
  ),
  text('--port-group <uuid>', 'portgroup_uuid', 'Port group it belongs to'),
  text('--physical-network <network>', 'physical_network', 'Physical network it is plugged into'),
  flag('--is-smartnic', 'is_smartnic', 'It is a port of a Smart NIC'),
  text('--name <name>', 'name', 'Its name'),
  text('--description <description>', 'description', 'What it is'),
  text('--vendor <vendor>', 'vendor', 'Who made it'),
  text('--category <category>', 'category', 'What it is for'),
];

export const portCommands: readonly CommandSpec[] = [
  {
    name: 'port create',
    about: 'Create a port of a node',
    args: [{ name: 'address', about: 'MAC address of the port' }],
    options: [
      must(text('--node <uuid>', 'node_uuid', 'Node it belongs to')),
      uuidOption,
      { flags: '--pxe-enabled <boolean>', to: 'pxe_enabled', about: 'Boots the node over the network', kind: 'bool' },
      ...options,
    ],
    action: { do: 'create', call: 'portCreate' },
  },
  {
    name: 'port delete',
    about: 'Delete ports',
    args: [{ ...port, many: true }],
    action: { do: 'delete', call: 'portDelete', param: 'port_ident', noun: 'port' },
  },
  {
    name: 'port list',
    about: 'List ports',
    options: [
      text('--address <mac-address>', 'address', 'Only the port with this address'),
      text('--node <node>', 'node', 'Only ports of this node'),
      text('--port-group <group>', 'portgroup', 'Only ports of this group'),
    ],
    action: { do: 'list', call: 'portList', key: 'ports', columns: ['uuid', 'address'], long: FIELDS, paged: true },
  },
  {
    name: 'port set',
    about: 'Change a port',
    args: [port],
    options: [
      text('--node <uuid>', 'node_uuid', 'Node it belongs to'),
      text('--address <address>', 'address', 'MAC address'),
      flag('--pxe-enabled', 'pxe_enabled', 'Boots the node over the network', true),
      flag('--pxe-disabled', 'pxe_enabled', 'Does not boot the node', false),
      ...options,
    ],
    action: { do: 'set', call: 'portUpdate', param: 'port_ident' },
  },
  {
    name: 'port show',
    about: 'Show a port',
    args: [{ name: 'port', about: 'UUID or name of the port, or its address with --address' }],
    options: [flag('--address', '', 'The argument is a MAC address')],
    action: {
      do: 'own',
      run: show({ list: 'portList', show: 'portShow', param: 'port_ident', key: 'ports', fields: FIELDS }),
    },
    shape: 'one',
  },
  {
    name: 'port unset',
    about: 'Clear fields of a port',
    args: [port],
    options: [
      keys('extra', 'extra'),
      keys('local-link-connection', 'local_link_connection'),
      flag('--port-group', 'portgroup_uuid', 'Take it out of its port group'),
      flag('--physical-network', 'physical_network', 'Clear the physical network'),
      flag('--is-smartnic', 'is_smartnic', 'Back to the preset'),
      flag('--name', 'name', 'Clear the name'),
      flag('--description', 'description', 'Clear the description'),
      flag('--vendor', 'vendor', 'Clear the vendor'),
      flag('--category', 'category', 'Clear the category'),
    ],
    action: { do: 'unset', call: 'portUpdate', param: 'port_ident' },
  },
];
