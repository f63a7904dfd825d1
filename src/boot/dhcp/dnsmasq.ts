import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { boundTo, run, start } from '#kernel/run';
import { dnsmasqLogReader, type DnsmasqEvent } from '#protocols/dnsmasq/log';
import type { Log } from '#platform/log';
import { errors } from '../errors.ts';

export interface DnsmasqOptions {
  folder: string;
  /** Its configuration, without what belongs to running it here. */
  config: string;
  /** It stays root because nobody else exists here (a user namespace). */
  debug: boolean;
  clock: Clock;
  log: Log;
  heard: (event: DnsmasqEvent) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const SETTLED_MS = 10_000;
const STOP_MS = 3000;

/** dnsmasq as a child that is started again when it ends. */
export class Dnsmasq {
  readonly #options: DnsmasqOptions;
  readonly #file: string;
  #child: ChildProcess | null = null;
  #stopped = false;
  #waitMs = FIRST_WAIT_MS;
  #cancel = () => {};
  /** Why it does not run; null while it does. */
  problem: string | null = null;

  constructor(options: DnsmasqOptions) {
    this.#options = options;
    this.#file = join(options.folder, 'dnsmasq.conf');
  }

  /** Writes the configuration, has dnsmasq check it, and starts it. Throws BootDhcp with what it says. */
  async start(): Promise<void> {
    const { folder, config } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await writeFile(this.#file, `${config}pid-file=${join(folder, 'pid')}\n`, { mode: 0o640 });
    try {
      await run('dnsmasq', ['--test', `--conf-file=${this.#file}`], { timeoutMs: 10_000 });
    } catch (cause) {
      throw errors.BootDhcp(cause instanceof Error ? cause.message : String(cause), { cause });
    }
    await this.#endLeftOver();
    this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const cancel = this.#options.clock.after(STOP_MS, () => void child.kill('SIGKILL'));
    await gone;
    cancel();
  }

  #run(): void {
    const { clock, log, debug, heard } = this.#options;
    const args = [debug ? '--no-daemon' : '--keep-in-foreground', `--conf-file=${this.#file}`];
    const child = start(...boundTo('dnsmasq', args), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const since = clock.monotonic();
    let last = '';
    if (child.stderr !== null) {
      const read = dnsmasqLogReader();
      createInterface({ input: child.stderr }).on('line', (line) => {
        const event = read(line);
        if (event !== null) heard(event);
        else if (/failed|cannot|unknown|error/i.test(line)) last = line;
      });
    }
    this.problem = null;
    child.once('error', (error) => {
      last = error.message;
    });
    child.once('close', (code, signal) => {
      if (this.#stopped) return;
      this.problem = last === '' ? `it ended with ${code ?? signal}` : last;
      if (clock.monotonic() - since > SETTLED_MS) this.#waitMs = FIRST_WAIT_MS;
      log.error({ code, signal, waitMs: this.#waitMs }, `dnsmasq ended (${this.problem}); it is started again`);
      this.#cancel = clock.after(this.#waitMs, () => this.#run());
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    });
  }

  /** One that outlived a killed process of ours still holds the ports. */
  async #endLeftOver(): Promise<void> {
    const pid = Number(await readFile(join(this.#options.folder, 'pid'), 'utf8').catch(() => ''));
    if (!Number.isInteger(pid) || pid <= 1) return;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('dnsmasq') || !command.includes(this.#file)) return;
    process.kill(pid, 'SIGKILL');
    await this.#options.clock.sleep(200);
  }
}
