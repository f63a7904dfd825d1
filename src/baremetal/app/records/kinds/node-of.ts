import { isUuid } from '#kernel/ids';
import { errors } from '../../../errors.ts';
import { badLink } from '../../node-conflicts.ts';
import { textRows } from '../../../store/text-rows.ts';
import type { RecordChange } from '../kind.ts';

/** What records of a node ask of their node. */
export interface RecordNode {
  uuid: string;
  owner: string | null;
  lessee: string | null;
  provisionState: string;
  powerState: string | null;
  maintenance: boolean;
  reservation: string | null;
  instanceUuid: string | null;
}

/**
 * The node a record hangs on, or shall hang on. One the caller may not see is as good as none: 400 in the same
 * words, so that a record can neither probe for a foreign node nor be moved to it (CVE-2026-44918).
 */
export async function nodeOf(change: RecordChange, uuid: unknown): Promise<RecordNode> {
  const asked = typeof uuid === 'string' ? uuid : '';
  const rows = isUuid(asked)
    ? await textRows(change.deps.store, {
        name: 'bm_record_node',
        text:
          'select uuid, owner, lessee, provision_state, power_state, maintenance, reservation, instance_uuid ' +
          'from nodes where uuid = $1',
        values: [asked],
      })
    : [];
  const row = rows[0];
  const target = { owner: row?.[1] ?? null, lessee: row?.[2] ?? null };
  if (row === undefined || !change.access.allows('baremetal:node:get', target)) {
    throw errors.Invalid(`Node ${asked} could not be found.`);
  }
  return {
    uuid: row[0] as string,
    ...target,
    provisionState: row[3] as string,
    powerState: row[4] ?? null,
    maintenance: row[5] === 't',
    reservation: row[6] ?? null,
    instanceUuid: row[7] ?? null,
  };
}

/** Makes the node's owner the record's: the rules of a new record are asked with it. */
export function belongTo(change: RecordChange, node: RecordNode): void {
  change.target.owner = node.owner;
  change.target.lessee = node.lessee;
}

/** Refuses a change while a conductor holds the node. */
export function mustBeFree(node: RecordNode): void {
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation, { retryAfter: 1 });
}

/** Refuses to move a record to a node of another owner than its own, in the words for a node that is not there. */
export function mustShareOwner(change: RecordChange, node: RecordNode): void {
  if (node.owner !== (change.target.owner ?? null)) throw badLink('node_uuid', node.uuid);
}
