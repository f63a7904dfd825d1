import type { SerialLine } from '#contracts/console';
import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';

/** Pauses before connecting again: doubled from the first to the longest, each with some chance in it. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** Who was refused (a wrong password, a changed host key) tries seldom: BMCs lock accounts. */
const REFUSED_PAUSE_MS = 600_000;
const REFUSED = new Set(['SerialRefused', 'SerialAbsent', 'HostKeyChanged', 'BmcLoginRefused', 'IpmiLoginRefused']);
/** A line that lasted so long was good: the next pause is the first again. */
const GOOD_MS = 20_000;

/** How many connect at once in this process: a rack that comes back must not start hundreds of programs together. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isGiven = false;
    const give = () => {
      if (isGiven) return;
      isGiven = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
    if (signal.aborted) {
      give();
      signal.throwIfAborted();
    }
    return give;
  }
}

export interface ConnectorParts {
  clock: Clock;
  random: Random;
  slots: Slots;
  /** Opens the line. */
  open(signal: AbortSignal): Promise<SerialLine>;
  /** Told of each change; `lost` with a reason, `failed` at the first attempt that fails in a row. */
  opened(line: SerialLine, awayMs: number | null): void;
  lost(why: string): void;
  failed(why: string): void;
}

/** Keeps one serial line connected until it is stopped. At most one connection at a time. */
export class Connector {
  readonly #parts: ConnectorParts;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #line: SerialLine | undefined;
  #hurry: () => void = () => {};

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
    this.#ended = this.#run();
  }

  get line(): SerialLine | undefined {
    return this.#line;
  }

  /** Something of the node changed: what was refused before may work now. */
  hurry(): void {
    this.#hurry();
  }

  /** Closes the line; resolves when it is closed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#line?.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#parts;
    const { signal } = this.#stop;
    let pause = FIRST_PAUSE_MS;
    let awaySince: number | null = null;
    let told = false;
    while (!signal.aborted) {
      let least = 0;
      const began = clock.monotonic();
      try {
        const line = await this.#open(signal);
        this.#line = line;
        if (signal.aborted) line.close();
        told = false;
        this.#parts.opened(line, awaySince === null ? null : clock.monotonic() - awaySince);
        const why = await line.closed;
        this.#line = undefined;
        awaySince = clock.monotonic();
        if (signal.aborted) return;
        this.#parts.lost(why);
        if (clock.monotonic() - began > GOOD_MS) pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (signal.aborted) return;
        if (!told) this.#parts.failed(messageOf(error));
        told = true;
        if (error instanceof IngotError && REFUSED.has(error.code)) least = REFUSED_PAUSE_MS;
      }
      await this.#pause(Math.max(least, pause * (0.75 + random.next() / 2)), least > 0, signal);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }
  }

  async #pause(ms: number, mayHurry: boolean, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    if (mayHurry) this.#hurry = () => awake.abort();
    await this.#parts.clock.sleep(ms, AbortSignal.any([signal, awake.signal])).catch(() => {});
    this.#hurry = () => {};
  }

  async #open(signal: AbortSignal): Promise<SerialLine> {
    const give = await this.#parts.slots.take(signal);
    try {
      return await this.#parts.open(signal);
    } finally {
      give();
    }
  }
}
