import { errors } from '../../../errors.ts';
import { checkRule } from '../../../model/inspection-rules/check.ts';
import type { RecordChange, RecordKind } from '../kind.ts';

function check({ values, before }: RecordChange): void {
  checkRule({
    priority: values['priority'] ?? before['priority'] ?? 0,
    phase: values['phase'] ?? before['phase'] ?? 'main',
    conditions: values['conditions'] ?? before['conditions'] ?? [],
    actions: values['actions'] ?? before['actions'],
  });
}

/** Inspection rules: what to make of what an inspection found. The system's alone. */
export const inspectionRuleKind: RecordKind = {
  table: 'inspection_rules',
  title: 'Inspection rule',
  owned: 'nobody',
  named: false,
  rules: {
    get: 'baremetal:inspection_rule:get',
    create: 'baremetal:inspection_rule:create',
    update: 'baremetal:inspection_rule:update',
    delete: 'baremetal:inspection_rule:delete',
  },
  documents: { conditions: '[]', actions: '[]' },
  defaults: { priority: 0, sensitive: false, phase: 'main' },
  facts: ['sensitive', 'priority', 'phase', 'conditions', 'actions'],
  notFound: (ident) => errors.InspectionRuleNotFound(ident),
  checkNew: check,
  checkEdit(change) {
    const { values, before } = change;
    if (before['sensitive'] === true && values['sensitive'] === false) {
      throw errors.Invalid('Inspection rules which are sensitive cannot be made non-sensitive.');
    }
    check(change);
  },
};
