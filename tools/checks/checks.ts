import { relative } from 'node:path';
import { type Check, complaints, output, repositoryFiles, root } from './check.ts';
import { fileNames } from './file-names.ts';
import { fileSizes } from './file-sizes.ts';
import { generatedFiles } from './generated-files.ts';
import { licences } from './licences.ts';
import { links } from './links.ts';
import { trackedText } from './tracked-text.ts';

/** What `npm test` looks at before it runs a test. The slow ones first, so that the short ones fill the gaps. */
export const CHECKS: readonly Check[] = [
  {
    name: 'walls between rooms',
    async run() {
      const { breaches } = await import('./walls.ts');
      const files = (await repositoryFiles()).filter((path) =>
        /^(src|tools|tests|bench|bin)\/.*\.(ts|mjs)$/.test(path),
      );
      return breaches(root, files);
    },
  },
  {
    name: 'dead code (knip)',
    run: () => complaints('node_modules/knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  },
  {
    name: 'lint (oxlint)',
    run: () => complaints('node_modules/oxlint/bin/oxlint', ['--type-aware', '--format', 'unix']),
  },
  {
    name: 'types (tsc)',
    run: () =>
      complaints('node_modules/typescript/bin/tsc', [
        '-p',
        '.',
        '--incremental',
        '--tsBuildInfoFile',
        'node_modules/.cache/tsc.tsbuildinfo',
      ]),
  },
  {
    name: 'format (biome)',
    async run() {
      const args = ['format', '--colors=off', '--reporter=github', '--max-diagnostics=none'];
      const { code, text } = await output('node_modules/@biomejs/biome/bin/biome', args);
      if (code === 0) return [];
      const files = [...text.matchAll(/title=format,file=([^,]+),/g)].map(([, file]) => relative(root, file ?? ''));
      return files.length === 0 ? text.split('\n') : files.map((file) => `${file}: npm run format -- ${file}`);
    },
  },
  {
    // A package that the registry lacks for some platform drops out of the lockfile silently, and then `npm ci`,
    // the first thing a newcomer's `npm start` does, refuses all of it.
    name: 'lockfile (npm ci)',
    async run() {
      const args = ['ci', '--dry-run', '--ignore-scripts', '--offline', '--no-progress', '--loglevel=error'];
      const { code, text } = await output('npm', args);
      return code === 0 ? [] : text.split('\n').filter((line) => /error (Missing|Invalid|code|`npm)/.test(line));
    },
  },
  generatedFiles,
  fileSizes,
  fileNames,
  trackedText,
  links,
  licences,
];
