import { rm } from 'node:fs/promises';
import { type Clock, systemClock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { QmpClient } from '#protocols/qmp/client';
import { gone, startBound } from '../../bound.ts';
import { errors } from '../../errors.ts';

type Child = ReturnType<typeof startBound>;

/** One running QEMU: the child and its monitor. A machine has at most one at a time. */
export class QemuProcess {
  readonly qmp: QmpClient;
  readonly #child: Child;
  readonly #clock: Clock;

  private constructor(child: Child, qmp: QmpClient, clock: Clock) {
    this.#child = child;
    this.qmp = qmp;
    this.#clock = clock;
  }

  /**
   * Starts QEMU (with its processors stopped) and connects to its monitor. `prefix`: a command that runs it elsewhere.
   * Throws LabMachineFailed with what QEMU said.
   */
  static async launch(
    name: string,
    args: readonly string[],
    qmpPath: string,
    clock: Clock = systemClock,
    prefix: readonly string[] = [],
  ): Promise<QemuProcess> {
    await rm(qmpPath, { force: true });
    const [file, ...before] = [...prefix, 'qemu-system-x86_64'];
    const child = startBound(file, [...before, ...args], 'qemu-system-x86');
    const early = new AbortController();
    const onExit = () => early.abort(errors.LabMachineFailed(name, child.said()));
    child.once('exit', onExit);
    child.once('error', onExit);
    try {
      const qmp = await QmpClient.connect(qmpPath, {
        connectMs: 30_000,
        commandMs: 20_000,
        clock,
        signal: early.signal,
      });
      child.off('exit', onExit);
      return new QemuProcess(child, qmp, clock);
    } catch (cause) {
      child.kill('SIGKILL');
      throw errors.LabMachineFailed(name, child.said() || messageOf(cause), { cause });
    }
  }

  /** The process id, for tests that kill it. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Calls `fn` when the process is gone, however it went. */
  onExit(fn: () => void): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) fn();
    else this.#child.once('exit', fn);
  }

  /** Ends the process at once, as a cut power cord would. */
  async kill(): Promise<void> {
    this.qmp.close();
    this.#child.kill('SIGKILL');
    await gone(this.#child, 5_000, this.#clock);
  }
}
