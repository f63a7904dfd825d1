import { errors } from '../../../errors.ts';
import { isLogicalName } from '../../../model/names.ts';
import type { RecordChange, RecordKind } from '../kind.ts';
import { belongTo, mustBeFree, mustShareOwner, nodeOf } from './node-of.ts';

/** States in which the wiring of a node may be changed (`ironic/conductor/manager.py`, update_portgroup). */
const OPEN_STATES = ['enroll', 'inspecting', 'inspect wait', 'manageable'];

function checkName(name: unknown): void {
  if (typeof name === 'string' && !isLogicalName(name, 10)) {
    throw errors.Invalid(
      `Cannot create a portgroup with invalid name '${name.slice(0, 100)}'. The name must be a valid logical name.`,
    );
  }
}

/** Port groups: NICs of a node bonded into one. */
export const portgroupKind: RecordKind = {
  table: 'portgroups',
  title: 'Portgroup',
  owned: 'node',
  named: true,
  rules: {
    get: 'baremetal:portgroup:get',
    create: 'baremetal:portgroup:create',
    update: 'baremetal:portgroup:update',
    delete: 'baremetal:portgroup:delete',
  },
  documents: { extra: '{}', properties: '{}', internal_info: '{}' },
  defaults: { mode: 'active-backup', standalone_ports_supported: true },
  facts: ['node_uuid', 'address', 'standalone_ports_supported', 'internal_info'],
  notFound: (ident) => errors.PortgroupNotFound(ident),
  async checkNew(change) {
    checkName(change.values['name']);
    const node = await nodeOf(change, change.values['node_uuid']);
    belongTo(change, node);
    mustBeFree(node);
  },
  async checkEdit(change) {
    const { values, before } = change;
    if ('mode' in values && values['mode'] === null) {
      throw errors.Invalid("'mode' is a mandatory attribute and can not be removed");
    }
    checkName(values['name']);
    const node = await nodeOf(change, before['node_uuid']);
    mustBeFree(node);
    if (values['node_uuid'] !== undefined && values['node_uuid'] !== before['node_uuid']) {
      mustShareOwner(change, await nodeOf(change, values['node_uuid']));
      const members = await membersOf(change);
      if (members > 0)
        throw errors.Conflict(`Portgroup ${change.uuid} can not be moved to another node while it has ports.`);
    }
    const wiring = ['standalone_ports_supported', 'mode', 'properties', 'physical_network'].some(
      (name) => name in values,
    );
    if (wiring && !node.maintenance && !OPEN_STATES.includes(node.provisionState)) {
      throw errors.Conflict(
        `Portgroup ${change.uuid} attributes can not be updated while the node ${node.uuid} is in state ${node.provisionState}; ` +
          `allowed: ${OPEN_STATES.join(', ')}, or maintenance.`,
      );
    }
  },
  async checkDelete(change) {
    mustBeFree(await nodeOf(change, change.before['node_uuid']));
    if ((await membersOf(change)) > 0) throw notEmpty(change.uuid);
  },
  conflict(constraint, values, uuid) {
    if (constraint === 'portgroups_name_key') {
      return errors.Conflict(`A portgroup with name ${String(values['name'])} already exists.`);
    }
    if (constraint === 'portgroups_address_key') {
      return errors.Conflict(`A portgroup with MAC address ${String(values['address'])} already exists.`);
    }
    return constraint === 'ports_portgroup_fkey' ? notEmpty(uuid) : undefined;
  },
};

const notEmpty = (uuid: string) =>
  errors.Invalid(`Cannot complete the requested action because portgroup ${uuid} contains ports.`);

async function membersOf({ deps, uuid }: RecordChange): Promise<number> {
  const rows = await deps.store.query({
    name: 'bm_portgroup_members',
    text: 'select 1 as one from ports where portgroup_uuid = $1 limit 1',
    values: [uuid],
  });
  return rows.length;
}
