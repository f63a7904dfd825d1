import { isUuid } from '#kernel/ids';
import { findRecord } from '../../../app/records/find.ts';
import { portgroupKind } from '../../../app/records/kinds/portgroups.ts';
import { portKind } from '../../../app/records/kinds/ports.ts';
import { filterBy } from '../../../app/records/list.ts';
import { errors } from '../../../errors.ts';
import { LINK_KEYS, PORTS } from '../../versions/ports.ts';
import type { RecordDoor } from '../door.ts';
import { VERSION_RULES } from '../../../model/version-rules.ts';

/** Refuses keys of a link that the version does not know (406). */
function checkLinkKeys(values: Record<string, unknown>, version: number): void {
  const link = values['local_link_connection'];
  if (typeof link !== 'object' || link === null) return;
  for (const [key, { since, until }] of Object.entries(LINK_KEYS)) {
    const known = version >= since && (until === undefined || version < until);
    if (!known && Object.hasOwn(link, key)) throw errors.NotAcceptable();
  }
}

export const portDoor: RecordDoor = {
  noun: 'port',
  a: 'a port',
  many: 'ports',
  path: '/v1/ports',
  param: 'port_ident',
  table: PORTS,
  kind: portKind,
  since: 1,
  detail: true,
  required: ['address'],
  listRules: 'baremetal:port',
  filters: {
    node: filterBy.node,
    address: filterBy.equals('address'),
    portgroup: filterBy.equals('portgroup_uuid'),
    shard: filterBy.nodeIn('shard'),
    conductor_groups: filterBy.nodeIn('conductor_group'),
    description_contains: (c, value) =>
      c.add(`t.description ilike ${c.bind(`%${String(value).replaceAll(/[\\%_]/g, '\\$&')}%`)}`),
  },
  async readFilters(deps, access, filters, version) {
    if (filters['node_uuid'] !== undefined) filters['node'] = filters['node_uuid'];
    delete filters['node_uuid'];
    const { node, portgroup, shard, address, conductor_groups: groups } = filters;
    if (typeof node === 'string' && version < VERSION_RULES.nodeNames && !isUuid(node)) throw errors.NotAcceptable();
    if ([node, portgroup, shard].filter((value) => value !== undefined).length > 1)
      throw errors.OperationNotPermitted();
    if (groups !== undefined && (node ?? portgroup ?? address) !== undefined) {
      throw errors.Invalid(
        'Filtering by conductor_groups cannot be combined with node_ident, portgroup_ident, or node address filters.',
      );
    }
    if (typeof portgroup === 'string') {
      const { row } = await findRecord(deps, access, portgroupKind, portgroup, 't.uuid', 1, portgroupKind.rules.get);
      filters['portgroup'] = row[0];
    }
  },
  readNew(values, version) {
    const ident = values['node_ident'];
    const uuid = values['node_uuid'];
    if ((ident === undefined) === (uuid === undefined)) {
      throw errors.InvalidParameterValue(
        "Schema error for port: 'node_uuid' is a required property (or 'node_ident', but not both)",
      );
    }
    checkLinkKeys(values, version);
  },
  readEdit: checkLinkKeys,
};
