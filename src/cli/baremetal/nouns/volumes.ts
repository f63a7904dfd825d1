import { type CommandSpec, extraOption, keys, map, must, oneOf, type Opt, text, uuidOption } from '../spec.ts';

const CONNECTOR = ['uuid', 'node_uuid', 'type', 'connector_id', 'extra', 'created_at', 'updated_at'];
const TARGET = [
  'uuid',
  'node_uuid',
  'volume_type',
  'properties',
  'boot_index',
  'extra',
  'volume_id',
  'created_at',
  'updated_at',
];
const connector = { name: 'connector', about: 'UUID of the volume connector' };
const target = { name: 'target', about: 'UUID of the volume target' };

const node = text('--node <uuid>', 'node_uuid', 'Node it belongs to');
const type = oneOf(text('--type <type>', 'type', 'What the connector id is'), [
  'iqn',
  'ip',
  'mac',
  'wwnn',
  'wwpn',
  'port',
  'portgroup',
]);
const id = text('--connector-id <id>', 'connector_id', 'The id');
const volumeType = text('--type <type>', 'volume_type', 'Type of the volume: iscsi, fibre_channel, …');
const bootIndex: Opt = {
  flags: '--boot-index <n>',
  to: 'boot_index',
  about: '0 for the one to boot from',
  kind: 'int',
};
const volumeId = text('--volume-id <id>', 'volume_id', 'The volume, as its service knows it');
const property = map('--property <key=value>', 'properties', 'How to reach the volume (repeat it for more)');
const ofNode = text('--node <node>', 'node', 'Only those of this node');

export const volumeCommands: readonly CommandSpec[] = [
  {
    name: 'volume connector create',
    about: 'Create a volume connector of a node',
    options: [must(node), must(type), must(id), uuidOption, extraOption],
    action: { do: 'create', call: 'volumeConnectorCreate' },
  },
  {
    name: 'volume connector delete',
    about: 'Delete volume connectors',
    args: [{ ...connector, many: true }],
    action: { do: 'delete', call: 'volumeConnectorDelete', param: 'connector_uuid', noun: 'volume connector' },
  },
  {
    name: 'volume connector list',
    about: 'List volume connectors',
    options: [ofNode],
    action: {
      do: 'list',
      call: 'volumeConnectorList',
      key: 'connectors',
      columns: ['uuid', 'node_uuid', 'type', 'connector_id'],
      long: CONNECTOR,
      paged: true,
    },
  },
  {
    name: 'volume connector set',
    about: 'Change a volume connector',
    args: [connector],
    options: [node, type, id, extraOption],
    action: { do: 'set', call: 'volumeConnectorUpdate', param: 'connector_uuid' },
  },
  {
    name: 'volume connector show',
    about: 'Show a volume connector',
    args: [connector],
    action: { do: 'show', call: 'volumeConnectorShow', params: ['connector_uuid'], fields: CONNECTOR },
  },
  {
    name: 'volume connector unset',
    about: 'Clear fields of a volume connector',
    args: [connector],
    options: [keys('extra', 'extra')],
    action: { do: 'unset', call: 'volumeConnectorUpdate', param: 'connector_uuid' },
  },
  {
    name: 'volume target create',
    about: 'Create a volume target of a node',
    options: [must(node), must(volumeType), must(bootIndex), must(volumeId), property, uuidOption, extraOption],
    action: { do: 'create', call: 'volumeTargetCreate' },
  },
  {
    name: 'volume target delete',
    about: 'Delete volume targets',
    args: [{ ...target, many: true }],
    action: { do: 'delete', call: 'volumeTargetDelete', param: 'target_uuid', noun: 'volume target' },
  },
  {
    name: 'volume target list',
    about: 'List volume targets',
    options: [ofNode],
    action: {
      do: 'list',
      call: 'volumeTargetList',
      key: 'targets',
      columns: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id'],
      long: TARGET,
      paged: true,
    },
  },
  {
    name: 'volume target set',
    about: 'Change a volume target',
    args: [target],
    options: [node, volumeType, bootIndex, volumeId, property, extraOption],
    action: { do: 'set', call: 'volumeTargetUpdate', param: 'target_uuid' },
  },
  {
    name: 'volume target show',
    about: 'Show a volume target',
    args: [target],
    action: { do: 'show', call: 'volumeTargetShow', params: ['target_uuid'], fields: TARGET },
  },
  {
    name: 'volume target unset',
    about: 'Clear fields of a volume target',
    args: [target],
    options: [keys('extra', 'extra'), keys('property', 'properties')],
    action: { do: 'unset', call: 'volumeTargetUpdate', param: 'target_uuid' },
  },
];
