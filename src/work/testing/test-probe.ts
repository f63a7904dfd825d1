import { IngotError } from '#kernel/errors';
import type { Probe } from '../probe.ts';

/** Where an injected failure hits: in place of the body, or after it did everything. */
export type FailurePoint = 'before' | 'after';

/** A probe a test steers, per workflow id. Give it to `createWork({ probe })`. */
export interface TestProbe extends Probe {
  /** Bodies of this workflow run twice, the second time as a successor would: with `check`, `resumed` true. */
  twice(id: string): void;
  /** This step (or `<step> undo`) fails for good. */
  fail(id: string, step: string, at: FailurePoint): void;
  /** Calls `fn` when the body of this step is about to run. */
  before(id: string, step: string, fn: () => void | Promise<void>): void;
  /** Names of the steps whose bodies ran, in order; undo steps as `<step> undo`. */
  bodies(id: string): readonly string[];
}

/** What an injected failure throws. */
export const INJECTED = 'InjectedFailure';

export function makeTestProbe(): TestProbe {
  const twice = new Set<string>();
  const failures = new Map<string, FailurePoint>();
  const hooks = new Map<string, () => void | Promise<void>>();
  const bodies = new Map<string, string[]>();
  const key = (id: string, step: string) => `${id}\u0000${step}`;
  return {
    twice: (id) => void twice.add(id),
    fail: (id, step, at) => void failures.set(key(id, step), at),
    before: (id, step, fn) => void hooks.set(key(id, step), fn),
    bodies: (id) => bodies.get(id) ?? [],
    async body({ id }, { name }, _signal, work) {
      const list = bodies.get(id) ?? [];
      bodies.set(id, list);
      list.push(name);
      await hooks.get(key(id, name))?.();
      const failure = failures.get(key(id, name));
      const error = new IngotError(INJECTED, 500, `step "${name}" was made to fail`);
      if (failure === 'before') throw error;
      const first = await work(false);
      if (failure === 'after') throw error;
      return twice.has(id) ? await work(true) : first;
    },
    passed() {},
  };
}
