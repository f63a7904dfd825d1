import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errors } from '../errors.ts';

/** A recorded Redfish tree: path without trailing slash → representation. */
export type Tree = Map<string, Record<string, unknown>>;

const MAX_FILES = 30_000;
const MAX_FILE = 16 * 1024 * 1024;

/** `/redfish/v1/Systems/` and `/redfish/v1/Systems` are one. */
export const treePath = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/**
 * Reads a tree from a folder: the resource at `/redfish/v1/X` lies in `redfish/v1/X/index.json` (the layout of
 * DMTF's mockups, and of the trees others publish). Throws LabBadTree.
 */
export async function readTree(dir: string): Promise<Tree> {
  const tree: Tree = new Map();
  const base = await stat(join(dir, 'redfish')).then(
    () => dir,
    () => {
      throw errors.LabBadTree(`${dir} has no folder redfish`);
    },
  );
  const files = await readdir(base, { recursive: true });
  if (files.length > MAX_FILES) throw errors.LabBadTree(`more than ${MAX_FILES} files`);
  for (const file of files) {
    if (!file.endsWith('index.json')) continue;
    const full = join(base, file);
    if ((await stat(full)).size > MAX_FILE) throw errors.LabBadTree(`${file} is larger than ${MAX_FILE} bytes`);
    let json: unknown;
    try {
      json = JSON.parse(await readFile(full, 'utf8'));
    } catch (cause) {
      throw errors.LabBadTree(`${file} is not JSON`, { cause });
    }
    if (typeof json !== 'object' || json === null) throw errors.LabBadTree(`${file} holds no object`);
    tree.set(treePath(`/${dirname(file)}`), json as Record<string, unknown>);
  }
  if (!tree.has('/redfish/v1')) throw errors.LabBadTree('it has no service root');
  return tree;
}

/** Writes a tree as `readTree` reads it. */
export async function writeTree(tree: Tree, dir: string): Promise<void> {
  for (const [path, json] of tree) {
    const parts = path.split('/').filter((p) => p !== '');
    if (parts.some((p) => p === '..' || p === '.' || p.includes('\0'))) throw errors.LabBadTree(`the path ${path}`);
    const folder = join(dir, ...parts);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'index.json'), `${JSON.stringify(json, null, 1)}\n`);
  }
}
