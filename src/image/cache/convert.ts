import { open } from 'node:fs/promises';
import { IngotError } from '#kernel/errors';
import { childEnv, run } from '#kernel/run';
import { errors } from '../errors.ts';
import { judgeHead } from '../model/judge.ts';
import { HEAD_BYTES } from '../model/detect.ts';
import type { ImageLimits } from '../model/limits.ts';

const MEMORY_BYTES = 1024 ** 3;
/**
 * Each of its threads would reserve up to 128 MiB of address space for memory of its own: with enough of them at once the
 * next could not be made, and it aborted.
 */
const ENV = { MALLOC_ARENA_MAX: '1' };

/**
 * Makes a raw file of a qcow2 one. The header is judged here once more, on the very file that is converted, and the
 * tool is told the format: it never guesses. It runs with limits on memory, time and the size of what it writes.
 */
export async function convertQcow2(
  from: string,
  to: string,
  limits: ImageLimits,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const { head, length } = await headOf(from);
  const judged = judgeHead(head, length, 'qcow2', limits);
  const file = `json:${JSON.stringify({ driver: 'qcow2', backing: null, file: { driver: 'file', filename: from, locking: 'off' } })}`;
  const args = [
    ...[
      `--as=${MEMORY_BYTES}`,
      `--fsize=${judged.virtualBytes ?? limits.maxVirtualBytes}`,
      `--cpu=${Math.ceil(timeoutMs / 1000)}`,
    ],
    ...['qemu-img', 'convert', '-m', '2', '-W', '-O', 'raw', '-S', '4k', '-t', 'writeback', '-T', 'none', file, to],
  ];
  try {
    await run('prlimit', args, { timeoutMs, signal, bound: true, env: childEnv(ENV) });
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'ChildAborted') throw error;
    throw errors.ImageBroken('qemu-img could not convert it', { cause: error });
  }
}

/** The first bytes of a file, and its length. */
export async function headOf(path: string): Promise<{ head: Buffer; length: number }> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), length: (await handle.stat()).size };
  } finally {
    await handle.close();
  }
}
