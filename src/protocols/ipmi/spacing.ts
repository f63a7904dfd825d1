import type { Clock } from '#kernel/clock';

/** Pauses after a BMC said that it is busy: the first, and the longest (Ironic recommends 5 s between commands). */
const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** So many commands in a row that were refused as busy at first and taken after a pause: it wants the pause. */
const TIMES = 3;
/** For so long it is believed to want it. Milliseconds. */
const BELIEVED_MS = 10 * 60_000;

/**
 * How far apart the commands to one BMC are. One that says it is busy is given a pause, each time a longer one: some
 * count a command that came too soon as one more, and would never take any. One that does so each time gets that
 * pause before each command.
 */
export class Spacing {
  readonly #clock: Clock;
  readonly #leastMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #pauseMs = 0;
  #times = 0;
  #learnt = { ms: 0, at: Number.NEGATIVE_INFINITY };

  constructor(clock: Clock, leastMs: number) {
    this.#clock = clock;
    this.#leastMs = leastMs;
  }

  /** The pause this BMC was found to want; 0: none. */
  get learntMs(): number {
    return this.#clock.monotonic() - this.#learnt.at < BELIEVED_MS ? this.#learnt.ms : 0;
  }

  /** Waits until a command may be sent. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    const ms = this.#lastAt + this.#intervalMs - this.#clock.monotonic();
    if (ms > 0) await this.#clock.sleep(ms, signal);
  }

  /** A command was sent just now. */
  sent(): void {
    this.#lastAt = this.#clock.monotonic();
  }

  /** It was refused as busy: the next one comes later. */
  busy(): void {
    this.#pauseMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, 2 * this.#intervalMs));
  }

  /** A command was carried out. */
  taken(): void {
    if (this.#pauseMs === 0) {
      // one that keeps the pause proves nothing against it
      if (this.learntMs === 0) this.#times = 0;
      return;
    }
    this.#times++;
    if (this.#times >= TIMES) this.#learnt = { ms: this.#pauseMs, at: this.#clock.monotonic() };
    this.#pauseMs = 0;
  }

  get #intervalMs(): number {
    return Math.max(this.#leastMs, this.learntMs, this.#pauseMs);
  }
}
