import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';
import type { AgentLog } from './log.ts';

export interface HeartOptions {
  clock: Clock;
  random: Random;
  log: AgentLog;
  /** How long a conductor waits for a heartbeat. */
  timeoutMs(): number;
  beat(): Promise<void>;
}

/** Least time between two heartbeats that nothing happened between. */
const LEAST = 5000;

/** Beats at 0.3 to 0.6 of the time-out, at once when asked, and soon again after one that was not heard. */
export class Heart {
  readonly #options: HeartOptions;
  #wake = new AbortController();
  #failures = 0;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  /** Something happened: beat now. */
  now(): void {
    this.#wake.abort();
  }

  /** Beats until `signal` says stop. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const wait = await this.#once();
      try {
        await this.#options.clock.sleep(wait, AbortSignal.any([signal, this.#wake.signal]));
      } catch {
        // Woken: to beat, or to end.
      }
    }
  }

  /** One heartbeat; gives the milliseconds until the next. */
  async #once(): Promise<number> {
    const { beat, log, random, timeoutMs } = this.#options;
    try {
      await beat();
      if (this.#failures > 0) log.info('heard again', { after: this.#failures });
      this.#failures = 0;
      return Math.max(LEAST, timeoutMs() * (0.3 + random.next() * 0.3));
    } catch (error) {
      this.#failures++;
      const locked = error instanceof IngotError && error.details?.['status'] === 409;
      log.warn('a heartbeat was not heard', { error: messageOf(error), failures: this.#failures });
      // A locked node is a matter of moments; an API that is gone is asked less often as time goes.
      return locked ? LEAST : LEAST * Math.min(1 + this.#failures / 4, 4) * (1 + random.next());
    }
  }
}
