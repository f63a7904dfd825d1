import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { Run, Runs } from './run.ts';

interface EarsParts {
  store: Store;
  log: Log;
  runs: Runs;
  /** A claim is under way. */
  claiming(): boolean;
  /** Look for work now. */
  nudge(): void;
}

/** Hears of new work, messages and aborts through the change feed, and looks for what it missed. */
export interface Ears {
  listen(): () => void;
  /** A workflow was claimed: an abort heard while it was on its way is read again. */
  claimed(run: Run): void;
  /** Looks for messages and aborts of everything that runs here. */
  rescan(): void;
}

const ABORTS = `select id, abort_reason from work_state where abort_reason is not null and id = any ($1::text[])`;
const UNREAD = `select distinct workflow_id from work_messages where taken_by is null and workflow_id = any ($1::text[])`;

export function makeEars(parts: EarsParts): Ears {
  const { store, runs } = parts;
  // Aborts of workflows that do not run here but may be in the answer of a claim that is under way.
  const early = new Set<string>();

  const readAborts = async (ids: string[]): Promise<void> => {
    if (ids.length === 0) return;
    const rows = await store.query<{ id: string; abort_reason: string }>({
      name: 'work.aborts',
      text: ABORTS,
      values: [ids],
    });
    for (const row of rows) runs.get(row.id)?.abort(row.abort_reason);
  };
  const readUnread = async (ids: string[]): Promise<void> => {
    if (ids.length === 0) return;
    const rows = await store.query<{ workflow_id: string }>({ name: 'work.unread', text: UNREAD, values: [ids] });
    for (const row of rows) runs.get(row.workflow_id)?.wake();
  };
  // A failure is made good by the next rescan.
  const quietly = (work: Promise<void>) => {
    work.catch((error) => parts.log.debug({ err: error }, 'could not read messages'));
  };
  const rescan = () => {
    quietly(readAborts(runs.ids()));
    const waiting = runs.all().filter((run) => run.waiters.size > 0);
    quietly(readUnread(waiting.map((run) => run.facts.id)));
  };
  return {
    listen() {
      const ways = [
        store.changes.subscribe('work.queue', () => parts.nudge()),
        store.changes.subscribe('work.message', ({ id }) => (id === '*' ? rescan() : runs.get(id)?.wake())),
        store.changes.subscribe('work.abort', ({ id }) => {
          if (id === '*') return rescan();
          if (!parts.claiming()) early.clear();
          if (runs.get(id) !== undefined) quietly(readAborts([id]));
          else if (parts.claiming()) early.add(id);
        }),
      ];
      return () => {
        for (const leave of ways) leave();
      };
    },
    claimed(run) {
      if (early.delete(run.facts.id)) quietly(readAborts([run.facts.id]));
    },
    rescan,
  };
}
