import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '#kernel/run';
import { openTestDatabase } from '#store/testing';
import { scratchDir } from '../database.ts';

/** Runs a program of this folder inside namespaces of its own, with a database; gives what it saw. */
export async function inNamespace(program: string): Promise<unknown> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const database = await openTestDatabase();
  const dir = await scratchDir();
  try {
    const inside = ['--pdeathsig', 'KILL', 'unshare', '-Urnmpf', '--mount-proc', '--kill-child'];
    const command = [process.execPath, file, database.url, join(dir, 'w')];
    const { stdout } = await run('setpriv', [...inside, ...command], { timeoutMs: 400_000 });
    const { seen, times } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    process.stdout.write(process.env['INGOT_SHOW_TIMES'] === undefined ? '' : `${JSON.stringify(times)}\n`);
    return seen;
  } finally {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
}
