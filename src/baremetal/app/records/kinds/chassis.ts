import { errors } from '../../../errors.ts';
import type { RecordKind } from '../kind.ts';

/** Chassis: a box that holds nodes. The system's alone. */
export const chassisKind: RecordKind = {
  table: 'chassis',
  title: 'Chassis',
  owned: 'nobody',
  named: false,
  rules: {
    get: 'baremetal:chassis:get',
    create: 'baremetal:chassis:create',
    update: 'baremetal:chassis:update',
    delete: 'baremetal:chassis:delete',
  },
  documents: { extra: '{}' },
  defaults: {},
  facts: [],
  notFound: (ident) => errors.ChassisNotFound(ident),
  async checkDelete({ deps, uuid }) {
    const nodes = await deps.store.query({
      name: 'bm_chassis_nodes',
      text: 'select 1 as one from nodes where chassis_uuid = $1 limit 1',
      values: [uuid],
    });
    if (nodes.length > 0) throw notEmpty(uuid);
  },
  // A node that moved in between the look and the delete.
  conflict: (constraint, _values, uuid) => (constraint === 'nodes_chassis_uuid_fkey' ? notEmpty(uuid) : undefined),
};

const notEmpty = (uuid: string) =>
  errors.Invalid(`Cannot complete the requested action because chassis ${uuid} contains nodes.`);
