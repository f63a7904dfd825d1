import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';

/** Who cannot be reached is being restarted or updated, or a switch on the way is: back in minutes. Milliseconds. */
const AWAY_MS = 10 * 60_000;
const PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 10_000;

/**
 * How often something is asked again in a row: a few times when the other side says no, for minutes when it is not there.
 * An image that was half written, or a disk that was half read, is not given up because the server was restarted.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #tries: number;
  #failures = 0;
  #since: number | undefined;

  constructor(clock: Clock, tries: number) {
    this.#clock = clock;
    this.#tries = tries;
  }

  /** Waits before the next attempt; throws `error` when there is none left. */
  async after(error: unknown, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    this.#since ??= now;
    this.#failures++;
    const isLeft = this.#failures < this.#tries || (isAway(error) && now - this.#since < AWAY_MS);
    if (!isLeft) throw error;
    await this.#clock.sleep(Math.min(PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS), signal);
  }
}

/** Did nobody answer, or a proxy for who is not there, or did the answer break off? */
function isAway(error: unknown): boolean {
  if (!(error instanceof IngotError)) return true;
  if (error.code !== 'RequestFailed') return false;
  const status = error.details?.['status'];
  return typeof status !== 'number' || status >= 500;
}
