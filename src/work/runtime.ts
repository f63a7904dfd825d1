import { type Clock, systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import { type Random, systemRandom } from '#kernel/random';
import { type Log, silentLog } from '#platform/log';
import type { Store } from '#store/contract';
import { type Claim, makeClaims } from './claims.ts';
import { defaultTimes, type LeaseTimes, makeConductor } from './conductor.ts';
import { readPresent } from './conductor-rows.ts';
import { execute, type RunnerParts } from './context.ts';
import type { Json, Takeover, WorkRuntime } from './contract.ts';
import { makeDatabaseWait } from './database-wait.ts';
import { makeDoor } from './door.ts';
import { makeEngine, migrateEngine, StopRun } from './engine.ts';
import { makeEars } from './ears.ts';
import type { OwnLease } from './lease.ts';
import { makeLimits } from './limits.ts';
import type { Probe } from './probe.ts';
import { keepPruning } from './prune.ts';
import { makeRegistry } from './registry.ts';
import { makeRoster } from './roster.ts';
import { makeRun, makeRuns, type Run } from './run.ts';

export interface WorkOptions {
  store: Store;
  /** 'conductor' (default) runs work; 'api' only enqueues, signals and looks. */
  role?: 'conductor' | 'api';
  /** This conductor's name; stable over restarts. */
  host: string;
  /** Conductor groups it serves. Default: the default group, ''. */
  groups?: readonly string[];
  /** Names of its hardware types, and anything else the API shows of it. */
  drivers?: readonly string[];
  info?: Json;
  /** Sizes of limits, per group, by name. Defaults: deploy 250, clean 50, others 100. */
  limits?: Readonly<Record<string, number>>;
  clock?: Clock;
  random?: Random;
  log?: Log;
  /** URL for the engine's own connections. Default: the store's. */
  systemDatabaseUrl?: string;
  /** Connections the engine opens beside the store's. Default 2. */
  engineConnections?: number;
  times?: Partial<LeaseTimes>;
  /** A workflow that loses its conductor more often than this in one step is parked. Default 5. */
  maxTakeovers?: number;
  /** Finished workflows are kept this long. Default two days. */
  keepFinishedMs?: number;
  pruneEveryMs?: number;
  /** Workflows at once in this process; those that wait count. Default 10,000. */
  maxRunning?: number;
  probe?: Probe;
}

const SETTLE_MS = 2_500;
const RESCAN_MS = 10_000;
const ROSTER_MS = 2_000;
const GIVE_BACK_MS = 1_000;
const GIVE_BACK_MAX_MS = 60_000;

/** Builds the room. Nothing runs and nothing is connected before `start`. One per process: the engine is global. */
export function createWork(options: WorkOptions): WorkRuntime {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const { store, probe } = options;
  const groups = options.groups ?? [''];
  const times = { ...defaultTimes, ...options.times };
  const url = options.systemDatabaseUrl ?? store.url;
  const isConductor = (options.role ?? 'conductor') === 'conductor';

  const registry = makeRegistry();
  const roster = makeRoster(times.leaseMs);
  const runs = makeRuns(clock);
  const databaseBack = makeDatabaseWait(store, clock);
  const takeovers = new Set<(event: Takeover) => void>();
  const closers: (() => void | Promise<void>)[] = [];
  const ended = new AbortController();
  const givenBack = new Map<string, number>();
  let draining = false;
  let state: 'new' | 'started' | 'stopped' = 'new';

  const engine = makeEngine({
    url,
    connections: options.engineConnections ?? 2,
    log,
    records: {
      store,
      isFirstRun: (id) => runs.get(id)?.facts.resumed === false,
      leaves: (id) => leavesSomething(runs.get(id)),
      completed(id, freed) {
        limits.freed(freed);
        const run = runs.get(id);
        if (run === undefined) return;
        runs.remove(run);
        if (freed === 'lost') return;
        givenBack.delete(id);
        probe?.passed(run.facts, 'completed');
      },
      unrecorded(id, error) {
        const run = runs.get(id);
        if (run === undefined) return;
        runs.remove(run);
        run.stop('engine', error);
      },
      databaseBack: () => databaseBack(ended.signal),
    },
  });
  const limits = makeLimits({ store, clock, log, sizes: options.limits ?? {}, started: () => announceQueue() });
  const announceQueue = () => store.changes.announce('work.queue', '*');

  const parts: RunnerParts = {
    store,
    clock,
    random: options.random ?? systemRandom,
    log,
    engine,
    probe,
    databaseBack,
    draining: () => draining,
    unstalled: ({ facts }) => {
      const text = 'update work_state set stalled = null where id = $1';
      store.query({ text, values: [facts.id] }).catch((error) => log.debug({ err: error }, 'a reason to wait stays'));
    },
  };

  /** A run stopped for a reason of this process alone: its work goes back to the queue after a while. */
  const onStop = (run: Run): void => {
    const stopped = run.stopped;
    const { id, workflow } = run.facts;
    if (stopped === undefined || (stopped.kind !== 'database' && stopped.kind !== 'engine')) return;
    const counted = stopped.kind === 'engine';
    const level = counted ? 'error' : 'warn';
    log[level]({ id, workflow, err: stopped.error }, 'a workflow stopped here; it is taken up again');
    const times = givenBack.get(id) ?? 0;
    if (counted) givenBack.set(id, times + 1);
    void (async () => {
      await clock.sleep(Math.min(GIVE_BACK_MAX_MS, GIVE_BACK_MS * 2 ** times), ended.signal);
      while (run.lease.held) {
        try {
          return await conductor.giveBack(
            [id],
            counted,
            counted ? (messageOf(stopped.error).split('\n')[0] ?? '') : null,
          );
        } catch {
          await databaseBack(ended.signal);
        }
      }
    })().catch(() => {});
  };

  const leavesSomething = (run: Run | undefined): boolean =>
    run === undefined || run.usedInbox || registry.hasLimit(run.facts.workflow);

  const begin = async (claim: Claim): Promise<void> => {
    const run = makeRun(claim.facts, claim.lease, onStop);
    runs.add(run);
    ears.claimed(run);
    probe?.passed(claim.facts, 'claimed');
    try {
      await engine.dispatch(claim);
    } catch (error) {
      runs.remove(run);
      run.stop('engine', error);
    }
  };

  const conductor = makeConductor({
    store,
    clock,
    log,
    host: options.host,
    groups,
    drivers: options.drivers ?? [],
    info: options.info ?? null,
    times,
    maxTakeovers: options.maxTakeovers ?? 5,
    roster,
    newId: newUuid,
    beatQuery: engine.query,
    workflows: registry.names,
    async lost(lease: OwnLease) {
      const old = runs.all().filter((run) => run.lease === lease);
      for (const run of old) run.stop('lease');
      if (!(await runs.settled(old, SETTLE_MS)))
        log.error({}, 'steps of a lost lease still run; their writes are refused');
    },
    began: () => claims.nudge(),
    tookOver(event) {
      for (const fn of takeovers) fn(event);
    },
  });
  const claims = makeClaims({
    store,
    clock,
    log,
    groups,
    workflows: registry.names,
    lease: () => conductor.lease,
    newToken: newUuid,
    room: () => (draining ? 0 : (options.maxRunning ?? 10_000) - runs.size),
    begin,
    busy: (id) => {
      const run = runs.get(id);
      return run !== undefined && !run.progressed && run.waiters.size === 0;
    },
  });
  const ears = makeEars({ store, log, runs, claiming: () => claims.busy, nudge: () => claims.nudge() });

  const refreshRoster = async (): Promise<void> => {
    try {
      roster.update(await readPresent(store));
    } catch (error) {
      log.debug({ err: error }, 'could not read the conductors');
    }
  };

  const startConductor = async (): Promise<void> => {
    for (const [name, workflow] of registry.all()) {
      engine.register(name, async (id, input) => {
        const run = runs.get(id);
        if (run === undefined) throw new StopRun();
        try {
          return (await execute(parts, run, workflow, input)) as unknown as Json;
        } catch (error) {
          runs.remove(run);
          throw error;
        }
      });
    }
    await engine.start();
    await limits.define(groups, registry.limits());
    await conductor.start();
    claims.start();
    limits.start();
    const keep = options.keepFinishedMs ?? 2 * 24 * 3_600_000;
    closers.push(keepPruning(store, clock, log, keep, options.pruneEveryMs ?? 600_000));
    closers.push(clock.every(RESCAN_MS, () => ears.rescan()));
  };

  const drain = async (timeoutMs: number): Promise<void> => {
    if (draining || !isConductor || state !== 'started') return;
    draining = true;
    await conductor
      .drain()
      .catch((error) => log.warn({ err: error }, 'could not tell others that this conductor drains'));
    await claims.stop();
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      // Who waits goes at once; a running step may finish, and its run stops where the next would begin.
      for (const run of runs.all()) if (run.waiters.size > 0) run.stop('drain');
      if (runs.all().every((run) => run.stopped !== undefined) || clock.monotonic() >= deadline) break;
      await clock.sleep(20);
    }
    const rest = runs.all();
    for (const run of rest) run.stop('drain');
    await runs.settled(rest, SETTLE_MS);
  };

  return {
    ...makeDoor({ store, registry, roster, limits, times, lease: () => conductor.lease }),
    register: (workflow) => registry.add(workflow),
    async start() {
      await migrateUnderLock(store, url, log);
      closers.push(ears.listen());
      closers.push(store.changes.subscribe('work.conductors', () => void refreshRoster()));
      await refreshRoster();
      if (isConductor) await startConductor();
      else closers.push(clock.every(ROSTER_MS, () => void refreshRoster()));
      state = 'started';
    },
    drain,
    async stop(stopOptions = {}) {
      if (state !== 'started') return;
      await drain(stopOptions.drainMs ?? 5_000);
      state = 'stopped';
      ended.abort(new Error('stopped'));
      for (const close of closers) await close();
      await limits.stop();
      if (!isConductor) return;
      await conductor
        .stop()
        .catch((error) => log.warn({ err: error }, 'could not hand work over: its lease has to run out'));
      await engine.stop();
    },
    get lease() {
      return conductor.lease;
    },
    onTakeover: (fn) => void takeovers.add(fn),
    counts: () => ({ running: runs.size, waiting: runs.waiting() }),
  };
}

/** The engine's tables, made by whoever comes first; the others wait. */
async function migrateUnderLock(store: Store, url: string, log: Log): Promise<void> {
  await store.tx(async (tx) => {
    await tx.query({ text: 'select pg_advisory_xact_lock(20)' });
    await migrateEngine(url, log);
  });
}
