import { errors } from '../../../errors.ts';
import type { RecordChange, RecordKind } from '../kind.ts';
import { belongTo, mustBeFree, mustShareOwner, nodeOf, type RecordNode } from './node-of.ts';

const rules = {
  get: 'baremetal:volume:get',
  create: 'baremetal:volume:create',
  update: 'baremetal:volume:update',
  delete: 'baremetal:volume:delete',
};

/** A machine's volumes may be changed while it is off only: the firmware reads them at boot. */
function mustBeOff(node: RecordNode, action: string): void {
  mustBeFree(node);
  if (node.powerState !== 'power off') {
    throw errors.InvalidStateRequested(action, node.uuid, node.powerState ?? 'None');
  }
}

const noun = (kind: 'connector' | 'target') => ({
  async checkNew(change: RecordChange) {
    const node = await nodeOf(change, change.values['node_uuid']);
    belongTo(change, node);
  },
  async checkEdit(change: RecordChange) {
    mustBeOff(await nodeOf(change, change.before['node_uuid']), `volume ${kind} update`);
    const to = change.values['node_uuid'];
    if (to !== undefined && to !== change.before['node_uuid']) mustShareOwner(change, await nodeOf(change, to));
  },
  async checkDelete(change: RecordChange) {
    mustBeOff(await nodeOf(change, change.before['node_uuid']), `volume ${kind} deletion`);
  },
});

/** Volume connectors: the initiators of a node (IQN, WWPN…). */
export const connectorKind: RecordKind = {
  table: 'volume_connectors',
  title: 'Volume connector',
  owned: 'node',
  named: false,
  rules,
  documents: { extra: '{}' },
  defaults: {},
  facts: ['node_uuid', 'type', 'connector_id'],
  notFound: (ident) => errors.VolumeConnectorNotFound(ident),
  ...noun('connector'),
  conflict: (constraint, values) =>
    constraint === 'volume_connectors_type_id_key'
      ? errors.Conflict(
          `A volume connector with type ${String(values['type'])} and connector ID ${String(values['connector_id'])} already exists.`,
        )
      : undefined,
};

/** Volume targets: the volumes a node is attached to. CHAP passwords are secrets. */
export const targetKind: RecordKind = {
  table: 'volume_targets',
  title: 'Volume target',
  owned: 'node',
  named: false,
  rules,
  documents: { extra: '{}', properties: '{}' },
  defaults: { boot_index: 0 },
  secret: 'properties',
  facts: ['node_uuid', 'boot_index'],
  notFound: (ident) => errors.VolumeTargetNotFound(ident),
  ...noun('target'),
  conflict: (constraint, values) =>
    constraint === 'volume_targets_boot_index_key'
      ? errors.Conflict(
          `A volume target with boot index '${String(values['boot_index'])}' for the same node already exists.`,
        )
      : undefined,
};
