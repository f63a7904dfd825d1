import type { ChildProcess } from 'node:child_process';
import type { Clock } from '#kernel/clock';
import { boundTo, childEnv, start } from '#kernel/run';
import type { Log } from '#platform/log';

const PAUSE_MS = { first: 250, most: 10_000 };
/** Who lives this long starts again without a longer pause. */
const HEALTHY_MS = 30_000;
const STOP_MS = 5_000;

export interface ServerSpec {
  /** `ovn-northd` */
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** What people see of a server process. */
export interface ServerStatus {
  program: string;
  pid: number | null;
  restarts: number;
  /** How the last one ended; null when none did. */
  lastEnd: string | null;
}

/** A server that is started again when it ends, and that dies with us, however we go. */
export class WatchedServer {
  readonly #spec: ServerSpec;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #restarts = 0;
  #lastEnd: string | null = null;
  #loop: Promise<void> | undefined;

  constructor(spec: ServerSpec, clock: Clock, log: Log) {
    this.#spec = spec;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  status(): ServerStatus {
    const { program } = this.#spec;
    return { program, pid: this.#child?.pid ?? null, restarts: this.#restarts, lastEnd: this.#lastEnd };
  }

  /** SIGTERM, and SIGKILL for who does not listen. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const cancel = this.#clock.after(STOP_MS, () => this.#child?.kill('SIGKILL'));
    await this.#loop;
    cancel();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = PAUSE_MS.first;
    while (!signal.aborted) {
      const began = this.#clock.monotonic();
      const how = await this.#once();
      if (signal.aborted) return;
      this.#lastEnd = how;
      this.#restarts++;
      this.#log.warn({ program: this.#spec.program, how }, 'a server of the network ended; it is started again');
      pause = this.#clock.monotonic() - began > HEALTHY_MS ? PAUSE_MS.first : Math.min(pause * 2, PAUSE_MS.most);
      await this.#clock.sleep(pause, signal).catch(() => {});
    }
  }

  #once(): Promise<string> {
    const { program, args, env } = this.#spec;
    return new Promise((resolve) => {
      const child = start(...boundTo(program, args), {
        env: childEnv(env),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      this.#child = child;
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-500);
      });
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, killed) => {
        this.#child = undefined;
        resolve(`${killed ?? `exit code ${code}`}${said === '' ? '' : `: ${said.trim().split('\n').at(-1)}`}`);
      });
    });
  }
}
