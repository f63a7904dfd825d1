import type { Answer, Recording, SweepAnswer } from './play.ts';
import { scenario } from './scenario.ts';

/** A departure from the recorded answers that is meant, with its reason; listed in docs/differences.md. */
export interface Difference {
  /** Case ids; `*` at the end matches a family. */
  cases: string;
  /** Which part may differ: a dotted path in `{status, headers, body}`; a prefix is enough; `*` matches one name. */
  path: string;
  reason: string;
}

/** One unexpected deviation. */
export interface Deviation {
  id: string;
  version: number | null;
  path: string;
  expected: unknown;
  actual: unknown;
}

/** Error wording is compared only where a case says `exact`: schemas differ, meaning must not. */
const WORDING = /^body\.error_message(\.faultstring|\.debuginfo|\.description)?$/;

function* differ(path: string, expected: unknown, actual: unknown): Generator<[string, unknown, unknown]> {
  if (Object.is(expected, actual)) return;
  if (expected !== null && actual !== null && typeof expected === 'object' && typeof actual === 'object') {
    if (Array.isArray(expected) === Array.isArray(actual)) {
      const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
      for (const name of names) {
        yield* differ(
          `${path}.${name}`,
          (expected as Record<string, unknown>)[name],
          (actual as Record<string, unknown>)[name],
        );
      }
      return;
    }
  }
  yield [path, expected, actual];
}

function matches(pattern: string, path: string): boolean {
  if (pattern === '') return true;
  const want = pattern.split('.');
  const have = path.split('.');
  return want.length <= have.length && want.every((part, i) => part === '*' || part === have[i]);
}

function at(sweep: readonly SweepAnswer[], version: number): Answer | undefined {
  let found: Answer | undefined;
  for (const entry of sweep) if (entry.since <= version) found = entry.answer;
  return found;
}

/** Compares two recordings case by case; gives what deviates without being listed in `differences`. */
export function compare(
  expected: Recording,
  actual: Recording,
  maximum: number,
  differences: readonly Difference[],
): Deviation[] {
  const deviations: Deviation[] = [];
  for (const item of scenario) {
    const want = expected[item.id];
    const got = actual[item.id];
    const one = (version: number | null, a: Answer | undefined, b: Answer | undefined) => {
      const refused = (a?.status ?? 0) >= 400;
      for (const [path, e, x] of differ('', a, b)) {
        const place = path.slice(1);
        if (refused && item.exact !== true && WORDING.test(place)) continue;
        const known = differences.some(
          (d) =>
            (d.cases === item.id || (d.cases.endsWith('*') && item.id.startsWith(d.cases.slice(0, -1)))) &&
            matches(d.path, place),
        );
        if (!known) deviations.push({ id: item.id, version, path: place, expected: e, actual: x });
      }
    };
    if (Array.isArray(want) || Array.isArray(got)) {
      let last = '';
      for (let version = 1; version <= maximum; version += 1) {
        const before = deviations.length;
        one(version, at((want ?? []) as SweepAnswer[], version), at((got ?? []) as SweepAnswer[], version));
        // The same deviation in a row of versions is one.
        const text = JSON.stringify(deviations.slice(before).map((d) => [d.path, d.expected, d.actual]));
        if (text === last) deviations.length = before;
        last = text;
      }
    } else {
      one(typeof item.version === 'number' ? item.version : null, want, got);
    }
  }
  return deviations;
}
