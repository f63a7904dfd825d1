import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, repositoryFiles, root } from './check.ts';

const LIMIT = 400;
/** From here on a file is mentioned. */
const LONG = 350;
const TEST_LIMIT = 600;

/**
 * Files that are longer and why that is right. The list may only shrink: a file that got shorter, or grew
 * past its number, fails the check.
 */
export const LONGER: Readonly<Record<string, { lines: number; why: string }>> = {};

const CODE = /\.(ts|tsx|mjs|js|css)$/;
const GENERATED = /^(openapi|src\/sdk\/generated|dist)\//;

/** The limit of a file's lines; undefined when none holds. */
export function limitOf(path: string): number | undefined {
  if (!CODE.test(path) || GENERATED.test(path)) return undefined;
  return /\.test\.tsx?$|^tests\//.test(path) ? TEST_LIMIT : LIMIT;
}

/** Problems of the given files, by path and number of lines. */
export function tooLong(sizes: ReadonlyMap<string, number>, longer: typeof LONGER = LONGER): string[] {
  const problems: string[] = [];
  for (const [path, lines] of sizes) {
    const limit = limitOf(path);
    if (limit === undefined) continue;
    const allowed = longer[path];
    if (allowed !== undefined && lines < allowed.lines) {
      problems.push(`${path}: got shorter (${lines} lines): lower or remove its number in tools/checks/file-sizes.ts`);
    } else if (lines > (allowed?.lines ?? limit)) {
      problems.push(`${path}: ${lines} lines; ${allowed?.lines ?? limit} are allowed: find the second idea in it`);
    }
  }
  for (const path of Object.keys(longer)) {
    if (!sizes.has(path)) problems.push(`${path}: is gone: remove it from tools/checks/file-sizes.ts`);
  }
  return problems;
}

async function allSizes(): Promise<Map<string, number>> {
  const files = (await repositoryFiles()).filter((path) => limitOf(path) !== undefined);
  return new Map(files.map((path) => [path, lineCount(readFileSync(join(root, path), 'utf8'))]));
}

export const fileSizes: Check = {
  name: 'file sizes',
  run: async () => tooLong(await allSizes()),
  async notes() {
    const long = [...(await allSizes())].filter(([path, lines]) => limitOf(path) === LIMIT && lines >= LONG);
    return long.map(([path, lines]) => `${path} is getting long: ${lines} lines of ${LIMIT}`);
  },
};

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
