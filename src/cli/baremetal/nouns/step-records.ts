import { traits } from '../actions/traits.ts';
import { type CommandSpec, extraOption, flag, json, keys, must, type Opt, text, uuidOption } from '../spec.ts';

const TEMPLATE = ['uuid', 'name', 'steps', 'extra', 'created_at', 'updated_at'];
const RUNBOOK = [
  'uuid',
  'name',
  'description',
  'traits',
  'disable_ramdisk',
  'owner',
  'public',
  'steps',
  'extra',
  'created_at',
  'updated_at',
];
const template = { name: 'template', about: 'UUID or name of the deploy template' };
const runbook = { name: 'runbook', about: 'UUID or name of the runbook' };
const steps = json('--steps <steps>', 'steps', 'The steps: a JSON list, a file, or - for standard input');
const name = text('--name <name>', 'name', 'Its name: the trait that asks for it');
const description = text('--description <description>', 'description', 'What it does');
const open: Opt = { flags: '--public [boolean]', to: 'public', about: 'Any project may use it', kind: 'bool' };
const owner = text('--owner <project>', 'owner', 'Project it belongs to');

export const templateCommands: readonly CommandSpec[] = [
  {
    name: 'deploy template create',
    about: 'Create a deploy template',
    args: [{ name: 'name', about: 'Its name: the trait that asks for it' }],
    options: [uuidOption, extraOption, must(steps)],
    action: { do: 'create', call: 'deployTemplateCreate' },
  },
  {
    name: 'deploy template delete',
    about: 'Delete deploy templates',
    args: [{ ...template, many: true }],
    action: { do: 'delete', call: 'deployTemplateDelete', param: 'template_ident', noun: 'deploy template' },
  },
  {
    name: 'deploy template list',
    about: 'List deploy templates',
    action: {
      do: 'list',
      call: 'deployTemplateList',
      key: 'deploy_templates',
      columns: ['uuid', 'name'],
      long: TEMPLATE,
      paged: true,
    },
  },
  {
    name: 'deploy template set',
    about: 'Change a deploy template',
    args: [template],
    options: [name, steps, extraOption],
    action: { do: 'set', call: 'deployTemplateUpdate', param: 'template_ident' },
  },
  {
    name: 'deploy template show',
    about: 'Show a deploy template',
    args: [template],
    action: { do: 'show', call: 'deployTemplateShow', params: ['template_ident'], fields: TEMPLATE },
  },
  {
    name: 'deploy template unset',
    about: 'Clear fields of a deploy template',
    args: [template],
    options: [keys('extra', 'extra')],
    action: { do: 'unset', call: 'deployTemplateUpdate', param: 'template_ident' },
  },
];

export const runbookCommands: readonly CommandSpec[] = [
  {
    name: 'runbook create',
    about: 'Create a runbook',
    options: [
      must(name),
      description,
      uuidOption,
      open,
      owner,
      extraOption,
      must(steps),
      flag('--disable-ramdisk', 'disable_ramdisk', 'Its steps run without a ramdisk'),
    ],
    action: { do: 'create', call: 'runbookCreate' },
  },
  {
    name: 'runbook delete',
    about: 'Delete runbooks',
    args: [{ ...runbook, many: true }],
    action: { do: 'delete', call: 'runbookDelete', param: 'runbook_ident', noun: 'runbook' },
  },
  {
    name: 'runbook list',
    about: 'List runbooks',
    action: { do: 'list', call: 'runbookList', key: 'runbooks', columns: ['uuid', 'name'], long: RUNBOOK, paged: true },
  },
  {
    name: 'runbook set',
    about: 'Change a runbook',
    args: [runbook],
    options: [
      name,
      description,
      open,
      owner,
      steps,
      extraOption,
      {
        flags: '--disable-ramdisk [boolean]',
        to: 'disable_ramdisk',
        about: 'Its steps run without a ramdisk',
        kind: 'bool',
      },
    ],
    action: { do: 'set', call: 'runbookUpdate', param: 'runbook_ident' },
  },
  {
    name: 'runbook show',
    about: 'Show a runbook',
    args: [runbook],
    action: { do: 'show', call: 'runbookShow', params: ['runbook_ident'], fields: RUNBOOK },
  },
  {
    name: 'runbook unset',
    about: 'Clear fields of a runbook',
    args: [runbook],
    options: [
      flag('--name', 'name', 'Clear the name'),
      flag('--description', 'description', 'Clear the description'),
      flag('--public', 'public', 'For its owner only'),
      flag('--owner', 'owner', 'Clear the owner'),
      keys('extra', 'extra'),
      flag('--disable-ramdisk', 'disable_ramdisk', 'Back to the preset'),
    ],
    action: { do: 'unset', call: 'runbookUpdate', param: 'runbook_ident' },
  },
  ...traits('runbook', runbook, {
    list: 'runbookTraits',
    add: 'runbookTraitAdd',
    remove: 'runbookTraitRemove',
    clear: 'runbookTraitsClear',
    param: 'runbook_ident',
  }),
];
