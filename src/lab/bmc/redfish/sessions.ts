import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Account } from '../accounts.ts';
import { refuse } from '../refusal.ts';
import type { Traits } from '../traits.ts';

export interface Session {
  id: string;
  token: string;
  account: Account;
  createdAt: number;
  usedAt: number;
  address: string;
}

/** Redfish sessions of one BMC: few, and gone when unused for long or when the BMC restarts. */
export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #traits: () => Traits;
  readonly #sessions = new Map<string, Session>();
  #next = 1;
  /** The most there ever were at once. */
  peak = 0;

  constructor(clock: Clock, random: Random, traits: () => Traits) {
    this.#clock = clock;
    this.#random = random;
    this.#traits = traits;
  }

  /** Throws SessionLimitExceeded. */
  open(account: Account, address: string): Session {
    this.#expire();
    if (this.#sessions.size >= this.#traits().maxSessions) throw refuse('SessionLimitExceeded');
    const token = this.#random.bytes(24).toString('hex');
    const now = this.#clock.monotonic();
    const session = { id: String(this.#next++), token, account, createdAt: this.#clock.now(), usedAt: now, address };
    this.#sessions.set(token, session);
    this.peak = Math.max(this.peak, this.#sessions.size);
    return session;
  }

  /** The session of a token, now used; undefined when there is none. */
  use(token: string): Session | undefined {
    this.#expire();
    const session = this.#sessions.get(token);
    if (session !== undefined) session.usedAt = this.#clock.monotonic();
    return session?.account.enabled ? session : undefined;
  }

  list(): Session[] {
    this.#expire();
    return [...this.#sessions.values()];
  }

  byId(id: string): Session | undefined {
    return this.list().find((s) => s.id === id);
  }

  close(id: string): boolean {
    const session = this.byId(id);
    return session !== undefined && this.#sessions.delete(session.token);
  }

  clear(): void {
    this.#sessions.clear();
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - this.#traits().sessionSeconds * 1000;
    for (const [token, session] of this.#sessions) if (session.usedAt < oldest) this.#sessions.delete(token);
  }
}
