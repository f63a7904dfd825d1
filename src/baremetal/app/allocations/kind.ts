import { errors } from '../../errors.ts';
import { isLogicalName } from '../../model/names.ts';
import type { RecordKind } from '../records/kind.ts';

/** Refuses what is no name of an allocation. */
export function checkAllocationName(name: unknown, verb: 'create' | 'update'): void {
  if (typeof name === 'string' && !isLogicalName(name, 10)) {
    throw errors.Invalid(`Cannot ${verb} allocation with invalid name '${name.slice(0, 100)}'`);
  }
}

/** Allocations, as far as they are records; making, settling and deleting them is apart. */
export const allocationKind: RecordKind = {
  table: 'allocations',
  title: 'Allocation',
  owned: 'owner',
  named: true,
  rules: {
    get: 'baremetal:allocation:get',
    create: 'baremetal:allocation:create',
    update: 'baremetal:allocation:update',
    delete: 'baremetal:allocation:delete',
  },
  documents: { extra: '{}', candidate_nodes: '[]' },
  defaults: { traits: [], state: 'allocating' },
  facts: ['state'],
  notFound: (ident) => errors.AllocationNotFound(ident),
  checkEdit: ({ values }) => checkAllocationName(values['name'], 'update'),
  conflict: (constraint, values) =>
    constraint === 'allocations_name_key'
      ? errors.Conflict(`An allocation with name ${String(values['name'])} already exists.`)
      : undefined,
};
