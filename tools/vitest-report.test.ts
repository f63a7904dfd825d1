import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TestReport } from './vitest-report.ts';

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
    expect(report).toEqual({
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
  } finally {
    rmSync(folder, { recursive: true });
  }
});
