import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store, Tx } from '#store/contract';
import type { Json, Takeover } from './contract.ts';
import { errors } from './errors.ts';
import { makeLease, type OwnLease } from './lease.ts';
import { isProvablyDead, ownIdentity, type ProcessIdentity } from './process-identity.ts';
import type { Present, Roster } from './roster.ts';
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

const PRESENT = `incarnation::text, host, groups, workflows, state, beats::float8,
  (extract(epoch from clock_timestamp() - beat_at) * 1000)::float8 as age`;

const BEAT = `
with beat as (
  update conductors set beats = beats + 1, beat_at = clock_timestamp()
  where incarnation = $1 and state <> 'gone' returning 1
)
select ${PRESENT}, exists (select 1 from beat) as mine from conductors where state <> 'gone'`;

/** Everybody present, as `Present`. */
export const ROSTER = `select ${PRESENT} from conductors where state <> 'gone'`;

/** A beat that was not answered in this part of the lease counts as failed. */
const ANSWER_PART = 2;
/** Heartbeats between looks for work whose executor is unknown or gone. */
const ORPHANS_EVERY = 5;

export function makeConductor(parts: ConductorParts): Conductor {
  const { store, clock, log, times } = parts;
  const identity = ownIdentity();
  const watch = makeWatch(times);
  let lease = makeLease(clock, parts.host, parts.newId(), times.leaseMs);
  lease.revoke('it is not registered yet');
  let stopping = false;
  let loop: Promise<void> = Promise.resolve();
  let beats = 0;
  let databaseFailed = false;
  const end = new AbortController();

  const reclaim = (tx: Tx, executor: string, ids: string[] | null, counted: boolean) =>
    reclaimIn(tx, executor, ids, counted, parts.maxTakeovers);

  const register = async (previous: string | undefined, counted: boolean): Promise<void> => {
    const next = makeLease(clock, parts.host, parts.newId(), times.leaseMs);
    const sent = { monotonic: clock.monotonic(), wall: clock.now() };
    await store.tx(async (tx) => {
      if (previous !== undefined) {
        await reclaim(tx, previous, null, counted);
        await tx.query({ text: `update conductors set state = 'gone' where incarnation = $1`, values: [previous] });
      }
      await tx.query({
        text: `insert into conductors (incarnation, host, boot_id, pid_namespace, pid, started_ticks, groups, drivers, info, workflows)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        values: [
          next.incarnation,
          parts.host,
          identity.bootId,
          identity.pidNamespace,
          identity.pid,
          identity.startedTicks,
          [...parts.groups],
          [...parts.drivers],
          JSON.stringify(parts.info),
          parts.workflows(),
        ],
      });
      tx.changed('work.conductors', parts.host);
    });
    lease = next;
    lease.renew(sent);
    watch.reset();
    log.info({ host: parts.host, incarnation: lease.incarnation }, 'this conductor is registered');
  };

  /** One heartbeat. Throws when the database did not take it in time. */
  const beat = async (): Promise<void> => {
    const sent = { monotonic: clock.monotonic(), wall: clock.now() };
    const own = lease;
    const asked = store.query<Present & { mine: boolean }>({
      name: 'work.beat',
      text: BEAT,
      values: [own.incarnation],
    });
    asked.catch(() => {});
    const late = new AbortController();
    const rows = await Promise.race([
      asked,
      clock.sleep(times.leaseMs / ANSWER_PART, late.signal).then(() => {
        throw errors.LeaseLost('a heartbeat was not answered in time');
      }),
    ]).finally(() => late.abort());
    if (rows[0]?.mine !== true) {
      own.revoke('another conductor took its work over');
      return;
    }
    own.renew(sent);
    // What we know of ourselves is newer than the row the statement saw.
    for (const row of rows) if (row.incarnation === own.incarnation) row.age = 0;
    parts.roster.update(rows);
    watch.saw(
      rows.filter((row) => row.incarnation !== own.incarnation),
      clock.monotonic(),
    );
    databaseFailed = false;
  };

  const takeOver = async (dead: string, proven: boolean): Promise<void> => {
    const after = times.leaseMs + times.marginMs;
    const event = await store.tx(async (tx) => {
      const rows = await tx.query<{ host: string }>({
        text: `select host from conductors where incarnation = $1 and state <> 'gone'
          and ($2 or beat_at < clock_timestamp() - $3 * interval '1 millisecond') for update skip locked`,
        values: [dead, proven, after],
      });
      const host = rows[0]?.host;
      if (host === undefined) return undefined;
      const workflows = await reclaim(tx, dead, null, true);
      await tx.query({ text: `update conductors set state = 'gone' where incarnation = $1`, values: [dead] });
      if (!proven) lease.assertHeld();
      tx.changed('work.conductors', host);
      return { host, incarnation: dead, workflows };
    });
    if (event === undefined) return;
    log.warn({ host: event.host, incarnation: dead, workflows: event.workflows.length }, 'took over a dead conductor');
    parts.tookOver(event);
  };

  /** Work of executors nobody knows: of an imported database, or claimed by a life as it ended. */
  const adoptOrphans = async (): Promise<void> => {
    const rows = await store.query<{ executor_id: string }>({
      name: 'work.orphans',
      text: `select distinct executor_id from dbos.workflow_status s where status = 'PENDING' and not exists
        (select 1 from conductors c where c.incarnation::text = s.executor_id and c.state <> 'gone')`,
    });
    for (const { executor_id: executor } of rows) {
      if (executor === lease.incarnation) continue;
      const workflows = await store.tx((tx) => reclaim(tx, executor, null, true));
      log.warn({ executor, workflows: workflows.length }, 'took over work of an unknown conductor');
      parts.tookOver({ host: '', incarnation: executor, workflows });
    }
  };

  const chores = async (): Promise<void> => {
    try {
      for (const dead of watch.dead(clock.monotonic())) await takeOver(dead, false);
      if (++beats % ORPHANS_EVERY === 1 && watch.settled()) await adoptOrphans();
    } catch (error) {
      log.debug({ err: error }, 'could not take over');
    }
  };

  const live = async (): Promise<void> => {
    while (!stopping) {
      try {
        if (!lease.held) await relive();
        await beat();
        if (!lease.held) continue;
        await chores();
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

  const watchdog = (): (() => void) =>
    clock.every(Math.max(50, times.beatMs / 8), () => {
      if (!lease.held && !stopping) void parts.lost(lease);
    });

  let cancelWatchdog = () => {};
  return {
    get lease() {
      return lease;
    },
    async start() {
      for (const dead of await provablyDead(store, parts.host)) await takeOver(dead, true);
      await register(undefined, false);
      parts.began(lease);
      cancelWatchdog = watchdog();
      loop = live();
    },
    async drain() {
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
      const own = lease.incarnation;
      lease.revoke('it is stopping');
      await store.tx(async (tx) => {
        await reclaim(tx, own, null, false);
        await tx.query({ text: `update conductors set state = 'gone' where incarnation = $1`, values: [own] });
        tx.changed('work.conductors', parts.host);
      });
    },
    async giveBack(ids, counted, why) {
      await store.tx(async (tx) => {
        if (why !== null) {
          await tx.query({
            text: `insert into work_state (id, stalled) select unnest($1::text[]), $2
              on conflict (id) do update set stalled = excluded.stalled`,
            values: [ids, why],
          });
        }
        await reclaim(tx, lease.incarnation, ids, counted);
      });
    },
  };
}

/** Lives of this host that certainly ended: kill -9 and start again need not wait for a lease. */
async function provablyDead(store: Store, host: string): Promise<string[]> {
  const rows = await store.query<ProcessRow>({
    text: `select incarnation::text, boot_id, pid_namespace, pid, started_ticks from conductors
      where host = $1 and state <> 'gone'`,
    values: [host],
  });
  return rows.filter((row) => isProvablyDead(identityOf(row))).map((row) => row.incarnation);
}

interface ProcessRow {
  incarnation: string;
  boot_id: string;
  pid_namespace: string;
  pid: number;
  started_ticks: string;
}

function identityOf(row: ProcessRow): ProcessIdentity {
  return { bootId: row.boot_id, pidNamespace: row.pid_namespace, pid: row.pid, startedTicks: row.started_ticks };
}

async function reclaimIn(
  tx: Tx,
  executor: string,
  ids: string[] | null,
  counted: boolean,
  max: number,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>({
    text: 'select id, parked from work_reclaim($1, $2, $3, $4)',
    values: [executor, ids, counted, max],
  });
  if (rows.length > 0) tx.changed('work.queue', '*');
  return rows.map((row) => row.id);
}
