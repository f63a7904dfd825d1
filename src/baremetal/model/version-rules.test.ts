import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const BARE = /\bversion\s*(?:<=?|>=?|===|!==)\s*(?!1\b)\d+/;

it('is where versions have their numbers: no code compares with one of its own', () => {
  const folder = join(import.meta.dirname, '..');
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => BARE.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

it('knows a bare number when it sees one', () => {
  expect(BARE.test('if (version < 84) throw')).toBe(true);
  expect(BARE.test('if (version < VERSION_RULES.detail) throw')).toBe(false);
  // No version at all is 1.1, and no rule of a table.
  expect(BARE.test('if (version !== 1 && asked)')).toBe(false);
});
