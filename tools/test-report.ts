/** What tests of one file, or of many, gave. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: { name: string; why: string | undefined }[];
  /** Tests that passed only when they were tried again, and why not before: each is a fault to be found. */
  unsteady: string[];
}

/** Of one file: also why what failed did. */
export interface FileReport extends Counts {
  errors: string[];
}

/** What a run of vitest gave: by file, and the errors that belong to none. */
export interface TestReport {
  files: { [file: string]: FileReport };
  errors: number;
}

/** No test at all. */
export const NO_TESTS: TestReport = { files: {}, errors: 0 };

/** More files than this that failed have one cause, which another try would only repeat. */
const MANY = 8;

/** Two reports on different files as one; of a file in both, what `b` says. */
export function together(a: TestReport, b: TestReport): TestReport {
  return { files: { ...a.files, ...b.files }, errors: a.errors + b.errors };
}

/** All files in one. */
export function totals(report: TestReport): Counts {
  const all = Object.values(report.files);
  const sum = (of: (file: FileReport) => number) => all.reduce((before, file) => before + of(file), 0);
  return {
    passed: sum((file) => file.passed),
    failed: sum((file) => file.failed) + report.errors,
    skipped: all.flatMap((file) => file.skipped),
    unsteady: all.flatMap((file) => file.unsteady),
  };
}

/**
 * Files to be run once more, whole and with nothing beside them: those under `tests/` that failed, unless they are
 * many. Pure logic (beside the code) has no second try: it depends on nothing but itself.
 */
export function toTryAgain(report: TestReport): string[] {
  const failed = Object.entries(report.files).filter(([, file]) => file.failed > 0);
  if (failed.length > MANY) return [];
  return failed.map(([file]) => file).filter((file) => file.startsWith('tests/'));
}

/** A report with what a second try of some of its files gave; what passed only there is unsteady. */
export function afterSecondTry(first: TestReport, second: TestReport): TestReport {
  const files = { ...first.files };
  for (const [name, file] of Object.entries(second.files)) {
    const why = first.files[name]?.errors ?? [];
    files[name] = file.failed > 0 ? file : { ...file, unsteady: [...file.unsteady, ...why] };
  }
  return { files, errors: first.errors + second.errors };
}
