import { type CommandSpec, extraOption, flag, keys, text, uuidOption } from '../spec.ts';

const FIELDS = ['uuid', 'description', 'created_at', 'updated_at', 'extra'];
const chassis = { name: 'chassis', about: 'UUID of the chassis' };
const description = text('--description <description>', 'description', 'What it is');

export const chassisCommands: readonly CommandSpec[] = [
  {
    name: 'chassis create',
    about: 'Create a chassis',
    options: [description, extraOption, uuidOption],
    action: { do: 'create', call: 'chassisCreate' },
  },
  {
    name: 'chassis delete',
    about: 'Delete chassis',
    args: [{ ...chassis, many: true }],
    action: { do: 'delete', call: 'chassisDelete', param: 'chassis_uuid', noun: 'chassis' },
  },
  {
    name: 'chassis list',
    about: 'List chassis',
    action: {
      do: 'list',
      call: 'chassisList',
      key: 'chassis',
      columns: ['uuid', 'description'],
      long: FIELDS,
      paged: true,
    },
  },
  {
    name: 'chassis set',
    about: 'Change a chassis',
    args: [chassis],
    options: [description, extraOption],
    action: { do: 'set', call: 'chassisUpdate', param: 'chassis_uuid' },
  },
  {
    name: 'chassis show',
    about: 'Show a chassis',
    args: [chassis],
    action: { do: 'show', call: 'chassisShow', params: ['chassis_uuid'], fields: FIELDS },
  },
  {
    name: 'chassis unset',
    about: 'Clear fields of a chassis',
    args: [chassis],
    options: [flag('--description', 'description', 'Clear the description'), keys('extra', 'extra')],
    action: { do: 'unset', call: 'chassisUpdate', param: 'chassis_uuid' },
  },
];
