import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import type { Document } from '../model/node.ts';
import type { PowerState, ProvisionEvent, ProvisionState } from '../states/names.ts';
import { next, STATES } from '../states/table.ts';
import { named } from './named.ts';

/** Columns that may change along with a state, or while a conductor works on a node. Documents are objects. */
export interface NodeChange {
  power_state?: PowerState | null;
  last_error?: string | null;
  maintenance?: boolean;
  maintenance_reason?: string | null;
  fault?: string | null;
  boot_mode?: string | null;
  secure_boot?: boolean | null;
  health?: string | null;
  progress?: Document | null;
  clean_step?: Document;
  deploy_step?: Document;
  service_step?: Document;
  raid_config?: Document;
  properties?: Document;
  driver_internal_info?: Document;
  driver_internal_info_sealed?: string | null;
  instance_info?: Document;
  instance_info_sealed?: string | null;
  instance_uuid?: string | null;
  instance_name?: string | null;
  allocation_uuid?: string | null;
  lessee?: string | null;
  inspection_started_at?: Date | null;
  inspection_finished_at?: Date | null;
  operation_id?: string | null;
  operation?: string | null;
  reservation?: string | null;
  owner_incarnation?: string | null;
}

/** Who may write: a conductor under its fence, or the API on the row it read. */
export type Guard = { fence: bigint; operationId: string } | { revision: bigint };

/** What a transition leaves in the node's history. */
export interface TransitionNote {
  /** Host of the conductor; null when the API does it. */
  conductor: string | null;
  userId: string | null;
  projectId: string | null;
  /** Said in place of `from → to`; with `failed` it is an error. */
  event?: string;
  failed?: boolean;
  /** Ironic's kinds: `provisioning`, `cleaning`, `verify`… */
  type: string;
}

export interface Transition {
  nodeUuid: string;
  from: ProvisionState;
  event: ProvisionEvent;
  /** In place of the table's target (manual clean: manageable). */
  target?: ProvisionState | null;
  /** ISO time at which `from` began, for the history's duration. */
  since: string | null;
  guard: Guard;
  set: NodeChange;
  /** Intents this operation opened and saw through: closed in the same statement. */
  closeIntents?: readonly bigint[];
  note: TransitionNote;
}

/** Lets go of the node: the operation is over. */
export const RELEASED: NodeChange = {
  operation_id: null,
  operation: null,
  reservation: null,
  owner_incarnation: null,
  progress: null,
};

/** Lets go of the node while the operation rests. */
export const RESTING: NodeChange = { reservation: null, owner_incarnation: null };

const DOCUMENTS: ReadonlySet<string> = new Set([
  'progress',
  'clean_step',
  'deploy_step',
  'service_step',
  'raid_config',
  'properties',
  'driver_internal_info',
  'instance_info',
]);

/** `column = $n` for each change, in a fixed order, so that equal shapes give equal statements. */
function assignments(set: NodeChange, values: unknown[]): string[] {
  const out: string[] = [];
  for (const column of Object.keys(set).sort() as (keyof NodeChange)[]) {
    const value = set[column];
    if (value === undefined) continue;
    values.push(value !== null && DOCUMENTS.has(column) ? JSON.stringify(value) : value);
    out.push(`${column} = $${values.length}`);
  }
  return out;
}

function guarded(guard: Guard, values: unknown[]): string {
  if ('revision' in guard) {
    values.push(guard.revision);
    return `n.revision = $${values.length}::bigint`;
  }
  values.push(guard.fence, guard.operationId);
  return `n.fence = $${values.length - 1}::bigint and n.operation_id = $${values.length}`;
}

/**
 * Changes the provision state: the one place that does. One statement: row, history, closed intents. Gives the
 * state and revision the node has now; undefined when the guard failed (somebody else was first, the conductor
 * is no longer the owner) and nothing was changed. Throws TypeError for an event the table does not know there.
 */
export async function transition(
  reader: Reader,
  change: Transition,
): Promise<{ state: ProvisionState; revision: bigint } | undefined> {
  const { from, event, note } = change;
  const state = next(from, event);
  if (state === undefined) throw new TypeError(`"${event}" cannot happen in "${from}"`);
  const target = change.target === undefined || STATES[state].kind === 'stable' ? STATES[state].target : change.target;
  const values: unknown[] = [change.nodeUuid, from, state, target];
  const sets = assignments(change.set, values);
  const where = guarded(change.guard, values);
  values.push(newUuid(), note.conductor, note.failed ? 'ERROR' : 'INFO', note.type);
  values.push(note.event ?? `${from} → ${state}`, note.userId, note.projectId, change.since);
  const first = values.length - 7;
  const parameter = (i: number, type = 'text') => `$${first + i}::${type}`;
  let close = '';
  if (change.closeIntents && change.closeIntents.length > 0) {
    values.push(change.closeIntents);
    close = `, closed as (delete from node_intents i using n where i.node_uuid = n.uuid and i.id = any ($${values.length}::bigint[]))`;
  }
  const text = `
with n as (
  update nodes n set provision_state = $3, target_provision_state = $4, provision_updated_at = now(),
    updated_at = now(), revision = n.revision + 1${sets.map((one) => `, ${one}`).join('')}
  where n.uuid = $1 and n.provision_state = $2 and ${where}
  returning n.uuid, n.revision
), h as (
  insert into node_history
    (uuid, node_uuid, conductor, severity, event_type, event, user_id, project, state, target_state, duration_seconds)
  select ${parameter(0, 'uuid')}, n.uuid, ${parameter(1)}, ${parameter(2)}, ${parameter(3)}, ${parameter(4)},
    ${parameter(5)}, ${parameter(6)}, $3, $4, extract(epoch from now() - ${parameter(7, 'timestamptz')})
  from n
)${close}
select revision from n`;
  const rows = await reader.query<{ revision: bigint }>(named(text, values));
  const row = rows[0];
  return row === undefined ? undefined : { state, revision: row.revision };
}

/**
 * Changes columns of a node, but not its state, under a conductor's fence. False when the conductor is no
 * longer the owner.
 */
export async function saveNode(
  reader: Reader,
  nodeUuid: string,
  guard: { fence: bigint; operationId: string },
  set: NodeChange,
): Promise<boolean> {
  const values: unknown[] = [nodeUuid];
  const sets = assignments(set, values);
  const where = guarded(guard, values);
  const text = `update nodes n set ${sets.join(', ')}, updated_at = now(), revision = n.revision + 1
    where n.uuid = $1 and ${where} returning n.uuid`;
  return (await reader.query(named(text, values))).length > 0;
}
