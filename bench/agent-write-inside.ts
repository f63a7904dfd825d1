import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';

// Goes into the ramdisk in the agent's place (bench/agent-write.ts): writes the image with dd to each disk, tells the
// seconds, and then is the agent.

/** In memory: the root of the ramdisk is. */
const BYTES = '/bytes';
const SAID = '/dd-is-done';
const words = new Map(
  (await readFile('/proc/cmdline', 'utf8')).split(/\s+/).map((word) => word.split('=', 2) as [string, string]),
);
const disks = words.get('bench-disks')?.split(',') ?? [];

/** Seconds until all of it is on the medium. */
async function byDd(disk: string): Promise<number> {
  const from = performance.now();
  const dd = spawn('dd', [`if=${BYTES}`, `of=${disk}`, 'bs=4M', 'conv=fsync'], { stdio: 'ignore' });
  const [code] = (await once(dd, 'close')) as [number];
  if (code !== 0) throw new Error(`dd to ${disk} ended with ${code}`);
  return (performance.now() - from) / 1000;
}

// `init` starts the agent again when it ends: what dd had to show was shown then.
if (!existsSync(SAID)) {
  const answer = await fetch(`${words.get('bench-source')}/raw`);
  const file = await open(BYTES, 'w');
  for await (const part of answer.body ?? []) await file.write(part);
  await file.close();
  const seconds: Record<string, number[]> = {};
  for (const disk of disks) seconds[disk] = [await byDd(disk), await byDd(disk)];
  await rm(BYTES);
  await (await open(SAID, 'w')).close();
  await fetch(`${words.get('bench-told')}/dd`, { method: 'POST', body: JSON.stringify(seconds) });
}
await import('../src/agent/main.ts');
