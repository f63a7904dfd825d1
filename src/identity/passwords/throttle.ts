import type { Clock } from '#kernel/clock';
import { errors } from '../errors.ts';
import { Lru } from '../lru.ts';

export interface ThrottleOptions {
  /** Failures of one user from one source before it must wait. Default 5. */
  attempts?: number;
  /** First wait in milliseconds; doubles with each further failure. Default 1,000. */
  firstWaitMs?: number;
  /** Longest wait. Default 15 minutes. */
  longestWaitMs?: number;
  /** A source or user without failures for this long starts anew. Default 15 minutes. */
  forgetMs?: number;
  /** Failures from one source, over all users, within `forgetMs`; then only users who logged in from there may. Default 100. */
  perSource?: number;
  /** Failures of one user from sources that never logged in as it, within `forgetMs`. Default 200. */
  perUser?: number;
}

interface Count {
  failures: number;
  last: number;
  until: number;
}

/**
 * Slows down guessing. Counted per (source, user), so that nobody can lock an account out for its owner: a
 * source that has logged in as the user is not touched by what others do. Counts live in this process; the
 * same answer is given for users that do not exist.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #options: Required<ThrottleOptions>;
  readonly #pairs = new Lru<Count>(20_000);
  readonly #sources = new Lru<Count>(20_000);
  readonly #users = new Lru<Count>(20_000);
  readonly #familiar = new Lru<true>(20_000);

  constructor(clock: Clock, options: ThrottleOptions = {}) {
    this.#clock = clock;
    this.#options = {
      attempts: options.attempts ?? 5,
      firstWaitMs: options.firstWaitMs ?? 1_000,
      longestWaitMs: options.longestWaitMs ?? 900_000,
      forgetMs: options.forgetMs ?? 900_000,
      perSource: options.perSource ?? 100,
      perUser: options.perUser ?? 200,
    };
  }

  /**
   * Call before a password is looked at. Counts the attempt as failed at once, so that a hundred in parallel
   * are no way round; `succeeded` takes it back. Throws `TooManyLogins` (429) with the seconds to wait.
   */
  begin(source: string, user: string): void {
    const now = this.#clock.monotonic();
    const pair = `${source}\n${user}`;
    const familiar = this.#familiar.peek(pair) !== undefined;
    const until = Math.max(
      this.#live(this.#pairs, pair, now)?.until ?? 0,
      familiar ? 0 : this.#full(this.#sources, source, this.#options.perSource, now),
      familiar ? 0 : this.#full(this.#users, user, this.#options.perUser, now),
    );
    if (until > now) throw errors.TooManyLogins({ retryAfter: Math.ceil((until - now) / 1000) });
    const { attempts, firstWaitMs, longestWaitMs } = this.#options;
    const count = this.#add(this.#pairs, pair, now);
    if (count.failures >= attempts) {
      count.until = now + Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(20, count.failures - attempts));
    }
    this.#add(this.#sources, source, now);
    if (!familiar) this.#add(this.#users, user, now);
  }

  /** The password was right. */
  succeeded(source: string, user: string): void {
    const pair = `${source}\n${user}`;
    this.#pairs.delete(pair);
    this.#takeBack(this.#sources, source);
    if (this.#familiar.peek(pair) === undefined) this.#takeBack(this.#users, user);
    this.#familiar.set(pair, true);
  }

  /** The attempt was not about the password after all (the service was too busy): forget it. */
  undecided(source: string, user: string): void {
    const pair = `${source}\n${user}`;
    this.#takeBack(this.#pairs, pair);
    this.#takeBack(this.#sources, source);
    if (this.#familiar.peek(pair) === undefined) this.#takeBack(this.#users, user);
  }

  #live(counts: Lru<Count>, key: string, now: number): Count | undefined {
    const count = counts.get(key);
    return count !== undefined && now - count.last > this.#options.forgetMs && count.until <= now ? undefined : count;
  }

  #full(counts: Lru<Count>, key: string, limit: number, now: number): number {
    const count = this.#live(counts, key, now);
    return count !== undefined && count.failures >= limit ? count.last + this.#options.forgetMs : 0;
  }

  #add(counts: Lru<Count>, key: string, now: number): Count {
    const count = this.#live(counts, key, now) ?? { failures: 0, last: now, until: 0 };
    count.failures++;
    count.last = now;
    counts.set(key, count);
    return count;
  }

  #takeBack(counts: Lru<Count>, key: string): void {
    const count = counts.peek(key);
    if (count === undefined) return;
    count.failures--;
    count.until = 0;
    if (count.failures <= 0) counts.delete(key);
  }
}
