import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** What a run of vitest gave, for the last line of `npm test`. */
export interface TestReport {
  passed: number;
  failed: number;
  skipped: { name: string; why: string | undefined }[];
  /** Tests that passed only when they were tried again, and why not before: each is a fault to be found. */
  unsteady: string[];
}

/** Counts tests and keeps why one was skipped; writes a TestReport to the file the environment names. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const report: TestReport = { passed: 0, failed: errors.length, skipped: [], unsteady: [] };
    for (const module of modules) {
      let inside = 0;
      for (const test of module.children.allTests()) {
        inside++;
        count(report, module, test);
      }
      // A file that broke before its first test, or in a hook, has errors of its own.
      if (module.errors().length > 0 || (inside === 0 && module.state() === 'failed')) report.failed++;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) report.failed++;
    }
    const file = process.env['INGOT_TEST_REPORT'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

function count(report: TestReport, module: TestModule, test: TestCase): void {
  const result = test.result();
  const name = `${module.relativeModuleId} > ${test.fullName}`;
  if (result.state === 'passed') {
    report.passed++;
    if (test.diagnostic()?.flaky) report.unsteady.push(`${name}: ${firstError(result)}`);
  } else if (result.state !== 'skipped') report.failed++;
  // What a broken hook kept from running is counted once, as the failure of its suite.
  else if (!hasBrokenHook(test.parent)) {
    report.skipped.push({ name, why: result.note });
  }
}

/** What went wrong at the first try, and where. */
function firstError(result: { errors?: readonly { message: string; stack?: string }[] | undefined }): string {
  const error = result.errors?.[0];
  const place = error?.stack?.split('\n').find((line) => line.includes('/tests/') && !line.includes('node_modules'));
  return [error?.message ?? 'nobody knows why', place?.trim()].filter((part) => part !== undefined).join(' ');
}

function hasBrokenHook(place: TestSuite | TestModule): boolean {
  if (place.errors().length > 0) return true;
  return place.type === 'suite' && hasBrokenHook(place.parent);
}
