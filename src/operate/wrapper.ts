import { Socket } from 'node:net';
import { systemClock } from '#kernel/clock';

const LOOK_MS = 500;

const stop = () => process.kill(process.pid, 'SIGTERM');

/**
 * Stops us, as by SIGTERM, when what started us for a person's terminal is gone.
 *
 * On an old Node the bootstrap stays as our parent and passes signals on, but kill -9 it cannot pass on: it holds the
 * other end of a pipe. npm passes signals to its shell, which dies without passing them on: their pids are watched.
 */
export function stopWithWrapper(): void {
  const fd = Number(process.env['INGOT_WRAPPER_FD']);
  const pids = (process.env['INGOT_STOP_WITH'] ?? '')
    .split(',')
    .map(Number)
    .filter((pid) => pid > 1);
  // Not for our children: neither is theirs.
  delete process.env['INGOT_WRAPPER_FD'];
  delete process.env['INGOT_STOP_WITH'];
  if (Number.isInteger(fd) && fd >= 3) stopWhenClosed(fd);
  const cancel = systemClock.every(LOOK_MS, () => {
    if (pids.every(isAlive)) return;
    cancel();
    stop();
  });
  if (pids.length === 0) cancel();
}

function stopWhenClosed(fd: number): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('error', () => {});
  pipe.on('close', stop);
  pipe.resume();
  pipe.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
