import { createHmac, type KeyObject } from 'node:crypto';
import type { AuditEvent, AuditSink } from '#contracts/audit';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { type AuditRow, auditRowOf } from './record.ts';

/** Rows of one insert, and rows kept while the database is away. */
const BATCH = 500;
const MAX_KEPT = 20_000;
const RETRY_MS = 1_000;

/** Refused calls of strangers are recorded up to this many at once and a second; more are only counted. */
const STRANGERS_BURST = 100;
const STRANGERS_PER_SECOND = 10;

export interface StoringSink extends AuditSink {
  /** Stores what is waiting. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Called after rows were stored. */
  onStored: () => void;
}

/**
 * Stores audit events. Those that come while an insert is under way wait and go together in the next one, so a
 * busy API pays for a few inserts and an idle one for no delay. Order among requests is not kept here: the chain
 * makes one.
 */
export function createSink(store: Store, key: KeyObject, clock: Clock, log: Log): StoringSink {
  let waiting: { row: AuditRow; done: () => void }[] = [];
  let running: Promise<void> | undefined;
  let failing = false;
  let cancelRetry: (() => void) | undefined;
  let tokens = STRANGERS_BURST;
  let filledAt = clock.monotonic();
  let uncounted = 0;

  const insert = (rows: readonly AuditRow[]) =>
    store.query({
      name: 'audit_insert',
      text: `with made as (
               insert into audit_records (initiator, project, outcome, action, target, record, mark)
               select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::json[], $7::bytea[])
               returning id)
             insert into audit_pending (record_id) select id from made`,
      values: [
        rows.map((row) => row.initiator),
        rows.map((row) => row.project),
        rows.map((row) => row.outcome),
        rows.map((row) => row.action),
        rows.map((row) => row.target),
        rows.map((row) => row.record),
        rows.map((row) => markOf(key, row.record)),
      ],
    });

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      try {
        await insert(batch.map(({ row }) => row));
      } catch (error) {
        // Nobody waits for a database that is away: the replies go out, the records stay.
        if (!failing)
          log.error(
            { err: error, kept: waiting.length },
            'audit records cannot be stored; they are kept and tried again',
          );
        failing = true;
        for (const { done } of waiting) done();
        if (waiting.length > MAX_KEPT) {
          const lost = waiting.length - MAX_KEPT;
          log.error({ lost, first: waiting[0]?.row.record }, 'audit records were lost: too many wait for the database');
          waiting = waiting.slice(lost);
        }
        cancelRetry?.();
        cancelRetry = clock.after(RETRY_MS, start);
        return;
      }
      if (failing) log.info({ stored: batch.length }, 'audit records are stored again');
      failing = false;
      waiting = waiting.slice(batch.length);
      for (const { done } of batch) done();
      sink.onStored();
    }
  };
  const start = () => {
    running ??= run().finally(() => {
      running = undefined;
    });
  };

  /** False when a stranger's refused call is one too many. */
  const admit = (event: AuditEvent): boolean => {
    if (event.status < 400 || (event.caller?.userId ?? null) !== null) return true;
    const now = clock.monotonic();
    tokens = Math.min(STRANGERS_BURST, tokens + ((now - filledAt) / 1000) * STRANGERS_PER_SECOND);
    filledAt = now;
    if (tokens < 1) {
      uncounted++;
      return false;
    }
    tokens--;
    return true;
  };

  const sink: StoringSink = {
    record(event) {
      if (!admit(event)) return Promise.resolve();
      const row = auditRowOf(event);
      if (uncounted > 0) {
        row.record = `${row.record.slice(0, -1)},"refusedStrangersNotRecorded":${uncounted}}`;
        uncounted = 0;
      }
      return new Promise((resolve) => {
        waiting.push({ row, done: resolve });
        if (failing) resolve();
        else start();
      });
    },
    async flush() {
      start();
      await running;
    },
    async close() {
      cancelRetry?.();
      await sink.flush();
      cancelRetry?.();
      if (waiting.length > 0)
        log.error({ lost: waiting.length }, 'audit records were lost: the database is away at the end');
    },
    onStored: () => {},
  };
  return sink;
}

/** The keyed hash that shows a record to be ours. */
export function markOf(key: KeyObject, record: string): Buffer {
  return createHmac('sha256', key).update(`record ${record}`).digest();
}
