import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#kernel/clock';
import { childEnv, start } from '#kernel/run';
import { COMPILED, oneFile } from '#kernel/testing/one-file';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { LeaseTimes } from '../conductor.ts';
import type { Json, WorkRuntime } from '../contract.ts';

/** What a scenario module is given in the child: it registers its workflows. */
export interface ChildWorld {
  /** Each commit made through it inside a step is a boundary. */
  store: Store;
  work: WorkRuntime;
  log: Log;
  /** Wrap each action on the outside world (a driver's write) in this: before and after are boundaries. */
  around<T>(name: string, fn: () => Promise<T>): Promise<T>;
  /** Writes a line the parent can wait for. */
  say(line: string): void;
  /** What the parent passed on. */
  data: Json;
}

/** A file with workflows and the world they act on, loaded by the child. */
export interface ScenarioModule {
  build(world: ChildWorld): Promise<void> | void;
}

export interface ChildOptions {
  /** Path of a module that exports `build`: see `ScenarioModule`. */
  module: string;
  databaseUrl: string;
  host: string;
  groups?: string[];
  limits?: Record<string, number>;
  times?: Partial<LeaseTimes>;
  maxTakeovers?: number;
  drainMs?: number;
  logLevel?: string;
  data?: Json;
  /** Kill -9 itself as it passes the boundary of this number (1 is the first). */
  killAt?: number;
  /** Only boundaries of this workflow count. */
  only?: string;
  tellBoundaries?: boolean;
}

/** A conductor in a process of its own. */
export interface ConductorChild {
  readonly pid: number;
  readonly host: string;
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, past or future, that `test` accepts. */
  line(test: (line: string) => boolean, timeoutMs?: number): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: drains and ends. */
  stop(timeoutMs?: number): Promise<void>;
  /** Resolves when it has ended by itself. */
  ended(timeoutMs?: number): Promise<void>;
}

/** Starts a conductor process and waits until it takes work (or has ended, when `killAt` is early). */
export async function startConductor(options: ChildOptions): Promise<ConductorChild> {
  const program = `
    import * as scenario from ${JSON.stringify(options.module)};
    import { runConductor } from ${JSON.stringify(fileURLToPath(new URL('./conductor-child.ts', import.meta.url)))};
    await runConductor(scenario);
  `;
  const flags = ['--disable-warning=DeprecationWarning', '--max-semi-space-size=4'];
  const process_ = start(process.execPath, [...flags, await oneFile(program), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: childEnv({ NODE_COMPILE_CACHE: COMPILED }),
  });
  const child = watchChild(process_, options.host);
  await Promise.race([child.line((line) => line === 'ready', 20_000), child.ended(20_000)]);
  return child;
}

function watchChild(process_: ChildProcess, host: string): ConductorChild {
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  let gone = false;
  const exit = new Promise<void>((resolve) => {
    process_.once('close', () => {
      gone = true;
      resolve();
    });
  });
  if (process_.stdout) {
    createInterface({ input: process_.stdout }).on('line', (line) => {
      lines.push(line);
      for (const fn of waiting) fn(line);
    });
  }
  const within = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
    const late = new AbortController();
    const timeout = systemClock.sleep(ms, late.signal).then(() => {
      throw new Error(`${host}: ${what} did not happen within ${ms} ms; it said: ${lines.slice(-10).join(' | ')}`);
    });
    return await Promise.race([work, timeout]).finally(() => {
      late.abort();
      timeout.catch(() => {});
    });
  };
  return {
    pid: process_.pid ?? 0,
    host,
    lines,
    line(test, timeoutMs = 15_000) {
      const found = lines.find(test);
      if (found !== undefined) return Promise.resolve(found);
      let listener: ((line: string) => void) | undefined;
      const heard = new Promise<string>((resolve) => {
        listener = (line) => {
          if (test(line)) resolve(line);
        };
        waiting.add(listener);
      });
      return within(heard, timeoutMs, 'the line waited for').finally(() => {
        if (listener) waiting.delete(listener);
      });
    },
    signal: (name) => void process_.kill(name),
    async kill() {
      if (!gone) process_.kill('SIGKILL');
      await within(exit, 5_000, 'its end');
    },
    async stop(timeoutMs = 15_000) {
      if (!gone) process_.kill('SIGTERM');
      await within(exit, timeoutMs, 'its end').catch(async (error) => {
        process_.kill('SIGKILL');
        throw error;
      });
    },
    ended: (timeoutMs = 15_000) => within(exit, timeoutMs, 'its end'),
  };
}
