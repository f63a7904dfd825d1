import type { ChildProcess } from 'node:child_process';
import { type Clock, systemClock } from '#kernel/clock';
import { boundTo, start } from '#kernel/run';
import { errors } from './errors.ts';

/**
 * Starts a program that dies with us, even when we are killed. Standard output goes nowhere unless it is asked for; the
 * last of standard error is kept.
 */
export function startBound(
  file: string,
  args: readonly string[],
  pack: string,
  { stdout = 'ignore' }: { stdout?: 'ignore' | 'pipe' } = {},
): ChildProcess & { said: () => string } {
  const child = start(...boundTo(file, args), { stdio: ['ignore', stdout, 'pipe'] });
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('utf8')).slice(-4096);
  });
  child.on('error', (error) => {
    said = errors.LabMissingProgram(`setpriv (for ${file})`, pack, { cause: error }).message;
  });
  return Object.assign(child, { said: () => said.trim() });
}

/** Resolves when the child is gone; kills it after `ms`. */
export function gone(child: ChildProcess, ms: number, clock: Clock = systemClock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => child.kill('SIGKILL'));
    child.once('exit', () => {
      cancel();
      resolve();
    });
  });
}
