import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';

/** How long the disk takes to make a small write durable. */
export interface FsyncTime {
  /** Milliseconds. */
  medianMs: number;
  worstMs: number;
  samples: number;
}

/**
 * Measures fdatasync in `dir` the way a database's log uses it: 8 kB written over the same file, then synced,
 * `samples` times. Benches print it beside every write rate, `doctor` warns of slow disks.
 */
export async function measureFsync(dir: string, samples = 50): Promise<FsyncTime> {
  const path = join(dir, `.fsync-${newUuid()}`);
  const file = await open(path, 'wx', 0o600);
  try {
    const block = Buffer.alloc(8192, 1);
    await file.write(Buffer.alloc(64 * 8192), 0, 64 * 8192, 0); // the log's files have their blocks already
    await file.sync();
    const times: number[] = [];
    for (let i = 0; i < samples; i++) {
      await file.write(block, 0, block.length, (i % 64) * 8192);
      const from = systemClock.monotonic();
      await file.datasync();
      times.push(systemClock.monotonic() - from);
    }
    times.sort((a, b) => a - b);
    return { medianMs: times[times.length >> 1] ?? 0, worstMs: times.at(-1) ?? 0, samples };
  } finally {
    await file.close();
    await unlink(path);
  }
}
