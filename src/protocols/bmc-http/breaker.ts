import type { Clock } from '#kernel/clock';

/**
 * Leaves a BMC alone that does not answer: after `failures` in a row nothing is sent for `restMs`, then one request
 * tries. Only what happens below HTTP counts; a BMC that says no is there.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #failures: number;
  readonly #restMs: number;
  #inRow = 0;
  #restUntil = Number.NEGATIVE_INFINITY;
  #trying = false;

  constructor(clock: Clock, failures: number, restMs: number) {
    this.#clock = clock;
    this.#failures = failures;
    this.#restMs = restMs;
  }

  /** May a request go out now? The caller tells `ended` how it went. */
  mayTry(): boolean {
    if (this.#inRow < this.#failures) return true;
    if (this.#trying || this.#clock.monotonic() < this.#restUntil) return false;
    this.#trying = true;
    return true;
  }

  /** Milliseconds until it makes sense to ask again. */
  get restMs(): number {
    return Math.max(0, this.#restUntil - this.#clock.monotonic());
  }

  /** `unknown`: it was given up before anybody could tell. */
  ended(how: 'answered' | 'failed' | 'unknown'): void {
    this.#trying = false;
    if (how === 'unknown') return;
    if (how === 'answered') {
      this.#inRow = 0;
      return;
    }
    this.#inRow++;
    if (this.#inRow >= this.#failures) this.#restUntil = this.#clock.monotonic() + this.#restMs;
  }
}
