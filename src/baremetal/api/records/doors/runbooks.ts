import { runbookKind } from '../../../app/records/kinds/runbooks.ts';
import { RUNBOOKS } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

export const runbookDoor: RecordDoor = {
  noun: 'runbook',
  a: 'a runbook',
  many: 'runbooks',
  path: '/v1/runbooks',
  param: 'runbook_ident',
  table: RUNBOOKS,
  kind: runbookKind,
  since: 92,
  below: 405,
  detail: false,
  required: ['name', 'steps'],
  listRules: 'baremetal:runbook',
  filters: {},
};
