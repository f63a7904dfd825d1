import { basename } from 'node:path';
import { type Check, repositoryFiles } from './check.ts';

/** Names that say nothing about what is inside, and so collect everything. */
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'manager', 'common', 'misc', 'types', 'shared', 'lib'];

/** Where the word is the name of a thing: Redfish calls a BMC a Manager. */
const RIGHTLY = new Set(['src/lab/bmc/redfish/resources/manager.ts']);

const PLACES = /^(src|tests|tools|bench|bin)\//;

/** A sentence when the path's name says nothing or is not written as the others are. */
export function badName(path: string): string | undefined {
  if (RIGHTLY.has(path) || !PLACES.test(path) || !/\.(ts|tsx|mjs)$/.test(path)) return undefined;
  const words = basename(path).replace(/\.(test\.)?(ts|tsx|mjs)$/, '');
  const folders = path.split('/').slice(1, -1);
  const empty = [words, ...folders].find((name) =>
    EMPTY_NAMES.some((word) => name === word || name.endsWith(`-${word}`)),
  );
  if (empty !== undefined) return `${path}: "${empty}" says nothing: name it after what it holds`;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(config|d))?$/.test(words))
    return `${path}: write file names in small letters with dashes`;
  return undefined;
}

export const fileNames: Check = {
  name: 'file names',
  async run() {
    return (await repositoryFiles()).map(badName).filter((problem) => problem !== undefined);
  },
};
