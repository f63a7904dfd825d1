import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  afterSecondTry,
  type FileReport,
  NO_TESTS,
  type TestReport,
  together,
  totals,
  toTryAgain,
} from './test-report.ts';

const root = join(import.meta.dirname, '..');

const SAMPLE = `
import { beforeAll, describe, expect, it } from 'vitest';
it('passes', () => {});
it('fails', () => expect(1).toBe(2));
let tries = 0;
it('passes at the second try', { retry: 1 }, () => expect(++tries).toBe(2));
it('is skipped with a reason', (context) => context.skip(true, 'no such program'));
it.skip('is skipped silently', () => {});
describe('a suite with a broken hook', () => {
  beforeAll(() => {
    throw new Error('broken');
  });
  it('does not run', () => {});
  it('does not run either', () => {});
});
`;

test('tests are counted, reasons kept, and what a broken hook kept from running is one failure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-report-test-'));
  try {
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'tests', 'sample.test.mjs'), SAMPLE);
    writeFileSync(join(folder, 'tests', 'broken.test.mjs'), "throw new Error('at import');\n");
    const file = join(folder, 'report.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporter = `--reporter=${join(root, 'tools/vitest-report.ts')}`;
    const args = [vitest, 'run', '--root', folder, '--config', join(folder, 'none.mjs'), reporter];
    writeFileSync(join(folder, 'none.mjs'), 'export default {};\n');
    spawnSync(process.execPath, args, { cwd: root, env: { ...process.env, INGOT_TEST_REPORT: file } });
    const report = JSON.parse(readFileSync(file, 'utf8')) as TestReport;
    expect(totals(report)).toEqual({
      passed: 2,
      failed: 3,
      skipped: [
        { name: 'tests/sample.test.mjs > is skipped with a reason', why: 'no such program' },
        { name: 'tests/sample.test.mjs > is skipped silently' },
      ],
      unsteady: [
        expect.stringMatching(/^tests\/sample.test.mjs > passes at the second try: expected 1 to be 2 .*:6:68\)?$/),
      ],
    });
    expect(report.files['tests/sample.test.mjs']?.errors).toEqual([
      expect.stringMatching(/^tests\/sample.test.mjs > fails: expected 1 to be 2 .*:4:\d+\)?$/),
      expect.stringMatching(/^tests\/sample.test.mjs > a suite with a broken hook: broken /),
    ]);
    expect(report.files['tests/broken.test.mjs']).toMatchObject({
      failed: 1,
      errors: [expect.stringMatching(/at import/)],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const file = (failed: number, passed = 1): FileReport => ({
  passed,
  failed,
  skipped: [],
  unsteady: [],
  errors: Array.from({ length: failed }, (_, i) => `why ${i}`),
});

test('files of tests/ that failed are tried again, whole, unless they are many', () => {
  const files = { 'tests/a.test.ts': file(2), 'tests/b.test.ts': file(0), 'src/c.test.ts': file(1) };
  expect(toTryAgain({ files, errors: 0 })).toEqual(['tests/a.test.ts']);
  expect(toTryAgain(NO_TESTS)).toEqual([]);
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`tests/${i}.test.ts`, file(1)]));
  expect(toTryAgain({ files: many, errors: 0 })).toEqual([]);
});

test('what passes at the second try is unsteady and says why; what fails again has failed once', () => {
  const first: TestReport = { files: { 'tests/a': file(2), 'tests/b': file(1), 'tests/c': file(0, 5) }, errors: 0 };
  const second: TestReport = { files: { 'tests/a': file(0, 3), 'tests/b': file(1) }, errors: 1 };
  expect(totals(afterSecondTry(first, second))).toEqual({
    passed: 3 + 1 + 5,
    failed: 1 + 1,
    skipped: [],
    unsteady: ['why 0', 'why 1'],
  });
  expect(totals(together(first, NO_TESTS))).toEqual(totals(first));
});
