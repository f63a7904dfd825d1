// npm pack (prepack): bundles server and commands into dist/, since Node strips no types under node_modules.
// Packages stay outside the bundle: npm installs them.
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './checks/check.ts';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { ingot: 'src/cli/main.ts' },
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  // Every piece beside the others: code finds its data (migrations) relative to where it lies.
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true, // what a command does not use is not loaded: `--help` must be quick
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});
// What runs in the ramdisk is one file with everything in it.
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    [
      ['agent', 'src/agent/main.ts'],
      ['static-network', 'src/agent/static-network/main.ts'],
    ].filter(([, entry = '']) => existsSync(join(root, entry))),
  ),
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'warning',
});
cpSync(join(root, 'src/store/migrations'), join(dist, 'migrations'), { recursive: true });
cpSync(join(root, 'src/builder/guest'), join(dist, 'guest'), { recursive: true });
console.error(`dist: ${readdirSync(dist).length} files`);
