import type { Clock } from '#kernel/clock';
import type { ConductorLease } from './contract.ts';
import { errors } from './errors.ts';

export interface OwnLease extends ConductorLease {
  /** A heartbeat that was sent at these times was accepted. Does nothing once the lease was lost. */
  renew(sent: { monotonic: number; wall: number }): void;
  /** Ends it for good. */
  revoke(why: string): void;
  /** Milliseconds left; 0 or less when lost. */
  left(): number;
}

/**
 * One life's lease. It counts from BEFORE a heartbeat was sent, so it always ends earlier than the database,
 * which counts from when it stored the beat, lets others take over. Lost once is lost for ever: the next life
 * has a lease of its own, and what still runs for the old one keeps failing.
 */
export function makeLease(clock: Clock, host: string, incarnation: string, leaseMs: number): OwnLease {
  let until = Number.NEGATIVE_INFINITY;
  // A suspended laptop stops the monotonic clock but not the database's. The wall clock shows the gap; a wall
  // clock that jumps ahead by itself costs a re-registration, which is the safe side.
  let untilWall = Number.NEGATIVE_INFINITY;
  let lost: string | undefined;
  const left = () =>
    lost === undefined ? Math.min(until - clock.monotonic(), untilWall - clock.now()) : Number.NEGATIVE_INFINITY;
  const check = (): string | undefined => {
    if (lost === undefined && left() <= 0) lost = `its last heartbeat is older than ${leaseMs} ms`;
    return lost;
  };
  return {
    host,
    incarnation,
    get held() {
      return check() === undefined;
    },
    assertHeld() {
      const why = check();
      if (why !== undefined) throw errors.LeaseLost(why);
    },
    renew(sent) {
      // The first beat finds the lease empty, later ones must not revive one that ended in between.
      if (lost !== undefined || (until !== Number.NEGATIVE_INFINITY && check() !== undefined)) return;
      until = Math.max(until, sent.monotonic + leaseMs);
      untilWall = sent.wall + leaseMs;
    },
    revoke(why) {
      lost ??= why;
    },
    left,
  };
}
