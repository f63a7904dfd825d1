import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';

// Limits queue, they never refuse. A place is a row of work_slots; an enqueue takes a free one with
// `skip locked` in its own transaction, a finish hands its place to the oldest in work_queue. No two
// transactions wait for each other. The price: an enqueue that sees no free place and a finish that sees
// nobody waiting may run at the same time, and then a place is free and somebody waits. `sweep` repairs that:
// a moment after each enqueue that queued and each finish that freed, and every two seconds in any case.

const SWEEP_SOON_MS = 20;
const SWEEP_EVERY_MS = 2_000;
const DEFAULTS: Record<string, number> = { deploy: 250, clean: 50 };
const OTHERWISE = 100;

export interface Limits {
  /** Makes the places of this conductor's groups; changed sizes take effect as work ends. */
  define(groups: readonly string[], names: Iterable<string>): Promise<void>;
  /** A workflow has ended; `freed`: what work_finish gave. */
  freed(freed: string): void;
  /** Look soon: a place may be free. */
  sweepSoon(): void;
  /** Conductors look at every two seconds. */
  start(): void;
  stop(): Promise<void>;
}

interface LimitParts {
  store: Store;
  clock: Clock;
  log: Log;
  sizes: Readonly<Record<string, number>>;
  /** Work was given to the engine. */
  started(): void;
}

// Only limits where somebody waits and a place is free: nothing to do is one index probe.
const SWEEP = `
select w.grp, w.name, work_promote(w.grp, w.name) as started from (select distinct grp, name from work_queue) w
where exists (select 1 from work_slots s where s.grp = w.grp and s.name = w.name and s.holder is null)`;

// A holder that the engine does not know as unfinished: its finish was lost, or its row deleted by hand.
const REPAIR = `
select work_finish(s.holder) from work_slots s
where s.holder is not null and s.taken_at < clock_timestamp() - interval '1 minute'
  and not exists (select 1 from dbos.workflow_status d
    where d.workflow_uuid = s.holder and d.status in ('PENDING', 'ENQUEUED'))`;

export function makeLimits(parts: LimitParts): Limits {
  const { store, clock } = parts;
  let cancelSoon: (() => void) | undefined;
  let cancelEvery: (() => void) | undefined;
  let sweeping: Promise<void> | undefined;
  let sweeps = 0;

  const sweep = async (): Promise<void> => {
    try {
      const rows = await store.query<{ started: number }>({ name: 'work.sweep', text: SWEEP });
      if (rows.some((row) => row.started > 0)) parts.started();
      if (++sweeps % 30 === 0) await store.query({ name: 'work.repair', text: REPAIR });
    } catch (error) {
      parts.log.debug({ err: error }, 'could not look for free places');
    }
  };
  const run = () => {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
  };
  const sweepSoon = () => {
    cancelSoon ??= clock.after(SWEEP_SOON_MS, () => {
      cancelSoon = undefined;
      run();
    });
  };
  return {
    async define(groups, names) {
      const all = new Set([...names, ...Object.keys(parts.sizes)]);
      for (const group of groups) {
        for (const name of all) {
          const size = parts.sizes[name] ?? DEFAULTS[name] ?? OTHERWISE;
          await store.query({ text: 'select work_set_limit($1, $2, $3)', values: [group, name, size] });
        }
      }
      sweepSoon();
    },
    freed(freed) {
      if (freed === 'handed') parts.started();
      if (freed === 'freed') sweepSoon();
    },
    sweepSoon,
    start() {
      cancelEvery = clock.every(SWEEP_EVERY_MS, run);
    },
    async stop() {
      cancelEvery?.();
      cancelSoon?.();
      await sweeping;
    },
  };
}
