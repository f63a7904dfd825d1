import type { ChildProcess } from 'node:child_process';
import type { Clock } from '#kernel/clock';
import { errors } from './errors.ts';
import type { InsideReady } from './inside.ts';

/** What a child is waited for by, and what is thrown when it says nothing. */
export interface FirstWait {
  timeoutMs: number;
  clock: Clock;
  late(): Error;
  ended(code: number | null): Error;
}

/**
 * The first line that a program of ours writes: JSON, of how its start went. What it writes afterwards is thrown
 * away. Rejects with `late` or `ended`, or with why it could not be started.
 */
export function firstSaid<T>(child: ChildProcess, wait: FirstWait): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = '';
    const cancel = wait.clock.after(wait.timeoutMs, () => reject(wait.late()));
    const over = (settle: () => void) => {
      cancel();
      settle();
    };
    child.once('exit', (code) => over(() => reject(wait.ended(code))));
    child.once('error', (error) => over(() => reject(error)));
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      const end = text.indexOf('\n');
      if (end < 0) return;
      child.stdout?.removeAllListeners('data');
      child.stdout?.resume();
      over(() => resolve(JSON.parse(text.slice(0, end)) as T));
    });
  });
}

/** The lab's first line; throws with what it said when it is no good, or with nothing when it just ended. */
export async function labReady(child: ChildProcess, timeoutMs: number, clock: Clock): Promise<InsideReady> {
  const said = await firstSaid<InsideReady | { ready: false; error: string }>(child, {
    timeoutMs,
    clock,
    late: () => errors.LabTimeout('the start of the lab', timeoutMs),
    ended: (code) => errors.LabMachineFailed('lab', `it ended with ${code} before it was ready`),
  });
  if (said.ready) return said;
  throw errors.LabMachineFailed('lab', said.error);
}
