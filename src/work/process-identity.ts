import { readFileSync, readlinkSync } from 'node:fs';

/** What tells one process of this machine from every other, dead ones included. */
export interface ProcessIdentity {
  /** Changes with each boot; empty where the system does not say. */
  bootId: string;
  /** Process numbers mean something only inside one pid namespace (container). */
  pidNamespace: string;
  pid: number;
  /** Clock ticks after boot at which the process began: numbers are used again, this is not. */
  startedTicks: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return {
    bootId: bootId(),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    startedTicks: startedTicks(process.pid) ?? '',
  };
}

/**
 * True only when it is certain that `other` no longer runs: same boot, same pid namespace, and its number is
 * free or belongs to a younger process. In doubt false: then its lease has to run out.
 */
export function isProvablyDead(other: ProcessIdentity): boolean {
  if (other.bootId === '' || other.startedTicks === '' || other.pidNamespace === '') return false;
  if (other.bootId !== bootId() || other.pidNamespace !== pidNamespace()) return false;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const ticks = startedTicks(other.pid);
  return ticks !== undefined && ticks !== other.startedTicks;
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim();
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function startedTicks(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces and parentheses: count fields after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return 'zombie';
  return fields[19];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
