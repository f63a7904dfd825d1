import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { quickFolder } from '../src/kernel/testing/quick-folder.ts';
import { root } from './checks/check.ts';
import { NO_TESTS, type TestReport, totals } from './test-report.ts';

/** What of the tests runs: all, those that need no package of Debian's, or the others. `vitest.config.ts` reads it. */
export type TestPart = 'all' | 'early' | 'late';

export interface TestRun {
  part: TestPart;
  /** Parts of the paths of files; none: all. */
  filters: readonly string[];
  /** One file after the other, with nothing beside. */
  alone?: boolean;
  /** The program in one file: see test-program.ts. */
  program?: string;
}

/** Runs vitest as a child; its output goes through. */
export async function runTests({ part, filters, alone, program }: TestRun): Promise<TestReport> {
  const folder = mkdtempSync(join(quickFolder(), 'ingot-test-report-'));
  const file = join(folder, 'report.json');
  try {
    const args = ['run', '--passWithNoTests', '--reporter=dot', `--reporter=${join(root, 'tools/vitest-report.ts')}`];
    if (part === 'early') args.push('--project', 'system');
    if (alone) args.push('--no-file-parallelism');
    const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...filters], {
      cwd: root,
      stdio: 'inherit',
      // Children of tests (npm, our own commands) find this Node first.
      env: {
        ...process.env,
        INGOT_TEST_PART: part,
        INGOT_TEST_REPORT: file,
        PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
        // Many files start the program: they share one database that is made once, and copied, and one file with all of
        // the program in it. See tests/house/ingot.ts.
        ...(program === undefined ? {} : { INGOT_TEST_SEED: folder, INGOT_TEST_PROGRAM: program }),
      },
    });
    const pass = (name: NodeJS.Signals) => void child.kill(name);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, pass);
    const code = await new Promise<number>((resolve) => child.on('exit', (exit) => resolve(exit ?? 1)));
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, pass);
    const report = readReport(file);
    // It ended badly and no test says why.
    if (code !== 0 && totals(report).failed === 0) report.errors = 1;
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
  } catch {
    return { ...NO_TESTS, errors: 1 };
  }
}
