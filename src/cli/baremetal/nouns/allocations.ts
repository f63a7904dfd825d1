import { createAllocation } from '../actions/allocate.ts';
import { type CommandSpec, extraOption, flag, keys, type Opt, text, uuidOption } from '../spec.ts';

const FIELDS = [
  'uuid',
  'name',
  'state',
  'owner',
  'node_uuid',
  'last_error',
  'resource_class',
  'traits',
  'candidate_nodes',
  'extra',
  'created_at',
  'updated_at',
];
const allocation = { name: 'allocation', about: 'UUID or name of the allocation' };
const name = text('--name <name>', 'name', 'Its name');
const texts = (flags: string, to: string, about: string): Opt => ({ flags, to, about, kind: 'texts' });

export const allocationCommands: readonly CommandSpec[] = [
  {
    name: 'allocation create',
    about: 'Ask for a node',
    options: [
      text('--resource-class <class>', 'resource_class', 'Resource class it must have'),
      texts('--trait <trait>', 'traits', 'Trait it must have (repeat it for more)'),
      texts('--candidate-node <node>', 'candidate_nodes', 'Choose among these (repeat it for more)'),
      name,
      uuidOption,
      text('--owner <project>', 'owner', 'Project it is for'),
      extraOption,
      text('--node <node>', 'node', 'Take down that this node is in use already'),
      { flags: '--wait [seconds]', to: '', about: 'Wait until it has a node', kind: 'int' },
    ],
    action: { do: 'own', run: createAllocation },
    shape: 'one',
  },
  {
    name: 'allocation delete',
    about: 'Delete allocations',
    args: [{ ...allocation, many: true }],
    action: { do: 'delete', call: 'allocationDelete', param: 'allocation_ident', noun: 'allocation' },
  },
  {
    name: 'allocation list',
    about: 'List allocations',
    options: [
      text('--node <node>', 'node', 'Only the one of this node'),
      text('--resource-class <class>', 'resource_class', 'Only those of this class'),
      text('--state <state>', 'state', 'Only those in this state'),
      text('--owner <owner>', 'owner', 'Only those of this project'),
    ],
    action: {
      do: 'list',
      call: 'allocationList',
      key: 'allocations',
      columns: ['uuid', 'name', 'resource_class', 'state', 'node_uuid'],
      long: FIELDS,
      paged: true,
    },
  },
  {
    name: 'allocation set',
    about: 'Change an allocation',
    args: [allocation],
    options: [name, extraOption],
    action: { do: 'set', call: 'allocationUpdate', param: 'allocation_ident' },
  },
  {
    name: 'allocation show',
    about: 'Show an allocation',
    args: [allocation],
    action: { do: 'show', call: 'allocationShow', params: ['allocation_ident'], fields: FIELDS },
  },
  {
    name: 'allocation unset',
    about: 'Clear fields of an allocation',
    args: [allocation],
    options: [flag('--name', 'name', 'Clear the name'), keys('extra', 'extra')],
    action: { do: 'unset', call: 'allocationUpdate', param: 'allocation_ident' },
  },
];
