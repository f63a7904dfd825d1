import { errors } from '../../../errors.ts';
import { isLogicalName } from '../../../model/names.ts';
import { checkTrait } from '../../../model/traits.ts';
import { checkStepPolicy } from '../../step-policy.ts';
import type { RecordChange, RecordKind } from '../kind.ts';
import { checkSteps, completeSteps } from './steps.ts';
import { VERSION_RULES } from '../../../model/version-rules.ts';

function checkShape({ access, values, version }: RecordChange): void {
  const name = values['name'];
  if (typeof name === 'string') {
    if (version < VERSION_RULES.runbookNames) checkTrait('runbook', name);
    else if (!isLogicalName(name, 10))
      throw errors.Invalid(`Invalid runbook name '${name.slice(0, 100)}': it is no logical name.`);
  }
  if ('steps' in values) {
    checkSteps('runbook', values['steps'], 'order');
    values['steps'] = completeSteps(values['steps']);
    checkStepPolicy(access, values['steps'] as unknown[]);
  }
}

/** Runbooks: steps an operator wrote down once, for cleaning and servicing. Public ones are the system's. */
export const runbookKind: RecordKind = {
  table: 'runbooks',
  title: 'Runbook',
  owned: 'owner',
  named: true,
  rules: {
    get: 'baremetal:runbook:get',
    create: 'baremetal:runbook:create',
    update: 'baremetal:runbook:update',
    delete: 'baremetal:runbook:delete',
  },
  documents: { extra: '{}', steps: '[]' },
  defaults: { disable_ramdisk: false, public: false },
  facts: ['name', 'public', 'owner'],
  notFound: (ident) => errors.RunbookNotFound(ident),
  checkNew(change) {
    checkShape(change);
    const { access, values, target } = change;
    if (values['public'] === true) {
      if (!access.allows('baremetal:runbook:update:public')) throw errors.Forbidden('baremetal:runbook:update:public');
      values['owner'] = null;
    } else if (access.projectId !== null) {
      const asked = values['owner'] ?? access.projectId;
      if (asked !== access.projectId) {
        throw errors.Invalid(
          'Cannot create a runbook as a project scoped admin with an owner other than your own project.',
        );
      }
      values['owner'] = asked;
    }
    target.owner = (values['owner'] as string | null | undefined) ?? null;
  },
  checkEdit(change) {
    checkShape(change);
    const { access, values, before, target } = change;
    if ('public' in values && values['public'] !== before['public']) {
      if (!access.allows('baremetal:runbook:update:public', target))
        throw errors.Forbidden('baremetal:runbook:update:public');
      if (values['public'] === true) values['owner'] = null;
    }
    if (values['owner'] !== undefined && values['owner'] !== before['owner']) {
      if (!access.allows('baremetal:runbook:update:owner', target))
        throw errors.Forbidden('baremetal:runbook:update:owner');
      if (values['owner'] !== null && (values['public'] ?? before['public']) === true) {
        throw errors.Invalid('A public runbook has no owner.');
      }
    }
  },
  conflict: (constraint, values) =>
    constraint === 'runbooks_name_key'
      ? errors.Conflict(`A runbook with name ${String(values['name'])} already exists.`)
      : undefined,
};
