import { allocationKind } from '../../app/allocations/kind.ts';
import { filterBy } from '../../app/records/list.ts';
import type { RecordDoor } from '../records/door.ts';
import { ALLOCATIONS } from '../versions/beside.ts';

/** Allocations as records: listed, shown and renamed by the common verbs. */
export const allocationDoor: RecordDoor = {
  noun: 'allocation',
  a: 'an allocation',
  many: 'allocations',
  path: '/v1/allocations',
  param: 'allocation_ident',
  table: ALLOCATIONS,
  kind: allocationKind,
  since: 52,
  below: 405,
  patchSince: 57,
  detail: false,
  required: [],
  listRules: 'baremetal:allocation',
  filters: {
    node: filterBy.node,
    resource_class: filterBy.equals('resource_class'),
    state: filterBy.equals('state'),
  },
};
