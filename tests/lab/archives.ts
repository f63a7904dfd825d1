import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '#kernel/run';
import { readTree, type Tree } from '#lab/record/tree';

/** Trees of a folder of *.tar.gz, by the archives' names. Throws when there are none. */
export async function readArchives(folder: string): Promise<Map<string, Tree>> {
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'));
  if (archives.length === 0) throw new Error(`${folder} has no *.tar.gz`);
  const trees = new Map<string, Tree>();
  for (const archive of archives) {
    const dir = await mkdtemp(join(tmpdir(), 'ilr-'));
    try {
      await run('tar', ['xzf', join(folder, archive), '-C', dir], { timeoutMs: 60_000 });
      trees.set(archive, await readTree(dir));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return trees;
}
