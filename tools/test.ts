// npm test: checks, then tests, then one line that sums up. npm test -- <filter> runs what matches only:
// test files by a part of their path, checks by a part of their name; npm test -- --checks runs no tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, root } from './checks/check.ts';
import { CHECKS } from './checks/checks.ts';
import { installDebianPackages } from './debian.ts';
import { makeTestProgram } from './test-program.ts';
import type { TestReport } from './vitest-report.ts';

const filters = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const onlyChecks = process.argv.includes('--checks');
const noChecks = process.argv.includes('--no-checks');

/** Runs the checks, as many at a time as there are processors. Gives how many failed. */
async function runChecks(checks: readonly Check[]): Promise<number> {
  const waiting = [...checks];
  let failed = 0;
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = performance.now();
      const problems = await check.run().catch((error: unknown) => [String((error as Error).stack ?? error)]);
      const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
      if (problems.length > 0) failed++;
      console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${check.name} (${took})`);
      for (const problem of problems.slice(0, 60)) console.log(`      ${problem}`);
      for (const note of (await check.notes?.()) ?? []) console.log(`      (${note})`);
      if (problems.length > 60) console.log(`      and ${problems.length - 60} more`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed;
}

/** Runs vitest as a child; its output goes through. */
async function runTests(): Promise<TestReport> {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-test-report-'));
  const file = join(folder, 'report.json');
  using program = filters.length === 0 ? await makeTestProgram() : undefined;
  try {
    const args = ['run', '--passWithNoTests', '--reporter=dot', `--reporter=${join(root, 'tools/vitest-report.ts')}`];
    const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...filters], {
      cwd: root,
      stdio: 'inherit',
      // Children of tests (npm, our own commands) find this Node first.
      env: {
        ...process.env,
        INGOT_TEST_REPORT: file,
        PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
        // Many files start the program: they share one database that is made once, and copied, and one file with all of
        // the program in it. See tests/house/ingot.ts.
        ...(program === undefined ? {} : { INGOT_TEST_SEED: folder, INGOT_TEST_PROGRAM: program.path }),
      },
    });
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
    const code = await new Promise<number>((resolve) => child.on('exit', (exit) => resolve(exit ?? 1)));
    const report = readReport(file);
    if (code !== 0 && report.failed === 0) report.failed = 1;
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
  } catch {
    return { passed: 0, failed: 1, skipped: [], unsteady: [] };
  }
}

await installDebianPackages();
const checks = noChecks
  ? []
  : CHECKS.filter(({ name }) => filters.length === 0 || filters.some((word) => name.includes(word)));
const failedChecks = await runChecks(checks);
const report = onlyChecks ? { passed: 0, failed: 0, skipped: [], unsteady: [] } : await runTests();
const silent = report.skipped.filter(({ why }) => why === undefined || why === '');
for (const { name, why } of report.skipped)
  console.log(`skipped: ${name}: ${why ?? 'SAYS NOT WHY, which counts as a failure'}`);
for (const name of report.unsteady) console.log(`UNSTEADY, passed only at the second try: ${name}`);
const failed = failedChecks + report.failed + silent.length;
const passed = checks.length - failedChecks + report.passed;
console.log(`${passed} passed, ${failed} failed, ${report.skipped.length - silent.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
