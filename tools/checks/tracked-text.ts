import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, repositoryFiles, root } from './check.ts';

/** Built from pieces, or this file would find itself. */
const dot = '[.]';
const REGISTRIES = [
  `registry${dot}npmjs`,
  `registry${dot}yarnpkg`,
  `(deb|security|ftp)${dot}debian${dot}`,
  `pypi${dot}org`,
  `python${'hosted'}${dot}org`,
  `crates${dot}io`,
  `proxy${dot}golang`,
];

/** What a tracked file must not hold, and why. */
const FORBIDDEN: { pattern: RegExp; why: string }[] = [
  {
    pattern: new RegExp(REGISTRIES.join('|')),
    why: 'names the host of a package registry: everybody has their own, set in their tools',
  },
  {
    pattern: new RegExp(
      `(^|[\\s"'\`(=:])/(work|root|home|Users)/(?!${['you', 'user', 'ubuntu', 'debian', 'stack', 'rescue'].join('|')})[a-z0-9._-]+/`,
    ),
    why: "names a path of somebody's machine",
  },
  {
    pattern: new RegExp(`-----BEGIN ([A-Z]+ )?PRIVATE ${'KEY'}-----\\n[A-Za-z0-9+/=\\n]{200}`),
    why: 'holds a private key',
  },
  { pattern: /^(<{7}|>{7}) /m, why: 'holds the marks of a merge conflict' },
];

/** Sentences for what a file's text must not hold. */
export function textProblems(path: string, text: string): string[] {
  return FORBIDDEN.flatMap(({ pattern, why }) => {
    const at = text.search(pattern);
    if (at === -1) return [];
    return [`${path}:${text.slice(0, at + 1).split('\n').length}: ${why}`];
  });
}

export const trackedText: Check = {
  name: 'tracked text',
  async run() {
    const files = await repositoryFiles();
    return files.flatMap((path) => {
      const bytes = readFileSync(join(root, path));
      return bytes.subarray(0, 4096).includes(0) ? [] : textProblems(path, bytes.toString('utf8'));
    });
  },
};
