import type { Reader, Store } from '#store/contract';
import { type Mark, overheadOf, type Span, spansOf } from '../model/timeline.ts';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';

/** How an operation spent its time, when it ends. */
export interface Timeline {
  operationId: string;
  operation: string;
  nodeUuid: string;
  resourceClass: string | null;
  imageBytes: number | null;
  succeeded: boolean;
  marks: readonly Mark[];
  endedAt: number;
}

/** Keeps timelines; those of operations that end at about the same time go together. */
export interface Timelines {
  /** Idempotent by operation: the last word counts. */
  keep(timeline: Timeline): Promise<void>;
}

const KEEP = `
insert into node_timelines (operation_id, node_uuid, operation, started_at, finished_at, succeeded, overhead_seconds,
  spans, resource_class, image_bytes)
select t.operation_id, n.uuid, t.operation, t.started_at, t.finished_at, t.succeeded, t.overhead, t.spans::json,
  t.resource_class, t.image_bytes
from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[], $7::float8[],
  $8::text[], $9::text[], $10::bigint[])
  as t(operation_id, node_uuid, operation, started_at, finished_at, succeeded, overhead, spans, resource_class,
    image_bytes)
join nodes n on n.uuid = t.node_uuid
on conflict (operation_id) do update set finished_at = excluded.finished_at, succeeded = excluded.succeeded,
  overhead_seconds = excluded.overhead_seconds, spans = excluded.spans, image_bytes = excluded.image_bytes`;

/** Makes the keeper of a conductor. */
export function makeTimelines(store: Store): Timelines {
  return {
    keep: gather<Timeline, void>(
      async (items) => {
        const spans = items.map((one) => spansOf(one.marks, one.endedAt));
        await store.query(
          prepared(KEEP, [
            items.map((one) => one.operationId),
            items.map((one) => one.nodeUuid),
            items.map((one) => one.operation),
            items.map((one) => new Date(one.marks[0]?.at ?? one.endedAt)),
            items.map((one) => new Date(one.endedAt)),
            items.map((one) => one.succeeded),
            spans.map(overheadOf),
            spans.map((one) => JSON.stringify(one)),
            items.map((one) => one.resourceClass),
            items.map((one) => one.imageBytes),
          ]),
        );
        return items.map(() => undefined);
      },
      { apart: true },
    ),
  };
}

/** A timeline as the API shows it. */
export interface StoredTimeline {
  operation: string;
  started_at: string;
  finished_at: string;
  succeeded: boolean;
  seconds: number;
  overhead_seconds: number;
  image_bytes: number | null;
  spans: Span[];
}

/** Timelines of a node, newest first; `operation` null: of all kinds. */
export async function timelinesOf(
  reader: Reader,
  nodeUuid: string,
  limit: number,
  operation: string | null,
): Promise<StoredTimeline[]> {
  const rows = await reader.query<Omit<StoredTimeline, 'spans'> & { spans: string }>(
    prepared(
      `select operation, ${iso('started_at')} as started_at, ${iso('finished_at')} as finished_at, succeeded,
         extract(epoch from finished_at - started_at)::float8 as seconds, overhead_seconds,
         image_bytes::float8 as image_bytes, spans
       from node_timelines where node_uuid = $1 and ($3::text is null or operation = $3) order by id desc limit $2`,
      [nodeUuid, limit, operation],
    ),
  );
  return rows.map((row) => ({ ...row, spans: JSON.parse(row.spans) as Span[] }));
}

/** The operation in hand, as its row has it. */
export interface CurrentWork {
  operation: string;
  marks: Mark[];
  progress: unknown;
}

/** What is being done to a node now; undefined when nothing is. */
export async function currentWork(reader: Reader, nodeUuid: string): Promise<CurrentWork | undefined> {
  const rows = await reader.query<{ operation: string; marks: string | null; progress: string | null }>(
    prepared(
      `select n.operation, n.progress->'timeline' as marks,
         case when n.progress->'awaiting'->>'for' = 'agent' or a.progress like '{"by":"ingot"%' then a.progress end
           as progress
       from nodes n left join node_agents a on a.node_uuid = n.uuid
       where n.uuid = $1 and n.operation is not null`,
      [nodeUuid],
    ),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    operation: row.operation,
    marks: row.marks === null ? [] : (JSON.parse(row.marks) as Mark[]),
    progress: row.progress === null ? null : (JSON.parse(row.progress) as unknown),
  };
}

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
