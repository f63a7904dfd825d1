import type { Client } from 'undici';
import type { Clock } from '#kernel/clock';

/** A connection that answered so lately was not dropped silently: a write may go over it. Milliseconds. */
const ALIVE_MS = 2_000;
/** One that nothing went over for so long is closed; the session lasts. */
export const IDLE_MS = 8_000;

/** A connection for one request after the other. */
export interface Line {
  readonly client: Client;
  /** How often it answered. */
  readonly answers: number;
  /** The next request comes: `before` is called in the tick in which its bytes leave. */
  use(before: (() => void) | undefined): void;
}

interface Kept extends Line {
  answeredAt: number;
  stopClosing: () => void;
}

/**
 * The one connection that reads and writes go over as long as they come one after the other, which is how a machine is
 * driven. Whoever takes it has it alone. A write never gets one that was quiet for longer than a moment, nor one that did
 * not outlive an answer yet: some BMCs drop each connection after its answer without a word.
 */
export class Lines {
  readonly #clock: Clock;
  readonly #open: (connected: () => void) => Client;
  #kept: Kept | undefined;
  #taken = 0;
  /** A kept one was dropped: no write goes over a kept one any more. */
  #drops = false;

  /** `open` makes a client that calls `connected` in the tick in which its connection is there. */
  constructor(clock: Clock, open: (connected: () => void) => Client) {
    this.#clock = clock;
    this.#open = open;
  }

  /** For a write: one that is certainly there, else a new one. */
  forWrite(): Line {
    const kept = this.#take();
    if (kept === undefined) return this.#new();
    const alive = kept.answers > 1 && this.#clock.monotonic() - kept.answeredAt < ALIVE_MS;
    if (alive && !this.#drops) return kept;
    this.#taken--;
    void kept.client.destroy();
    return this.#new();
  }

  /** For a read: the kept one, or the first; undefined while another request has it. */
  forRead(): Line | undefined {
    const kept = this.#take();
    if (kept !== undefined) return kept;
    return this.#taken === 0 ? this.#new() : undefined;
  }

  /** It answered: the next request may have it. */
  keep(line: Line): void {
    this.#taken--;
    if (this.#kept !== undefined) {
      this.#kept.stopClosing();
      void this.#kept.client.destroy();
    }
    const kept: Kept = {
      client: line.client,
      use: line.use,
      answers: line.answers + 1,
      answeredAt: this.#clock.monotonic(),
      stopClosing: this.#clock.after(IDLE_MS, () => {
        if (this.#kept === kept) this.#kept = undefined;
        void kept.client.destroy();
      }),
    };
    this.#kept = kept;
  }

  /** It did not answer, or not as it should. */
  end(line: Line): void {
    this.#taken--;
    if (line.answers > 0) this.#drops = true;
    void line.client.destroy();
  }

  close(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.stopClosing();
    void kept?.client.destroy();
  }

  #take(): Kept | undefined {
    const kept = this.#kept;
    if (kept === undefined) return undefined;
    this.#kept = undefined;
    kept.stopClosing();
    if (kept.client.stats.connected !== true) {
      void kept.client.destroy();
      return undefined;
    }
    this.#taken++;
    return kept;
  }

  #new(): Line {
    this.#taken++;
    let beforeUse: (() => void) | undefined;
    let connecting = true;
    const client = this.#open(() => {
      connecting = false;
      beforeUse?.();
    });
    return {
      client,
      answers: 0,
      use(before) {
        beforeUse = before;
        // On a connection that stands the bytes leave in this very tick.
        if (!connecting) before?.();
      },
    };
  }
}
