import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ASSETS, asset } from './assets.ts';

const require = createRequire(import.meta.url);

/** All files a module loads, itself included. */
function walk(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, from, alone] of text.matchAll(
    /(?:import|export)[^'"]*?from\s*['"]([^'"]+)['"]|import\s*['"]([^'"]+)['"]/g,
  )) {
    const name = from ?? alone ?? '';
    expect(name.startsWith('.'), name).toBe(true);
    walk(join(dirname(file), name), found);
  }
  return found;
}

describe('files of the console pages', () => {
  it('are what noVNC loads, and no more', () => {
    const entry = require.resolve('@novnc/novnc');
    const root = dirname(dirname(entry));
    const loads = [...walk(entry)].map((file) => `novnc/${relative(root, file)}`).sort();
    expect(ASSETS.filter((path) => path.startsWith('novnc/')).sort()).toEqual(loads);
  });

  it('are all there, and nothing else is', async () => {
    for (const path of ASSETS) expect((await asset(path))?.bytes.length, path).toBeGreaterThan(0);
    for (const path of ['novnc/package.json', '../package.json', 'novnc/core/../../../x', 'xterm/xterm.mjs.map', '']) {
      expect(asset(path), path).toBeUndefined();
    }
  });
});
