import type { Reader, Store } from '#store/contract';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';

/** A write to a BMC that is about to be made, for an operation. */
export interface NewIntent {
  nodeUuid: string;
  operationId: string | null;
  fence: bigint;
  /** `power on`, `force off`, `nmi`… */
  action: string;
  /** May be sent again when its outcome is unknown, after reading the state. */
  absolute: boolean;
}

/** An intent whose end nobody saw. */
export interface OpenIntent {
  id: bigint;
  action: string;
  absolute: boolean;
  fence: bigint;
  /** Milliseconds since it was written, on the database's clock. */
  age: number;
}

/** The book of writes to BMCs. */
export interface Intents {
  /**
   * Writes an intent, committed when this resolves. Gives its id; undefined when `fence` is not the node's any
   * more: then nothing may be written.
   */
  open(intent: NewIntent): Promise<bigint | undefined>;
  /** Open intents of operations on a node, oldest first. */
  openOf(nodeUuid: string): Promise<OpenIntent[]>;
  /** Strikes them out: what they meant to do was seen, or will be done anew. */
  close(ids: readonly bigint[]): Promise<void>;
}

export function makeIntents(store: Store): Intents {
  return {
    open: gather((items) => openMany(store, items)),
    async openOf(nodeUuid) {
      return await store.query<OpenIntent>(
        prepared(
          `select id, action, absolute, fence, (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as age
          from node_intents where node_uuid = $1 and state = 'open' and not queued order by id`,
          [nodeUuid],
        ),
      );
    },
    async close(ids) {
      if (ids.length > 0) await store.query(prepared('delete from node_intents where id = any ($1::bigint[])', [ids]));
    },
  };
}

async function openMany(reader: Reader, items: NewIntent[]): Promise<(bigint | undefined)[]> {
  // One open intent per node and batch: an owner does one thing at a time with a machine.
  const rows = await reader.query<{ id: bigint; node_uuid: string }>(
    prepared(
      `insert into node_intents (node_uuid, operation_id, fence, action, absolute)
      select n.uuid, t.operation_id, n.fence, t.action, t.absolute
      from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::boolean[])
        as t(node_uuid, operation_id, fence, action, absolute)
      join nodes n on n.uuid = t.node_uuid and n.fence = t.fence
      returning id, node_uuid`,
      [
        items.map((one) => one.nodeUuid),
        items.map((one) => one.operationId),
        items.map((one) => one.fence),
        items.map((one) => one.action),
        items.map((one) => one.absolute),
      ],
    ),
  );
  const ids = new Map(rows.map((row) => [row.node_uuid, row.id]));
  return items.map((one) => ids.get(one.nodeUuid));
}
