import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recipeDigest, recipeFiles } from './recipe.ts';

let folder: string;
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const at = (name: string) => pathToFileURL(join(folder, name)).href;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipe-'));
  for (const name of ['room', 'room/guest', 'other']) mkdirSync(join(folder, name));
  write('room/build.ts', 'build');
  write('room/parts.ts', 'parts');
  write('room/parts.test.ts', 'test');
  write('room/guest/setup.sh', 'setup');
  write('other/archive.ts', 'archive');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(['room/parts.ts', 'room/guest/setup.sh', 'other/archive.ts'])('a change of %s is another recipe', (name) => {
  const before = recipeDigest(at('room/build.ts'), ['../other']);
  expect(recipeDigest(at('room/build.ts'), ['../other'])).toBe(before);
  write(name, 'changed');
  expect(recipeDigest(at('room/build.ts'), ['../other'])).not.toBe(before);
});

test('tests are none of it; a file more, or of another name, is', () => {
  const digest = () => recipeDigest(at('room/build.ts'));
  const before = digest();
  write('room/parts.test.ts', 'changed');
  write('other/archive.ts', 'changed');
  expect(digest()).toBe(before);
  write('room/more.ts', '');
  expect(digest()).not.toBe(before);
});

test('bundled it is the piece itself, and the data that lies beside it', () => {
  mkdirSync(join(folder, 'dist/guest'), { recursive: true });
  write('dist/build-abc.mjs', 'import "./parts-def.mjs"');
  write('dist/parts-def.mjs', 'parts');
  write('dist/guest/setup.sh', 'setup');
  const files = recipeFiles(at('dist/build-abc.mjs'), ['guest', '../protocols/cpio']);
  expect(files.map((file) => file.slice(folder.length))).toEqual(['/dist/build-abc.mjs', '/dist/guest/setup.sh']);
  const before = recipeDigest(at('dist/build-abc.mjs'), ['guest']);
  write('dist/guest/setup.sh', 'changed');
  expect(recipeDigest(at('dist/build-abc.mjs'), ['guest'])).not.toBe(before);
});
