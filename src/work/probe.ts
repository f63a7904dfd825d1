import type { Json, StepSpec } from './contract.ts';
import type { RunFacts } from './run.ts';

/** Lets tests run steps twice, fail them, and kill the process between them. Absent in production. */
export interface Probe {
  /**
   * Stands in for a body: calls `work` as often as it likes; `again` makes it ask `check` first, as after a
   * takeover. Undo steps are named `<step> undo`.
   */
  body<T extends Json | void>(
    facts: RunFacts,
    spec: StepSpec<T>,
    signal: AbortSignal,
    work: (again: boolean) => Promise<T>,
  ): Promise<T>;
  /** A boundary was passed: `claimed`, `recorded <step>`, `ended`. */
  passed(facts: RunFacts, point: string): void;
}
