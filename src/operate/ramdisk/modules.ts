import { copyFile, link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '#kernel/run';
import type { Tree } from './tree.ts';

/** The version of the kernel unpacked in `root`, as in the names of its files. */
export async function kernelVersion(root: string): Promise<string> {
  const names = await readdir(join(root, 'boot'));
  const found = names.map((name) => /^vmlinu[xz]-(.+)$/.exec(name)?.[1]).find((version) => version !== undefined);
  if (found === undefined) throw new Error('the kernel package holds no kernel');
  return found;
}

/**
 * Puts the wanted modules and what they depend on into the tree, with the indexes modprobe reads. `work` is a
 * folder on the same disk to prepare them in.
 */
export async function addModules(
  tree: Tree,
  from: { root: string; work: string; wanted: { take: readonly string[]; leave: readonly string[] } },
  signal?: AbortSignal,
): Promise<void> {
  const version = await kernelVersion(from.root);
  const old: string[] = await readdir(join(from.root, 'lib/modules')).catch(() => []);
  const folder = old.includes(version) ? 'lib/modules' : 'usr/lib/modules';
  const all = join(from.root, folder, version);
  const depmod = (root: string) =>
    run('depmod', ['-b', root, version], { timeoutMs: 120_000, ...(signal === undefined ? {} : { signal }) });
  // The first run tells what depends on what; the second indexes the choice.
  const staged = (root: string) => join(root, 'lib/modules', version);
  await rm(from.work, { recursive: true, force: true });
  await mkdir(dirname(staged(from.work)), { recursive: true });
  if (folder !== 'lib/modules') await mkdir(join(from.root, 'lib'), { recursive: true });
  await depmod(folder === 'lib/modules' ? from.root : join(from.root, 'usr'));
  const dependencies = parseDependencies(await readFile(join(all, 'modules.dep'), 'utf8'));
  const within = (path: string, folders: readonly string[]) =>
    folders.some(
      (one) => path === `kernel/${one}` || path.startsWith(`kernel/${one}/`) || path.startsWith(`kernel/${one}.`),
    );
  const chosen = new Set<string>();
  for (const [path, needs] of dependencies) {
    if (!within(path, from.wanted.take) || within(path, from.wanted.leave)) continue;
    for (const one of [path, ...needs]) chosen.add(one);
  }
  for (const path of chosen) {
    const to = join(staged(from.work), path);
    await mkdir(dirname(to), { recursive: true });
    await link(join(all, path), to);
  }
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
    await copyFile(join(all, name), join(staged(from.work), name)).catch(() => {});
  await depmod(from.work);
  const indexes = (await readdir(staged(from.work))).filter((name) => name !== 'kernel');
  for (const path of [...chosen, ...indexes])
    await tree.outside(join(staged(from.work), path), `usr/lib/modules/${version}/${path}`);
}

/** `modules.dep`: a module and all it needs, paths below the folder of the version. */
function parseDependencies(text: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [path, needs = ''] = line.split(':');
    if (path) found.set(path, needs.trim().split(' ').filter(Boolean));
  }
  return found;
}
