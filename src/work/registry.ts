import type { Json, Workflow } from './contract.ts';
import { errors } from './errors.ts';

/** The workflows this process knows, all versions of them. */
export interface Registry {
  add<I extends Json>(workflow: Workflow<I>): void;
  /** `name@version` of each. */
  names(): string[];
  versions(name: string): number[];
  get(name: string, version: number): Workflow<Json> | undefined;
  all(): Iterable<[string, Workflow<Json>]>;
  /** Does `name@version` count against a limit? */
  hasLimit(full: string): boolean;
  /** Names of the limits they use. */
  limits(): string[];
}

export function makeRegistry(): Registry {
  const workflows = new Map<string, Workflow<Json>>();
  const versions = new Map<string, number[]>();
  let names: string[] = [];
  return {
    add(workflow) {
      const full = `${workflow.name}@${workflow.version}`;
      if (workflows.has(full)) throw errors.WorkRegisteredTwice(full);
      workflows.set(full, workflow as unknown as Workflow<Json>);
      versions.set(workflow.name, [...(versions.get(workflow.name) ?? []), workflow.version]);
      names = [...workflows.keys()];
    },
    names: () => names,
    versions: (name) => versions.get(name) ?? [],
    get: (name, version) => workflows.get(`${name}@${version}`),
    all: () => workflows,
    hasLimit: (full) => workflows.get(full)?.limit !== undefined,
    limits: () => [...new Set([...workflows.values()].flatMap((w) => (w.limit === undefined ? [] : [w.limit])))],
  };
}
