import { describe, expect, test } from 'vitest';
import { badName } from './file-names.ts';
import { tooLong } from './file-sizes.ts';
import { isAllowed, licenceOf } from './licences.ts';
import { fileLinks } from './links.ts';
import { textProblems } from './tracked-text.ts';

describe('file sizes', () => {
  const sizes = (path: string, lines: number) => new Map([[path, lines]]);

  test('code of 401 lines and tests of 601 are too long', () => {
    expect(tooLong(sizes('src/a.ts', 400))).toEqual([]);
    expect(tooLong(sizes('src/a.ts', 401))).toHaveLength(1);
    expect(tooLong(sizes('src/a.test.ts', 600))).toEqual([]);
    expect(tooLong(sizes('tests/a.ts', 601))).toHaveLength(1);
    expect(tooLong(sizes('src/sdk/generated/a.ts', 9000))).toEqual([]);
  });

  test('an exception may not grow, shrink unseen, or outlive its file', () => {
    const longer = { 'src/a.ts': { lines: 450, why: 'a table' } };
    expect(tooLong(sizes('src/a.ts', 450), longer)).toEqual([]);
    expect(tooLong(sizes('src/a.ts', 451), longer)).toHaveLength(1);
    expect(tooLong(sizes('src/a.ts', 449), longer)).toHaveLength(1);
    expect(tooLong(new Map(), longer)).toHaveLength(1);
  });
});

test('file names say what is inside', () => {
  for (const path of [
    'src/http/utils.ts',
    'src/a/string-helpers.ts',
    'src/common/a.ts',
    'src/a/types.ts',
    'src/a/Node.ts',
  ]) {
    expect(badName(path), path).toBeDefined();
  }
  for (const path of ['src/a/set-power.ts', 'src/a/set-power.test.ts', 'vitest.config.ts', 'docs/utils.md']) {
    expect(badName(path), path).toBeUndefined();
  }
});

test('tracked files hold no registry, no path of a machine, no marks of a merge', () => {
  const host = ['registry', 'npmjs', 'org'].join('.');
  for (const text of [
    `"resolved": "https://${host}/x"`,
    `see ${['', 'work', 'main', 'src'].join('/')}`,
    `${'<'.repeat(7)} HEAD`,
    `at ${['', 'home', 'jane', 'x'].join('/')}`,
  ]) {
    expect(textProblems('a.md', `fine\n${text}\n`), text).toEqual([expect.stringMatching(/^a\.md:2: /)]);
  }
  expect(textProblems('a.md', 'the network at /home and https://example.org/work/x\n')).toEqual([]);
});

test('licences', () => {
  for (const licence of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC', 'BlueOak-1.0.0'])
    expect(isAllowed(licence)).toBe(true);
  for (const licence of ['GPL-3.0', 'BUSL-1.1', 'MIT AND GPL-3.0', '', 'SEE LICENSE IN x']) {
    expect(isAllowed(licence)).toBe(false);
  }
  expect(licenceOf({ license: { type: 'ISC' } })).toBe('ISC');
  expect(licenceOf({ licenses: [{ type: 'GPL-2.0' }, { type: 'MIT' }] })).toBe('GPL-2.0 OR MIT');
});

test('links to files are found, and nothing else', () => {
  const page = '[a](docs/a.md) [b](https://example.org/) [c](#c) [d](../d.md#x) `[e](e.md)`\n```\n[f](f.md)\n```\n';
  expect(fileLinks(page)).toEqual(['docs/a.md', '../d.md']);
});
