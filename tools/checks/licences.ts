import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, root } from './check.ts';

const ALLOWED = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'MPL-2.0',
  'Unlicense',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
]);

/** Packages the program may have at run time, those for other platforms counted as well. */
const MOST_PACKAGES = 220;

interface LockEntry {
  version?: string;
  dev?: boolean;
  license?: string;
  optional?: boolean;
}

interface Manifest {
  license?: string | { type: string };
  licenses?: { type: string }[];
}

/** The licence a package declares, in SPDX's words where it uses them. */
export function licenceOf(manifest: Manifest): string {
  if (typeof manifest.license === 'string') return manifest.license;
  return manifest.license?.type ?? manifest.licenses?.map((one) => one.type).join(' OR ') ?? '';
}

/** May we ship it? `(MIT OR GPL-3.0)` may be taken as MIT; `MIT AND X` needs both. */
export function isAllowed(licence: string): boolean {
  const bare = licence.replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  return bare.split(' AND ').every((one) => ALLOWED.has(one.trim()));
}

export const licences: Check = {
  name: 'licences',
  async run() {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    };
    const runtime = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && entry.dev !== true);
    const problems = runtime.flatMap(([path, entry]) => {
      const manifest = join(root, path, 'package.json');
      // Packages for other platforms are not here; the lockfile holds what they declare.
      const licence = existsSync(manifest)
        ? licenceOf(JSON.parse(readFileSync(manifest, 'utf8')) as Manifest)
        : (entry.license ?? '');
      if (licence === '' && entry.optional === true) return [];
      return isAllowed(licence) ? [] : [`${path}: licence ${licence === '' ? 'unknown' : licence} is not on the list`];
    });
    if (runtime.length > MOST_PACKAGES) {
      problems.push(`${runtime.length} packages at run time; ${MOST_PACKAGES} are the limit`);
    }
    return problems;
  },
};
