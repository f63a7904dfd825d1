import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import {
  type BeatQuery,
  insertConductor,
  lockDead,
  markGone,
  markStalled,
  orphanExecutors,
  provablyDead,
  reclaimWork,
  storeBeat,
} from './conductor-rows.ts';
import type { Json, Takeover } from './contract.ts';
import { errors } from './errors.ts';
import { makeLease, type OwnLease } from './lease.ts';
import type { Roster } from './roster.ts';
import { makeWatch } from './watch.ts';

/** Times of heartbeats and leases, in milliseconds. All conductors of an installation must have the same. */
export interface LeaseTimes {
  beatMs: number;
  leaseMs: number;
  /** Between the end of a lease and the takeover. */
  marginMs: number;
}

/** Dead conductors are taken over 7 s after their last heartbeat. */
export const defaultTimes: LeaseTimes = { beatMs: 2_000, leaseMs: 6_000, marginMs: 1_000 };

export interface ConductorParts {
  store: Store;
  clock: Clock;
  log: Log;
  host: string;
  groups: readonly string[];
  drivers: readonly string[];
  info: Json;
  times: LeaseTimes;
  maxTakeovers: number;
  roster: Roster;
  newId(): string;
  /** Asks the database on a connection of its own. */
  beatQuery: BeatQuery;
  workflows(): string[];
  /** This life ended: stop what runs under it. Resolves when nothing of it runs any more. */
  lost(lease: OwnLease): Promise<void>;
  /** A life began: take work. */
  began(lease: OwnLease): void;
  tookOver(event: Takeover): void;
}

export interface Conductor {
  start(): Promise<void>;
  readonly lease: OwnLease;
  /** Takes no more work; others see it. */
  drain(): Promise<void>;
  /** Ends the life: what it still holds goes back to its queues. */
  stop(): Promise<void>;
  /** Puts single workflows of ours back in the queue: they stopped here for a passing reason. */
  giveBack(ids: string[], counted: boolean, why: string | null): Promise<void>;
}

/** A beat that was not answered in this part of the lease counts as failed. */
const ANSWER_PART = 2;
/** Heartbeats between looks for work whose executor is unknown or gone. */
const ORPHANS_EVERY = 5;

export function makeConductor(parts: ConductorParts): Conductor {
  const { store, clock, log, times } = parts;
  const watch = makeWatch(times);
  let lease = makeLease(clock, parts.host, parts.newId(), times.leaseMs);
  lease.revoke('it is not registered yet');
  let stopping = false;
  let draining = false;
  let loop: Promise<void> = Promise.resolve();
  let beats = 0;
  let databaseFailed = false;
  const end = new AbortController();

  const { maxTakeovers: max } = parts;

  const register = async (previous: string | undefined, counted: boolean): Promise<void> => {
    const next = makeLease(clock, parts.host, parts.newId(), times.leaseMs);
    const sent = { monotonic: clock.monotonic(), wall: clock.now() };
    const workflows = parts.workflows();
    await store.tx(async (tx) => {
      if (previous !== undefined) {
        await reclaimWork(tx, { executor: previous, counted, max });
        await markGone(tx, previous, parts.host);
      }
      await insertConductor(tx, { ...parts, incarnation: next.incarnation, workflows });
    });
    lease = next;
    lease.renew(sent);
    armWatchdog();
    watch.reset();
    log.info({ host: parts.host, incarnation: lease.incarnation }, 'this conductor is registered');
  };

  /** One heartbeat. Throws when the database did not take it in time. */
  const beat = async (): Promise<void> => {
    const sent = { monotonic: clock.monotonic(), wall: clock.now() };
    const own = lease;
    const asked = storeBeat(parts.beatQuery, own.incarnation);
    asked.catch(() => {});
    const late = new AbortController();
    const present = await Promise.race([
      asked,
      clock.sleep(times.leaseMs / ANSWER_PART, late.signal).then(() => {
        throw errors.LeaseLost('a heartbeat was not answered in time');
      }),
    ]).finally(() => late.abort());
    if (present === undefined) {
      own.revoke('another conductor took its work over');
      return;
    }
    own.renew(sent);
    armWatchdog();
    parts.roster.update(present);
    const others = present.filter((one) => one.incarnation !== own.incarnation);
    watch.saw(others, clock.monotonic());
    databaseFailed = false;
  };

  /** `beats`: its count, which we found unchanged; null when it is proven dead. */
  const takeOver = async (dead: string, beats: number | null): Promise<void> => {
    const event = await store.tx(async (tx) => {
      const host = await lockDead(tx, dead, beats);
      if (host === undefined) return undefined;
      const workflows = await reclaimWork(tx, { executor: dead, counted: true, max });
      await markGone(tx, dead, host);
      if (beats !== null) lease.assertHeld();
      return { host, incarnation: dead, workflows };
    });
    if (event === undefined) return;
    log.warn({ host: event.host, incarnation: dead, workflows: event.workflows.length }, 'took over a dead conductor');
    parts.tookOver(event);
  };

  /** Work of executors nobody knows: of an imported database, or claimed by a life as it ended. */
  const adoptOrphans = async (): Promise<void> => {
    for (const executor of await orphanExecutors(store)) {
      if (executor === lease.incarnation) continue;
      const workflows = await store.tx((tx) => reclaimWork(tx, { executor, counted: true, max }));
      log.warn({ executor, workflows: workflows.length }, 'took over work of an unknown conductor');
      parts.tookOver({ host: '', incarnation: executor, workflows });
    }
  };

  let choring: Promise<void> | undefined;
  /** Beside the heartbeats: they must not wait for connections that others have. */
  const chores = (): void => {
    choring ??= lookAround().finally(() => {
      choring = undefined;
    });
  };
  const lookAround = async (): Promise<void> => {
    try {
      for (const dead of watch.dead(clock.monotonic())) await takeOver(dead.incarnation, dead.beats);
      if (++beats % ORPHANS_EVERY === 1 && watch.settled()) await adoptOrphans();
    } catch (error) {
      log.debug({ err: error }, 'could not take over');
    }
  };

  const live = async (): Promise<void> => {
    while (!stopping) {
      try {
        if (!lease.held && draining) return;
        if (!lease.held) await relive();
        await beat();
        if (!lease.held) continue;
        chores();
        await clock.sleep(Math.min(times.beatMs, watch.nextLook(clock.monotonic())), end.signal);
      } catch (error) {
        if (stopping) return;
        databaseFailed = true;
        watch.reset();
        log.debug({ err: error }, 'a heartbeat failed');
        await clock.sleep(Math.min(250, times.beatMs), end.signal).catch(() => {});
      }
    }
  };

  /** The lease ended while we live: the database was away, or we stood still. Begin a new life. */
  const relive = async (): Promise<void> => {
    const old = lease;
    old.revoke('its heartbeats stopped');
    const stall = !databaseFailed;
    log.warn({ incarnation: old.incarnation, stall }, 'this conductor lost its lease and begins anew');
    await parts.lost(old);
    // A process that stands still again and again may do so because of its work: that counts.
    await register(old.incarnation, stall);
    parts.began(lease);
  };

  // Steps that run do not ask every moment whether they may: tell them as soon as the lease has ended.
  let cancelWatchdog = () => {};
  const armWatchdog = (): void => {
    cancelWatchdog();
    const own = lease;
    cancelWatchdog = clock.after(Math.max(0, own.left()) + 1, () => {
      if (stopping || own !== lease) return;
      if (own.held) armWatchdog();
      else void parts.lost(own);
    });
  };

  return {
    get lease() {
      return lease;
    },
    async start() {
      for (const dead of await provablyDead(store, parts.host)) await takeOver(dead, null);
      await register(undefined, false);
      parts.began(lease);
      loop = live();
    },
    async drain() {
      draining = true;
      await store.query({
        text: `update conductors set state = 'draining' where incarnation = $1 and state = 'up'`,
        values: [lease.incarnation],
      });
      store.changes.announce('work.conductors', parts.host);
    },
    async stop() {
      stopping = true;
      cancelWatchdog();
      end.abort(new Error('stopped'));
      await loop;
      await choring;
      const own = lease.incarnation;
      lease.revoke('it is stopping');
      await store.tx(async (tx) => {
        await reclaimWork(tx, { executor: own, counted: false, max });
        await markGone(tx, own, parts.host);
      });
    },
    async giveBack(ids, counted, why) {
      await store.tx(async (tx) => {
        if (why !== null) await markStalled(tx, ids, why);
        await reclaimWork(tx, { executor: lease.incarnation, ids, counted, max });
      });
    },
  };
}
