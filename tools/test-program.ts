import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeOneFile } from '../src/kernel/testing/one-file.ts';
import { root } from './checks/check.ts';

/**
 * Lays the program out as a package (bin/ beside dist/), all of it in one file, and gives the path of its `ingot.mjs`.
 * A server is started a hundred times in a whole run of the tests; from this each start takes half the work. It lies
 * beside our packages, where what it looks up at run time is found.
 */
export async function makeTestProgram(): Promise<{ path: string; [Symbol.dispose](): void }> {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'program-'));
  chmodSync(folder, 0o755); // some start it as somebody else
  mkdirSync(join(folder, 'bin'));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of ['ingot.mjs', 'bootstrap.mjs']) copyFileSync(join(root, 'bin', name), join(folder, 'bin', name));
  await writeOneFile(join(folder, 'dist', 'ingot.mjs'), `import ${JSON.stringify(join(root, 'src/cli/main.ts'))};`);
  return {
    path: join(folder, 'bin', 'ingot.mjs'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
