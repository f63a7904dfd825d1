import { type CommandSpec, flag, json, keys, must, type Opt, text, uuidOption } from '../spec.ts';

const FIELDS = [
  'uuid',
  'description',
  'priority',
  'sensitive',
  'phase',
  'actions',
  'conditions',
  'created_at',
  'updated_at',
];
const rule = { name: 'rule', about: 'UUID of the inspection rule' };
const options: readonly Opt[] = [
  text('--description <description>', 'description', 'What it is for'),
  { flags: '--priority <n>', to: 'priority', about: 'Higher ones run first', kind: 'int' },
  text('--phase <phase>', 'phase', 'When it runs: main'),
  json('--conditions <conditions>', 'conditions', 'When it acts: a JSON list, a file, or - for standard input'),
];
const actions = json('--actions <actions>', 'actions', 'What it does: a JSON list, a file, or - for standard input');

export const inspectionRuleCommands: readonly CommandSpec[] = [
  {
    name: 'inspection rule create',
    about: 'Create an inspection rule',
    options: [
      uuidOption,
      ...options,
      { flags: '--sensitive <boolean>', to: 'sensitive', about: 'Its actions are never shown', kind: 'bool' },
      must(actions),
    ],
    action: { do: 'create', call: 'inspectionRuleCreate' },
  },
  {
    name: 'inspection rule delete',
    about: 'Delete inspection rules',
    args: [{ ...rule, many: true }],
    action: { do: 'delete', call: 'inspectionRuleDelete', param: 'rule_uuid', noun: 'inspection rule' },
  },
  {
    name: 'inspection rule list',
    about: 'List inspection rules',
    action: {
      do: 'list',
      call: 'inspectionRuleList',
      key: 'inspection_rules',
      columns: ['uuid', 'description'],
      long: FIELDS,
      paged: true,
    },
  },
  {
    name: 'inspection rule set',
    about: 'Change an inspection rule',
    args: [rule],
    options: [...options, actions],
    action: { do: 'set', call: 'inspectionRuleUpdate', param: 'rule_uuid' },
  },
  {
    name: 'inspection rule show',
    about: 'Show an inspection rule',
    args: [rule],
    action: { do: 'show', call: 'inspectionRuleShow', params: ['rule_uuid'], fields: FIELDS },
  },
  {
    name: 'inspection rule unset',
    about: 'Clear fields of an inspection rule',
    args: [rule],
    options: [
      flag('--description', 'description', 'Clear the description'),
      flag('--priority', 'priority', 'Back to the preset'),
      flag('--phase', 'phase', 'Back to the preset'),
      keys('condition', 'conditions'),
      keys('action', 'actions'),
    ],
    action: { do: 'unset', call: 'inspectionRuleUpdate', param: 'rule_uuid' },
  },
];
