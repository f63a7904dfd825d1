import type { LeaseTimes } from './conductor.ts';

/** What a heartbeat showed of another conductor. */
export interface Seen {
  incarnation: string;
  beats: number;
  /** Milliseconds since its last heartbeat, on the database's clock. */
  age: number;
}

/**
 * Judges whether others are dead: their last beat is older than lease and margin, on the database's clock or in
 * our own sight. The database's clock alone does not decide: it may jump, and after the database was away
 * everybody looks dead. So one must also have missed beats while we were there to see it: at least two beats
 * of our own in a row, on time, that found its counter unchanged.
 */
export interface Watch {
  /** A heartbeat of ours was accepted at `now` (monotonic) and showed these. */
  saw(others: readonly Seen[], now: number): void;
  /** A heartbeat of ours failed, or a life began: what was seen before says nothing. */
  reset(): void;
  /** Whom to take over now, unless its beats have risen since. */
  dead(now: number): { incarnation: string; beats: number }[];
  /** Milliseconds until somebody may have to be taken over. */
  nextLook(now: number): number;
  /** We have watched long enough to judge. */
  settled(): boolean;
}

interface Record {
  beats: number;
  /** Beats of ours that found no new beat of it. */
  misses: number;
  age: number;
  at: number;
  /** When we first saw this count. */
  since: number;
}

const MISSES = 2;

export function makeWatch(times: LeaseTimes): Watch {
  let records = new Map<string, Record>();
  let last: number | undefined;
  let watched = 0;
  const after = times.leaseMs + times.marginMs;
  const ageOf = (record: Record, now: number) => Math.max(record.age + (now - record.at), now - record.since);
  const reset = () => {
    records = new Map();
    last = undefined;
    watched = 0;
  };
  return {
    saw(others, now) {
      // We were late ourselves: stopped, or blocked. The others may have been, too (one machine, one database).
      if (last !== undefined && now - last > times.beatMs * 2) reset();
      // A look between two beats is no new evidence.
      const counts = last === undefined || now - last >= times.beatMs * 0.9;
      if (counts) {
        last = now;
        watched++;
      }
      const next = new Map<string, Record>();
      for (const { incarnation, beats, age } of others) {
        const before = records.get(incarnation);
        const same = before !== undefined && before.beats === beats;
        const misses = same ? before.misses + (counts ? 1 : 0) : 0;
        next.set(incarnation, { beats, misses, age, at: now, since: same ? before.since : now });
      }
      records = next;
    },
    reset,
    dead(now) {
      return [...records]
        .filter(([, record]) => record.misses >= MISSES && ageOf(record, now) > after)
        .map(([incarnation, { beats }]) => ({ incarnation, beats }));
    },
    nextLook(now) {
      let soonest = Number.POSITIVE_INFINITY;
      for (const record of records.values()) {
        if (record.misses < MISSES) continue;
        soonest = Math.min(soonest, Math.max(20, after - ageOf(record, now) + 20));
      }
      return soonest;
    },
    settled: () => watched > MISSES,
  };
}
