import { errors } from '../../../errors.ts';
import { checkTrait } from '../../../model/traits.ts';
import { checkStepPolicy } from '../../step-policy.ts';
import type { RecordChange, RecordKind } from '../kind.ts';
import { checkSteps, completeSteps } from './steps.ts';

function check({ access, values }: RecordChange): void {
  if ('name' in values) checkTrait('template', values['name']);
  if ('steps' in values) {
    checkSteps('template', values['steps'], 'priority');
    values['steps'] = completeSteps(values['steps']);
    // Who writes it down answers for it: whoever deploys by it later need not be allowed its steps.
    checkStepPolicy(access, values['steps'] as unknown[]);
  }
}

/** Deploy templates: steps that nodes with a trait of that name get when they are deployed with it. */
export const deployTemplateKind: RecordKind = {
  table: 'deploy_templates',
  title: 'Deploy template',
  owned: 'nobody',
  named: true,
  rules: {
    get: 'baremetal:deploy_template:get',
    create: 'baremetal:deploy_template:create',
    update: 'baremetal:deploy_template:update',
    delete: 'baremetal:deploy_template:delete',
  },
  documents: { extra: '{}', steps: '[]' },
  defaults: {},
  facts: ['name'],
  notFound: (ident) => errors.DeployTemplateNotFound(ident),
  checkNew: check,
  checkEdit: check,
  conflict: (constraint, values) =>
    constraint === 'deploy_templates_name_key'
      ? errors.Conflict(`A deploy template with name ${String(values['name'])} already exists.`)
      : undefined,
};
