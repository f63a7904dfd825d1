import type { Clock } from '#kernel/clock';
import type { SwitchDriver, SwitchSession, SwitchTarget } from './drivers/contract.ts';

/** The connection to one switch: opened when needed, kept while it is used, closed when idle. */
export class SwitchConnection {
  readonly #driver: SwitchDriver;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onChange: () => void;
  #session: SwitchSession | undefined;
  #cancelIdle: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #facts = '';

  constructor(driver: SwitchDriver, clock: Clock, idleMs: number, onChange: () => void) {
    this.#driver = driver;
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onChange = onChange;
  }

  /** `facts`: another text means that the target is another, and what is open is closed. Throws what opening throws. */
  async session(target: SwitchTarget, facts: string, signal: AbortSignal): Promise<SwitchSession> {
    this.#cancelIdle?.();
    if (this.#session !== undefined && (this.#session.closed || facts !== this.#facts)) await this.close();
    if (this.#session === undefined) {
      this.#session = await this.#driver.open(target, signal);
      this.#facts = facts;
      this.#stopListening = this.#session.onChange?.(this.#onChange);
    }
    return this.#session;
  }

  /** Nobody uses it for now. Who tells us of changes is listened to for ever, others are left after a while. */
  rest(): void {
    this.#cancelIdle?.();
    if (this.#session === undefined || this.#session.onChange !== undefined) return;
    this.#cancelIdle = this.#clock.after(this.#idleMs, () => void this.close().catch(() => {}));
  }

  async close(): Promise<void> {
    this.#cancelIdle?.();
    this.#stopListening?.();
    const session = this.#session;
    this.#session = undefined;
    this.#facts = '';
    await session?.close();
  }
}
