import { portgroupKind } from '../../../app/records/kinds/portgroups.ts';
import { filterBy } from '../../../app/records/list.ts';
import { PORTGROUPS } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

export const portgroupDoor: RecordDoor = {
  noun: 'portgroup',
  a: 'a port group',
  many: 'port groups',
  path: '/v1/portgroups',
  param: 'portgroup_ident',
  table: PORTGROUPS,
  kind: portgroupKind,
  since: 23,
  detail: true,
  required: ['node_uuid'],
  listRules: 'baremetal:portgroup',
  filters: {
    node: filterBy.node,
    address: filterBy.equals('address'),
    shard: filterBy.nodeIn('shard'),
    conductor_groups: filterBy.nodeIn('conductor_group'),
  },
};
