import type { Clock } from '#kernel/clock';
import type { Store } from '#store/contract';
import type { Json } from './contract.ts';
import { StopRun } from './engine.ts';
import { isDatabaseAway } from './errors.ts';
import type { Run } from './run.ts';

/** How a wait ended: with a message, at its deadline, or by an abort. */
export type WaitRecord = { m: Json } | { t: 1 } | { a: string };

export interface InboxParts {
  store: Store;
  clock: Clock;
  databaseBack(signal: AbortSignal): Promise<void>;
}

interface InboxRow {
  left: number;
  found: boolean;
  body: string | null;
}

// The deadline is set by whoever comes first and kept over takeovers. A message is marked with the step that
// reads it, in the same statement: if we die before the engine has recorded it, the step reads it again.
const READ = `
with wait as (
  insert into work_waits (workflow_id, step, deadline)
  values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
  on conflict (workflow_id, step) do update set deadline = work_waits.deadline
  returning deadline
), message as (
  update work_messages set taken_by = $2 where seq = (
    select seq from work_messages
    where workflow_id = $1 and topic = $4 and (taken_by is null or taken_by = $2)
    order by taken_by nulls last, seq limit 1)
  returning body
)
select (extract(epoch from (select deadline from wait) - clock_timestamp()) * 1000)::float8 as left,
  exists (select 1 from message) as found, (select body from message) as body`;

/**
 * Waits for a message of `topic` (none: only for time) until the deadline. Costs a row and a timer while it
 * waits; whoever hears of a message or an abort for this workflow calls `run.wake()`. Throws only StopRun.
 */
export async function waitFor(
  parts: InboxParts,
  run: Run,
  step: number,
  topic: string | null,
  timeoutMs: number,
): Promise<WaitRecord> {
  run.usedInbox = true;
  let woken = true;
  let go: (() => void) | undefined;
  let cancel: (() => void) | undefined;
  const waiter = {
    wake() {
      woken = true;
      go?.();
    },
  };
  // Before the first look: a message that comes between the look and the wait must not be slept over.
  run.waiters.add(waiter);
  try {
    for (;;) {
      if (run.stopped !== undefined || !run.lease.held) throw new StopRun();
      if (run.abortReason !== null && !run.failing) return { a: run.abortReason };
      woken = false;
      const row = await look(parts, run, step, topic, timeoutMs);
      if (row.found) return { m: JSON.parse(row.body ?? 'null') as Json };
      if (row.left <= 0) return { t: 1 };
      if (woken) continue;
      await new Promise<void>((resolve) => {
        go = resolve;
        cancel = parts.clock.after(Math.min(row.left + 1, 2 ** 30), resolve);
      });
      cancel?.();
    }
  } finally {
    cancel?.();
    run.waiters.delete(waiter);
  }
}

async function look(
  parts: InboxParts,
  run: Run,
  step: number,
  topic: string | null,
  timeoutMs: number,
): Promise<InboxRow> {
  for (;;) {
    try {
      const values = [run.facts.id, step, Math.max(0, Math.ceil(timeoutMs)), topic];
      const rows = await parts.store.query<InboxRow>({ name: 'work.read', text: READ, values });
      return rows[0] as InboxRow;
    } catch (error) {
      if (run.stopped !== undefined || !run.lease.held || !isDatabaseAway(error)) throw new StopRun();
      const gaveUp = new AbortController();
      run.untilStopped.catch(() => gaveUp.abort());
      await parts.databaseBack(gaveUp.signal).catch(() => {});
    }
  }
}
