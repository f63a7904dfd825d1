import { newUuid } from '#kernel/ids';
import type { Reader, Store } from '#store/contract';
import type { EnqueueCall } from '#work/contract';
import type { Document } from '../model/node.ts';
import type { PowerState, ProvisionEvent, ProvisionState } from '../states/names.ts';
import { next, STATES } from '../states/table.ts';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';
import { Rows } from './value-rows.ts';

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

/** Types of the columns a change may name: values of many nodes come as arrays. */
const TYPES: { readonly [C in keyof NodeChange]-?: string } = {
  power_state: 'text',
  last_error: 'text',
  maintenance: 'boolean',
  maintenance_reason: 'text',
  fault: 'text',
  boot_mode: 'text',
  secure_boot: 'boolean',
  health: 'text',
  progress: 'json',
  clean_step: 'json',
  deploy_step: 'json',
  service_step: 'json',
  raid_config: 'json',
  properties: 'json',
  driver_internal_info: 'json',
  driver_internal_info_sealed: 'text',
  instance_info: 'json',
  instance_info_sealed: 'text',
  instance_uuid: 'uuid',
  instance_name: 'text',
  allocation_uuid: 'uuid',
  lessee: 'text',
  inspection_started_at: 'timestamptz',
  inspection_finished_at: 'timestamptz',
  operation_id: 'text',
  operation: 'text',
  reservation: 'text',
  owner_incarnation: 'text',
};

type Column = keyof NodeChange;

/** Columns of a change in a fixed order, so that equal shapes give equal statements. */
function columnsOf(set: NodeChange): Column[] {
  return (Object.keys(set) as Column[]).filter((column) => set[column] !== undefined).sort();
}

function valueOf(set: NodeChange, column: Column): unknown {
  const value = set[column];
  return value !== null && TYPES[column] === 'json' ? JSON.stringify(value) : value;
}

const assign = (column: Column) => `${column} = t.${column}${TYPES[column] === 'json' ? '::json' : ''}`;

function guardRows<T extends { guard: Guard }>(rows: Rows<T>, byRevision: boolean): string {
  if (byRevision) {
    rows.add('g_revision', 'bigint', ({ guard }) => ('revision' in guard ? guard.revision : null));
    return 'n.revision = t.g_revision';
  }
  rows.add('g_fence', 'bigint', ({ guard }) => ('fence' in guard ? guard.fence : null));
  rows.add('g_operation', 'text', ({ guard }) => ('fence' in guard ? guard.operationId : null));
  return 'n.fence = t.g_fence and n.operation_id = t.g_operation';
}

/** What a transition gave: the state and revision the node has now. */
export interface Moved {
  state: ProvisionState;
  revision: bigint;
}

/**
 * Changes the provision state: the one place that does. One statement: row, history, closed intents. Gives
 * undefined when the guard failed (somebody else was first, the conductor is no longer the owner) and nothing was
 * changed. Throws TypeError for an event the table does not know there.
 */
export async function transition(reader: Reader, change: Transition): Promise<Moved | undefined> {
  return (await transitions(reader, [change]))[0];
}

/** The same with work enqueued in the same statement: both happen or neither. */
export async function transitionAndEnqueue(
  store: Store,
  change: Transition,
  enqueue: (first: number) => EnqueueCall,
): Promise<Moved | undefined> {
  let call: EnqueueCall | undefined;
  const with_ = (first: number) => {
    call = enqueue(first);
    return call;
  };
  const [moved] = await transitions(store, [change], (gave) => call?.committed(gave), with_);
  return moved;
}

/** Several at once, of equal shape: the same columns, the same kind of guard. */
async function transitions(
  reader: Reader,
  changes: readonly Transition[],
  gave: (what: string) => void = () => {},
  enqueue?: (first: number) => EnqueueCall,
): Promise<(Moved | undefined)[]> {
  const states = changes.map(({ from, event }) => stateAfter(from, event));
  const first = changes[0] as Transition;
  const rows = new Rows<Transition>(changes);
  const stateOf = new Map(changes.map((change, i) => [change, states[i] as ProvisionState]));
  const column = (name: string, type: string, value: (change: Transition) => unknown) => rows.add(name, type, value);
  column('h_node', 'uuid', (change) => change.nodeUuid);
  column('h_from', 'text', (change) => change.from);
  column('h_state', 'text', (change) => stateOf.get(change));
  column('h_target', 'text', (change) => targetAfter(change, stateOf.get(change) as ProvisionState));
  column('h_uuid', 'uuid', () => newUuid());
  column('h_conductor', 'text', ({ note }) => note.conductor);
  column('h_severity', 'text', ({ note }) => (note.failed ? 'ERROR' : 'INFO'));
  column('h_type', 'text', ({ note }) => note.type);
  column('h_event', 'text', (change) => change.note.event ?? `${change.from} → ${stateOf.get(change)}`);
  column('h_user', 'text', ({ note }) => note.userId);
  column('h_project', 'text', ({ note }) => note.projectId);
  column('h_since', 'timestamptz', (change) => change.since);
  const set = columnsOf(first.set);
  for (const name of set) column(name, TYPES[name], (change) => valueOf(change.set, name));
  const guard = guardRows(rows, 'revision' in first.guard);
  const intents = changes.flatMap((change) => change.closeIntents ?? []);
  const values: unknown[] = [...rows.values];
  let close = '';
  if (intents.length > 0) {
    values.push(intents);
    close = `, closed as (
      delete from node_intents i using n where i.node_uuid = n.uuid and i.id = any ($${values.length}::bigint[]))`;
  }
  const call = enqueue?.(values.length + 1);
  if (call !== undefined) values.push(...call.values);
  const text = `
with ${rows.sql}, n as (
  update nodes n set provision_state = t.h_state, target_provision_state = t.h_target, provision_updated_at = now(),
    updated_at = now(), revision = n.revision + 1${set.map((name) => `, ${assign(name)}`).join('')}
  from t where n.uuid = t.h_node and n.provision_state = t.h_from and ${guard}
  returning n.uuid, n.revision
), h as (
  insert into node_history
    (uuid, node_uuid, conductor, severity, event_type, event, user_id, project, state, target_state, duration_seconds)
  select t.h_uuid, n.uuid, t.h_conductor, t.h_severity, t.h_type, t.h_event, t.h_user, t.h_project, t.h_state,
    t.h_target, extract(epoch from now() - t.h_since)
  from n join t on t.h_node = n.uuid
)${close}${call === undefined ? '' : `, e as (select ${call.sql} as gave from n)`}
select uuid, revision${call === undefined ? '' : ', (select gave from e) as gave'} from n`;
  const done = await reader.query<{ uuid: string; revision: bigint; gave?: string }>(prepared(text, values));
  if (done[0]?.gave !== undefined) gave(done[0].gave);
  const revisions = new Map(done.map((row) => [row.uuid, row.revision]));
  return changes.map((change, i) => {
    const revision = revisions.get(change.nodeUuid);
    return revision === undefined ? undefined : { state: states[i] as ProvisionState, revision };
  });
}

function stateAfter(from: ProvisionState, event: ProvisionEvent): ProvisionState {
  const state = next(from, event);
  if (state === undefined) throw new TypeError(`"${event}" cannot happen in "${from}"`);
  return state;
}

function targetAfter(change: Transition, state: ProvisionState): ProvisionState | null {
  const { kind, target } = STATES[state];
  return change.target === undefined || kind === 'stable' ? target : change.target;
}

/** A change of columns that is no change of state. */
export interface Save {
  nodeUuid: string;
  guard: Guard;
  set: NodeChange;
}

async function saves(reader: Reader, items: readonly Save[]): Promise<boolean[]> {
  const first = items[0] as Save;
  const rows = new Rows<Save>(items);
  rows.add('h_node', 'uuid', (item) => item.nodeUuid);
  const set = columnsOf(first.set);
  for (const name of set) rows.add(name, TYPES[name], (item) => valueOf(item.set, name));
  const guard = guardRows(rows, 'revision' in first.guard);
  const text = `with ${rows.sql}
update nodes n set ${set.map(assign).join(', ')}, updated_at = now(), revision = n.revision + 1
from t where n.uuid = t.h_node and ${guard} returning n.uuid`;
  const done = await reader.query<{ uuid: string }>(prepared(text, rows.values));
  const saved = new Set(done.map((row) => row.uuid));
  return items.map((item) => saved.has(item.nodeUuid));
}

/** How a conductor writes the nodes it works on: those that change alike at about the same time go together. */
export interface NodeWriter {
  /** See `transition`. */
  transition(change: Transition): Promise<Moved | undefined>;
  /** Changes columns. False when the conductor is no longer the owner. */
  save(item: Save): Promise<boolean>;
}

/** Batches under way at once, of each shape. */
const LANES = 2;

export function makeNodeWriter(store: Store): NodeWriter {
  const byShape = <I extends { set: NodeChange; guard: Guard }, O>(run: (items: I[]) => Promise<O[]>) => {
    const shapes = new Map<string, (item: I) => Promise<O>>();
    return (item: I) => {
      const shape = `${'revision' in item.guard} ${columnsOf(item.set).join(' ')}`;
      let send = shapes.get(shape);
      if (send === undefined) {
        send = gather<I, O>(run, { lanes: LANES, apart: true });
        shapes.set(shape, send);
      }
      return send(item);
    };
  };
  const move = byShape<Transition, Moved | undefined>((items) => transitions(store, items));
  return {
    transition: async (change) => {
      stateAfter(change.from, change.event);
      return await move(change);
    },
    save: byShape<Save, boolean>((items) => saves(store, items)),
  };
}
