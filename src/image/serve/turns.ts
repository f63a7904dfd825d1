import type { Clock } from '#kernel/clock';
import { errors } from '../errors.ts';

/** Lets `limit` senders run at once; others wait in line, for a while. */
export class Turns {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #line: (() => void)[] = [];
  #running = 0;

  constructor(limit: number, clock: Clock, waitMs: number) {
    this.#limit = limit;
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  /** Resolves when it is one's turn, with what ends it. Throws `ImageBusy` after a while, or when nobody listens. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#running >= this.#limit) await this.#wait(signal);
    this.#running += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#running -= 1;
      this.#line.shift()?.();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        cancel();
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        cancel();
        const at = this.#line.indexOf(go);
        if (at >= 0) this.#line.splice(at, 1);
        reject(errors.ImageBusy({ retryAfter: 1 }));
      };
      const cancel = this.#clock.after(this.#waitMs, leave);
      signal.addEventListener('abort', leave, { once: true });
      this.#line.push(go);
    });
  }
}
