import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Files that decide what a recipe makes, with their paths: as sources the folder of `module` without its tests; bundled
 * the file of `module` alone, since names of the pieces it imports are made of their content. `beside` are folders and
 * files relative to the module that belong to it as well; where the bundle has none of them they are in it.
 */
export function recipeFiles(module: string, beside: readonly string[] = []): string[] {
  const sources = module.endsWith('.ts');
  const own = sources ? new URL('.', module) : new URL(module);
  const places = [own, ...beside.map((path) => new URL(path, module))].map((url) => fileURLToPath(url));
  return [...new Set(places.filter((place) => existsSync(place)).flatMap(filesOf))].sort();
}

/** A digest of the text of a recipe: what was kept of another text is not taken for its result. */
export function recipeDigest(module: string, beside: readonly string[] = []): string {
  const root = fileURLToPath(new URL('.', module));
  const hash = createHash('sha256');
  for (const file of recipeFiles(module, beside)) {
    const text = readFileSync(file);
    hash.update(`${relative(root, file).split(sep).join('/')}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

function filesOf(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => `${entry.parentPath.replace(/\/+$/, '')}${sep}${entry.name}`);
}
