import { Socket } from 'node:net';

/**
 * On an old Node the bootstrap stays as our parent and passes signals on, but kill -9 it cannot pass on. It holds the
 * other end of a pipe: when that closes the parent is gone, and we stop as by SIGTERM.
 */
export function stopWithWrapper(): void {
  const fd = Number(process.env['INGOT_WRAPPER_FD']);
  // Not for our children: the descriptor is not theirs.
  delete process.env['INGOT_WRAPPER_FD'];
  if (!Number.isInteger(fd) || fd < 3) return;
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('error', () => {});
  pipe.on('close', () => process.kill(process.pid, 'SIGTERM'));
  pipe.resume();
  pipe.unref();
}
