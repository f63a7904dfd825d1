import { inspectionRuleKind } from '../../../app/records/kinds/inspection-rules.ts';
import { INSPECTION_RULES } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

const unlessSensitive = (column: string) => (at: (column: string) => string | null) =>
  at('sensitive') === 't' ? null : (JSON.parse(at(column) ?? '[]') as unknown);

export const inspectionRuleDoor: RecordDoor = {
  noun: 'inspection-rule',
  a: 'an inspection rule',
  many: 'inspection rules',
  path: '/v1/inspection_rules',
  param: 'rule_uuid',
  table: INSPECTION_RULES,
  kind: inspectionRuleKind,
  since: 96,
  below: 405,
  detail: false,
  required: ['actions'],
  listRules: { rule: 'baremetal:inspection_rule:list_all' },
  filters: {},
  computed: { conditions: unlessSensitive('conditions'), actions: unlessSensitive('actions') },
};
