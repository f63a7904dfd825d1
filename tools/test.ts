// npm test: checks, then tests, then one line that sums up. npm test -- <filter> runs what matches only:
// test files by a part of their path, checks by a part of their name; npm test -- --checks runs no tests.
import { availableParallelism } from 'node:os';
import type { Check } from './checks/check.ts';
import { CHECKS } from './checks/checks.ts';
import { installDebianPackages, missingDebianPackages } from './debian.ts';
import { makeTestProgram } from './test-program.ts';
import { afterSecondTry, NO_TESTS, type TestReport, together, totals, toTryAgain } from './test-report.ts';
import { runTests } from './vitest.ts';

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

/**
 * Runs everything. On a fresh machine Debian's packages take minutes of one processor: on the other run the checks, and
 * the tests that need none of them.
 */
async function runAll(checks: readonly Check[]): Promise<[number, TestReport]> {
  const missing = await missingDebianPackages();
  const beside = missing.length > 0 && filters.length === 0 && !onlyChecks;
  const early = async (failed: number): Promise<[number, TestReport]> => [
    failed,
    beside ? refusingSkips(await runTests({ part: 'early', filters })) : NO_TESTS,
  ];
  const [[failedChecks, first]] = await Promise.all([runChecks(checks).then(early), installDebianPackages(missing)]);
  if (onlyChecks) return [failedChecks, NO_TESTS];
  using program = filters.length === 0 ? await makeTestProgram() : undefined;
  const built = program === undefined ? {} : { program: program.path };
  const rest = await runTests({ part: beside ? 'late' : 'all', filters, ...built });
  const report = together(first, rest);
  // Who runs some tests wants to know of the first that fails.
  const again = filters.length > 0 ? [] : toTryAgain(report);
  if (again.length === 0) return [failedChecks, report];
  console.log(`Once more, each with nothing beside it: ${again.join(' ')}`);
  const second = await runTests({ part: 'all', filters: again, alone: true, ...built });
  return [failedChecks, afterSecondTry(report, second)];
}

/** A test that is skipped because a package is not there yet would have been lost without a word. */
function refusingSkips(report: TestReport): TestReport {
  const { skipped } = totals(report);
  for (const { name } of skipped) console.log(`FAIL  ${name} is skipped: it runs before Debian's packages`);
  return { ...report, errors: report.errors + skipped.length };
}

const checks = noChecks
  ? []
  : CHECKS.filter(({ name }) => filters.length === 0 || filters.some((word) => name.includes(word)));
const [failedChecks, all] = await runAll(checks);
const report = totals(all);
const silent = report.skipped.filter(({ why }) => why === undefined || why === '');
for (const { name, why } of report.skipped)
  console.log(`skipped: ${name}: ${why ?? 'SAYS NOT WHY, which counts as a failure'}`);
for (const name of report.unsteady) console.log(`UNSTEADY, passed only at the second try: ${name}`);
const failed = failedChecks + report.failed + silent.length;
const passed = checks.length - failedChecks + report.passed;
console.log(`${passed} passed, ${failed} failed, ${report.skipped.length - silent.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
