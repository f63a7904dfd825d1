import type { Clock } from '#kernel/clock';
import { SdkError } from '#sdk/errors';
import { harmless } from '../output/cell.ts';
import { UsageError, WaitError } from './context.ts';

interface Line {
  state: string;
  step: string;
}

const FRAME_MS = 200;
const WHEEL = '|/-\\';

/** Seconds of `--wait`: 0 without a number means no end; undefined when not asked to wait. */
export function waitSeconds(option: unknown): number | undefined {
  if (option === undefined) return undefined;
  if (option === true) return 0;
  if (!/^\d{1,9}$/.test(String(option))) throw new UsageError(`--wait takes seconds, not "${String(option)}".`);
  return Number(option);
}

/**
 * Shows how far those are who are waited for, on standard error: one line each that is written over on a terminal;
 * elsewhere a line whenever something changes.
 */
export class Progress {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #lines = new Map<string, Line>();
  readonly #live: boolean;
  readonly #write: (text: string) => void;
  #drawn = 0;
  #frame = 0;
  readonly #stop: () => void;

  constructor(
    clock: Clock,
    live = process.stderr.isTTY === true,
    write = (text: string): void => void process.stderr.write(text),
  ) {
    this.#clock = clock;
    this.#began = clock.monotonic();
    this.#live = live;
    this.#write = write;
    this.#stop = live ? clock.every(FRAME_MS, () => this.#draw()) : () => undefined;
  }

  /** `state` of `name`, and the step that runs there ('' for none). */
  show(name: string, state: string, step: string): void {
    const before = this.#lines.get(name);
    this.#lines.set(name, { state: harmless(state), step: harmless(step) });
    if (this.#live) this.#draw();
    else if (before?.state !== state || before.step !== step) this.#write(`${this.#text(name)}\n`);
  }

  end(): void {
    this.#stop();
    if (this.#live) this.#draw();
  }

  #text(name: string): string {
    const { state = '', step = '' } = this.#lines.get(name) ?? {};
    return `${name}: ${state}${step === '' ? '' : `, step ${step}`} [${elapsed(this.#clock.monotonic() - this.#began)}]`;
  }

  #draw(): void {
    const width = process.stderr.columns ?? 80;
    // A line too long would wrap, and the next drawing start on the wrong one; more lines than the screen scroll away.
    const height = Math.max(1, (process.stderr.rows ?? 24) - 2);
    const shown = [...this.#lines.keys()].slice(0, height);
    const wheel = WHEEL[this.#frame++ % WHEEL.length] ?? '';
    const lines = shown.map((name) => `\u001b[2K${`${wheel} ${this.#text(name)}`.slice(0, width - 1)}\n`);
    this.#write(`${this.#drawn > 0 ? `\u001b[${this.#drawn}A` : ''}${lines.join('')}`);
    this.#drawn = lines.length;
  }
}

/** Waits with its progress shown; that it failed, or took too long, becomes a WaitError. */
export async function waiting<T>(progress: Progress, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch (error) {
    if (error instanceof SdkError && ['WaitFailed', 'WaitTooLong'].includes(error.code)) {
      throw new WaitError(error.message);
    }
    throw error;
  } finally {
    progress.end();
  }
}

function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
