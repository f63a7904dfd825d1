import { connectorKind, targetKind } from '../../../app/records/kinds/volumes.ts';
import { filterBy } from '../../../app/records/list.ts';
import { VOLUME_CONNECTORS, VOLUME_TARGETS } from '../../versions/beside.ts';
import type { RecordDoor } from '../door.ts';

const shared = { since: 32, detail: false, listRules: 'baremetal:volume', filters: { node: filterBy.node } } as const;

export const connectorDoor: RecordDoor = {
  ...shared,
  noun: 'volume-connector',
  a: 'a volume connector',
  many: 'volume connectors',
  path: '/v1/volume/connectors',
  param: 'connector_uuid',
  table: VOLUME_CONNECTORS,
  kind: connectorKind,
  required: ['node_uuid', 'type', 'connector_id'],
};

export const targetDoor: RecordDoor = {
  ...shared,
  noun: 'volume-target',
  a: 'a volume target',
  many: 'volume targets',
  path: '/v1/volume/targets',
  param: 'target_uuid',
  table: VOLUME_TARGETS,
  kind: targetKind,
  required: ['node_uuid', 'volume_type', 'boot_index', 'volume_id'],
};
