import type { ChildProcess } from 'node:child_process';
import { childEnv, run, start } from '#kernel/run';
import { errors } from './errors.ts';

/** What runs inside: a program and its arguments, and sockets it finds from descriptor 3 on. */
export interface InsideOptions {
  program: string;
  args: readonly string[];
  /** Open sockets of ours, made outside: they stay reachable from outside. */
  fds?: readonly number[];
  env?: Record<string, string>;
  /** Where standard error goes: our own, a pipe, or an open file. Default our own. */
  stderr?: 'inherit' | 'pipe' | number;
  /** Out of the terminal's reach: Ctrl-C is for us, who tell it in order. Default false. */
  detached?: boolean;
}

const FLAGS = ['-Urnmpf', '--mount-proc', '--kill-child'];

/**
 * Starts a program as root of its own user, network, mount and process namespaces, without any privilege here:
 * it can make interfaces, bridges and taps, and none of them is seen outside. Everything in it ends with it,
 * and it ends with us, even when we are killed. Standard input and output are pipes.
 */
export function startInside(options: InsideOptions): ChildProcess {
  const args = ['--pdeathsig', 'KILL', 'unshare', ...FLAGS, options.program, ...options.args];
  return start('setpriv', args, {
    stdio: ['pipe', 'pipe', options.stderr ?? 'inherit', ...(options.fds ?? [])],
    env: childEnv(options.env),
    detached: options.detached ?? false,
  });
}

/** Throws LabMissingProgram or LabSwitch when this host cannot do that, with the reason. */
export async function requireNamespaces(): Promise<void> {
  try {
    await run('unshare', [...FLAGS, 'true'], { timeoutMs: 5_000 });
  } catch (cause) {
    throw errors.LabSwitch('this host lets nobody make user namespaces (sysctl user.max_user_namespaces, AppArmor)', {
      cause,
    });
  }
}
