import { rm, writeFile } from 'node:fs/promises';
import { run } from '#kernel/run';

const TOOL_MS = 5_000;

/**
 * A network namespace inside the one we are in, held by a file and by nothing else: it outlives any one program in it.
 * Two user-space switches in one network namespace take each other's devices away, so each needs its own.
 */
export class OwnNetwork {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Makes it, with its loopback up. Only inside a mount namespace of our own. */
  static async make(file: string): Promise<OwnNetwork> {
    await writeFile(file, '');
    await run('unshare', [`--net=${file}`, 'true'], { timeoutMs: TOOL_MS });
    const made = new OwnNetwork(file);
    await made.run('ip', 'link', 'set', 'lo', 'up');
    return made;
  }

  /** What comes before a command to have it run in there. */
  get prefix(): readonly string[] {
    return ['nsenter', `--net=${this.#file}`];
  }

  async run(...command: string[]): Promise<void> {
    const [file = '', ...args] = [...this.prefix, ...command];
    await run(file, args, { timeoutMs: TOOL_MS });
  }

  /** A cable from here into it: `here` is its end on this side, `there` on the other. Both are up. */
  async cable(here: string, there: string): Promise<void> {
    await run('ip', ['link', 'add', here, 'type', 'veth', 'peer', 'name', there], { timeoutMs: TOOL_MS });
    // Frames of a veth pair come without TCP checksums, and connection tracking in user space drops them silently.
    for (const end of [here, there]) await run('ethtool', ['-K', end, 'tx', 'off'], { timeoutMs: TOOL_MS });
    const move = ['link', 'set', there, 'netns', this.#file];
    await run('ip', move, { timeoutMs: TOOL_MS });
    await this.run('ip', 'link', 'set', there, 'up');
    await run('ip', ['link', 'set', here, 'up'], { timeoutMs: TOOL_MS });
  }

  /** Ends it, with all cables into it, once no program is left inside. */
  async remove(): Promise<void> {
    await run('umount', [this.#file], { timeoutMs: TOOL_MS, okCodes: [0, 1, 32] });
    await rm(this.#file, { force: true });
  }
}
