import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..', '..');

/** What our own lint rules, and those of oxlint we lean on, must find: file, code, rule. */
const BAD: [file: string, code: string, rule: string][] = [
  ['src/store/now.ts', 'export const t = Date.now();', 'house(clock)'],
  ['src/store/monotonic.ts', 'export const t = performance.now();', 'house(clock)'],
  ['src/store/new-date.ts', 'export const t = new Date();', 'house(clock)'],
  ['src/store/timeout.ts', 'setTimeout(() => {}, 1);', 'house(clock)'],
  ['src/store/interval.ts', 'setInterval(() => {}, 1);', 'house(clock)'],
  ['src/store/random.ts', 'export const r = Math.random();', 'house(random)'],
  ['src/store/env.ts', 'export const e = process.env.HOME;', 'house(environment)'],
  ['src/store/env-index.ts', "export const e = process['env'];", 'house(environment)'],
  ['src/store/fetch.ts', "export const r = fetch('http://127.0.0.1/');", 'house(outbound)'],
  ['src/store/shell.ts', 'export const options = { shell: true };', 'house(shell)'],
  ['src/store/skip.test.ts', "import { it } from 'vitest';\nit.skipIf(true)('x', () => {});", 'house(skips)'],
  ['src/store/only.test.ts', "import { it } from 'vitest';\nit.only('x', () => {});", 'vitest(no-focused-tests)'],
  ['src/store/any.ts', 'export const a = (x: any): unknown => x;', 'typescript(no-explicit-any)'],
  ['src/store/console.ts', 'console.log(1);', 'eslint(no-console)'],
  ['src/store/default.ts', 'export default 1;', 'import(no-default-export)'],
  ['src/store/floating.ts', 'export const f = async () => {};\nf();', 'typescript(no-floating-promises)'],
  [
    'src/store/switch.ts',
    "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n}",
    'typescript(switch-exhaustiveness-check)',
  ],
];

/** Where it may stand. */
const GOOD: [file: string, code: string][] = [
  ['src/kernel/clock.ts', 'export const t = () => Date.now();\nexport const later = () => setTimeout(() => {}, 1);'],
  ['src/kernel/run.ts', "export const path = process.env['PATH'];"],
  ['src/store/date.ts', 'export const d = (ms: number) => new Date(ms);'],
  ['src/store/own-timeout.ts', 'export const f = (setTimeout: () => void) => setTimeout();'],
  ['src/protocols/fetch.ts', "export const r = () => fetch('http://127.0.0.1/');"],
  ['src/operate/print.ts', 'console.log(1);'],
];

let root = '';
let found: { code: string; filename: string }[] = [];

beforeAll(() => {
  // A small copy of the repository: the configuration's paths count from where it lies.
  root = mkdtempSync(join(tmpdir(), 'ingot-lint-test-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'tools/rules/house.ts']) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    copyFileSync(join(repository, name), join(root, name));
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  for (const [file, code] of [...BAD, ...GOOD]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${code}\n`);
  }
  const child = spawnSync(
    process.execPath,
    [join(repository, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '--format', 'json', 'src'],
    { cwd: root, encoding: 'utf8' },
  );
  const { diagnostics } = JSON.parse(child.stdout) as { diagnostics: typeof found };
  found = diagnostics;
}, 30_000);

afterAll(() => rmSync(root, { recursive: true }));

test.for(BAD)('%s is refused', ([file, , rule]) => {
  expect(found.filter((one) => one.filename.endsWith(file)).map((one) => one.code)).toContain(rule);
});

test.for(GOOD)('%s is let through', ([file]) => {
  expect(found.filter((one) => one.filename.endsWith(file))).toEqual([]);
});
