import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, TestSuite } from 'vitest/node';
import type { FileReport, TestReport } from './test-report.ts';

/** Counts tests and keeps why one failed or was skipped; writes a TestReport to the file the environment names. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const report: TestReport = { files: {}, errors: errors.length };
    for (const module of modules) report.files[module.relativeModuleId] = reportOf(module);
    const file = process.env['INGOT_TEST_REPORT'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

function reportOf(module: TestModule): FileReport {
  const report: FileReport = { passed: 0, failed: 0, skipped: [], unsteady: [], errors: [] };
  const failed = (name: string, errors: Errors) => {
    report.failed++;
    report.errors.push(`${name}: ${firstError(errors)}`);
  };
  let inside = 0;
  for (const test of module.children.allTests()) {
    inside++;
    const result = test.result();
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    if (result.state === 'passed') {
      report.passed++;
      if (test.diagnostic()?.flaky) report.unsteady.push(`${name}: ${firstError(result.errors)}`);
    } else if (result.state !== 'skipped') failed(name, result.errors);
    // What a broken hook kept from running is counted once, as the failure of its suite.
    else if (!hasBrokenHook(test.parent)) report.skipped.push({ name, why: result.note });
  }
  // A file that broke before its first test, or in a hook, has errors of its own.
  if (module.errors().length > 0 || (inside === 0 && module.state() === 'failed'))
    failed(module.relativeModuleId, module.errors());
  for (const suite of module.children.allSuites())
    if (suite.errors().length > 0) failed(`${module.relativeModuleId} > ${suite.fullName}`, suite.errors());
  return report;
}

type Errors = readonly { message: string; stack?: string }[] | undefined;

/** What went wrong first, and where. */
function firstError(errors: Errors): string {
  const error = errors?.[0];
  const place = error?.stack?.split('\n').find((line) => line.includes('/tests/') && !line.includes('node_modules'));
  return [error?.message ?? 'nobody knows why', place?.trim()].filter((part) => part !== undefined).join(' ');
}

function hasBrokenHook(place: TestSuite | TestModule): boolean {
  if (place.errors().length > 0) return true;
  return place.type === 'suite' && hasBrokenHook(place.parent);
}
