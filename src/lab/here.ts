import { type Clock, systemClock } from '#kernel/clock';
import { start } from '#kernel/run';
import { gone } from './bound.ts';
import type { InsideWish, LabSwitchFacts } from './inside.ts';
import { labReady } from './ready.ts';

export interface RackHereOptions extends Omit<InsideWish, 'controlFd'> {
  /** A listening socket of ours for the lab's control API. Default: none. */
  controlFd?: number;
  /** How to start `inside.ts`: program and arguments; the wish's JSON is added as the last. */
  inside: { program: string; args: readonly string[] };
  clock?: Clock;
}

/** A lab that runs beside us, in the namespace we are in. */
export interface RackHere {
  machines: Record<string, unknown>[];
  switch: LabSwitchFacts;
  /** Resolves when the lab is gone, whoever ended it. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** From start to all BMCs answering: the switch, and per machine its firmware files and taps. */
const START_MS = 60_000;
const MACHINE_MS = 5_000;

/**
 * Starts a rack with its switch in a process of its own beside this one, which must be alone in a network
 * namespace already. It ends with us. Throws what the lab said when it did not start.
 */
export async function startRackHere(options: RackHereOptions): Promise<RackHere> {
  const { inside, controlFd, clock = systemClock, ...rest } = options;
  const wish: InsideWish = { ...rest, controlFd: controlFd === undefined ? null : 3 };
  const args = ['--pdeathsig', 'KILL', inside.program, ...inside.args, JSON.stringify(wish)];
  const child = start('setpriv', args, {
    stdio: ['pipe', 'pipe', 'inherit', ...(controlFd === undefined ? [] : [controlFd])],
  });
  try {
    const ready = await labReady(child, START_MS + MACHINE_MS * options.machines.length, clock);
    return {
      machines: ready.machines,
      switch: ready.switch,
      ended: new Promise<void>((resolve) => child.once('exit', () => resolve())),
      async close() {
        child.stdin?.end();
        await gone(child, 15_000, clock);
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
