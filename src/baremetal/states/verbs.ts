import type { ProvisionEvent, ProvisionState } from './names.ts';
import { type OperationName, STATES } from './table.ts';

/** `target` of PUT states/provision. */
export const VERB_TARGETS = [
  'active',
  'deploy',
  'deleted',
  'undeploy',
  'rebuild',
  'manage',
  'provide',
  'inspect',
  'abort',
  'clean',
  'adopt',
  'rescue',
  'unrescue',
  'unhold',
  'service',
] as const;

export type VerbTarget = (typeof VERB_TARGETS)[number];

export interface Verb {
  event: ProvisionEvent;
  /** Minor microversion that brought it; asking with an older one is 406. */
  since: number;
  /** Where a state needs a newer microversion than the verb itself. */
  sinceIn?: Partial<Record<ProvisionState, number>>;
}

/** The words of the API. `undeploy` came with 73 as `deploy` did, but Ironic never gates it; nor do we. */
export const VERBS: { readonly [T in VerbTarget]: Verb } = {
  active: { event: 'deploy', since: 1 },
  deploy: { event: 'deploy', since: 73 },
  deleted: { event: 'delete', since: 1 },
  undeploy: { event: 'delete', since: 1 },
  rebuild: { event: 'rebuild', since: 1 },
  manage: { event: 'manage', since: 4 },
  provide: { event: 'provide', since: 4 },
  inspect: { event: 'inspect', since: 6 },
  abort: { event: 'abort', since: 13, sinceIn: { 'inspect wait': 41, 'wait call-back': 110 } },
  clean: { event: 'clean', since: 15 },
  adopt: { event: 'adopt', since: 17 },
  rescue: { event: 'rescue', since: 38 },
  unrescue: { event: 'unrescue', since: 38 },
  unhold: { event: 'unhold', since: 85 },
  service: { event: 'service', since: 87 },
};

/** True when `text` is a verb of the API. */
export function isVerbTarget(text: string): text is VerbTarget {
  return Object.hasOwn(VERBS, text);
}

/** Events people may cause; the others come from workflows. */
const HUMAN = new Set<ProvisionEvent>(Object.values(VERBS).map((verb) => verb.event));

/** The verbs a person may use in `state`, in the API's words. For docs, CLI completion and tests. */
export function verbsIn(state: ProvisionState): VerbTarget[] {
  const events = STATES[state].on;
  return VERB_TARGETS.filter((target) => {
    const { event } = VERBS[target];
    // `cleaning` knows `manage` and `deleting` knows `clean`, but only workflows say them there.
    return HUMAN.has(event) && events[event] !== undefined && STATES[state].kind !== 'moving';
  });
}

/** The minor microversion that `target` needs in `state`. */
export function sinceFor(target: VerbTarget, state: ProvisionState): number {
  const verb = VERBS[target];
  return Math.max(verb.since, verb.sinceIn?.[state] ?? 0);
}

/**
 * The operation a verb starts in a state; null when the transition is all there is to it (available → manageable),
 * or when it speaks to the operation in flight (abort, unhold).
 */
export function operationFor(from: ProvisionState, event: ProvisionEvent): OperationName | null {
  const to = STATES[from].on[event];
  if (to === undefined || STATES[to].kind !== 'moving') return null;
  return STATES[to].operation;
}
