import type { Reader } from '#store/contract';
import { PROVISION_STATES } from '../states/names.ts';
import { isResting } from '../states/table.ts';
import { prepared } from './prepared.ts';

/** An action on a machine to be put in the queue. */
export interface AskedAction {
  nodeUuid: string;
  action: string;
  absolute: boolean;
  /** JSON text; no secrets. */
  detail: string;
  /** Shown as target_power_state while it lasts. */
  targetPower: string | null;
  /** Only for nodes whose power interface is one of these; null: any. */
  powerInterfaces: readonly string[] | null;
  /** Milliseconds until whoever asks gives up; null: never. */
  deadlineMs: number | null;
}

/** States in which a node with an operation may be acted on: the operation rests. */
const RESTING = PROVISION_STATES.filter(isResting);

const ASK = `
with n as (
  update nodes n set intent_id = nextval('node_intents_id_seq'), target_power_state = $5, last_error = null,
    revision = n.revision + 1, updated_at = now(),
    -- Clients take a node without reservation for free: one of the hosts that may take it stands there at once.
    reservation = (select c.host from conductors c where c.state = 'up' and n.conductor_group = any (c.groups) limit 1)
  where n.uuid = $1 and n.intent_id is null and (n.operation_id is null or n.provision_state = any ($6::text[]))
    and ($7::text[] is null or n.power_interface = any ($7::text[]))
  returning n.uuid, n.intent_id, n.conductor_group, n.fence
), i as (
  insert into node_intents (id, node_uuid, fence, action, absolute, detail, conductor_group, queued, deadline)
  overriding system value
  select n.intent_id, n.uuid, n.fence, $2, $3, $4, n.conductor_group, true,
    clock_timestamp() + $8::float8 * interval '1 millisecond'
  from n
)
select intent_id as id, conductor_group as group from n`;

/** Locks the node and queues the action, in one statement. undefined: the node is locked, gone, or of another kind. */
export async function askAction(
  reader: Reader,
  asked: AskedAction,
): Promise<{ id: bigint; group: string } | undefined> {
  const rows = await reader.query<{ id: bigint; group: string }>(
    prepared(ASK, [
      asked.nodeUuid,
      asked.action,
      asked.absolute,
      asked.detail,
      asked.targetPower,
      RESTING,
      asked.powerInterfaces,
      asked.deadlineMs,
    ]),
  );
  return rows[0];
}

const CALL = `
insert into node_intents (node_uuid, fence, action, absolute, detail, conductor_group, queued, deadline)
values ($1, 0, $2, true, $3, $4, true, clock_timestamp() + $5::float8 * interval '1 millisecond')
returning id`;

/** Queues a call that locks nothing; `nodeUuid` null for a call of a hardware type. */
export async function askCall(
  reader: Reader,
  call: { nodeUuid: string | null; action: string; detail: string; group: string; deadlineMs: number },
): Promise<bigint> {
  const rows = await reader.query<{ id: bigint }>(
    prepared(CALL, [call.nodeUuid, call.action, call.detail, call.group, call.deadlineMs]),
  );
  return (rows[0] as { id: bigint }).id;
}

/** Takes the result of a call out of the queue; undefined while there is none. */
export async function takeResult(reader: Reader, id: bigint): Promise<string | undefined> {
  const rows = await reader.query<{ result: string }>(
    prepared(`delete from node_intents where id = $1 and state = 'done' returning result`, [id]),
  );
  return rows[0]?.result;
}

/** Takes a call back that nobody has begun. False when somebody has. */
export async function takeBack(reader: Reader, id: bigint): Promise<boolean> {
  const rows = await reader.query(
    prepared(
      `with gone as (
        delete from node_intents where id = $1 and claimed_by is null and state = 'open' returning id, node_uuid
      ), n as (
        update nodes n set intent_id = null, target_power_state = null, reservation = null from gone g
        where n.uuid = g.node_uuid and n.intent_id = g.id
      )
      select id from gone`,
      [id],
    ),
  );
  return rows.length > 0;
}
