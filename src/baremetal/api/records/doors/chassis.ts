import { chassisKind } from '../../../app/records/kinds/chassis.ts';
import { CHASSIS } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

export const chassisDoor: RecordDoor = {
  noun: 'chassis',
  a: 'a chassis',
  many: 'chassis',
  path: '/v1/chassis',
  param: 'chassis_uuid',
  table: CHASSIS,
  kind: chassisKind,
  since: 1,
  detail: true,
  required: [],
  listRules: { rule: 'baremetal:chassis:get' },
  filters: {},
};
