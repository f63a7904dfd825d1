import { PROVISION_STATES, type ProvisionEvent, type ProvisionState } from './names.ts';

/**
 * What a state is to the outside:
 * - stable: leaves only by a verb; - moving: a conductor works on it; - wait: a conductor waits for the machine;
 * - hold: a person asked it to stop there; - failed: ended badly, leaves only by a verb.
 */
export type StateKind = 'stable' | 'moving' | 'wait' | 'hold' | 'failed';

/** The workflows that move nodes. */
export type OperationName =
  | 'verify'
  | 'inspect'
  | 'clean'
  | 'deploy'
  | 'undeploy'
  | 'rescue'
  | 'unrescue'
  | 'service'
  | 'adopt';

export interface StateRow {
  kind: StateKind;
  /** `target_provision_state` while in it, unless the operation says otherwise (manual clean: manageable). */
  target: ProvisionState | null;
  /**
   * Milliseconds the node may stay, after which the operation fails. null: until a verb comes.
   * A wait may be shorter or longer when the driver says how long the machine takes.
   */
  limitMs: number | null;
  /** What happens next: event → state. */
  on: Partial<Record<ProvisionEvent, ProvisionState>>;
  /** The operation that owns the node in this state; null where no operation is in flight. */
  operation: OperationName | null;
  /** May the node be deleted (outside maintenance)? */
  deletable?: true;
  /** May the node be edited although it has a target state? True for every stable state. */
  updatable?: true;
  /** May driver and interfaces be changed (outside maintenance)? */
  interfacesEditable?: true;
  /** Does `lookup` answer a ramdisk in this state? */
  lookup?: true;
}

const MINUTE = 60_000;
/** A moving state's whole time; a step that takes longer must wait for a call-back instead. */
const WORKING = 120 * MINUTE;
/** Ironic's default for each call-back of a ramdisk. */
const CALLBACK = 30 * MINUTE;

/** The provisioning machine. API, workflows, chores, docs and tests read this table and nothing else. */
export const STATES: { readonly [S in ProvisionState]: StateRow } = {
  enroll: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { manage: 'verifying' },
    deletable: true,
    updatable: true,
    interfacesEditable: true,
  },
  verifying: {
    kind: 'moving',
    target: 'manageable',
    limitMs: 10 * MINUTE,
    operation: 'verify',
    on: { done: 'manageable', fail: 'enroll' },
    updatable: true,
  },
  manageable: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { provide: 'cleaning', clean: 'cleaning', inspect: 'inspecting', adopt: 'adopting' },
    deletable: true,
    updatable: true,
    interfacesEditable: true,
  },
  inspecting: {
    kind: 'moving',
    target: 'manageable',
    limitMs: WORKING,
    operation: 'inspect',
    on: { done: 'manageable', wait: 'inspect wait', fail: 'inspect failed' },
    updatable: true,
    interfacesEditable: true,
    lookup: true,
  },
  'inspect wait': {
    kind: 'wait',
    target: 'manageable',
    limitMs: CALLBACK,
    operation: 'inspect',
    on: { resume: 'inspecting', done: 'manageable', fail: 'inspect failed', abort: 'inspect failed' },
    updatable: true,
    interfacesEditable: true,
    lookup: true,
  },
  'inspect failed': {
    kind: 'failed',
    target: 'manageable',
    limitMs: null,
    operation: null,
    on: { manage: 'manageable', inspect: 'inspecting' },
    updatable: true,
  },
  cleaning: {
    kind: 'moving',
    target: 'available',
    limitMs: WORKING,
    operation: 'clean',
    // `manage` ends a manual clean, and any clean of a retired node.
    on: {
      done: 'available',
      manage: 'manageable',
      wait: 'clean wait',
      hold: 'clean hold',
      fail: 'clean failed',
    },
    lookup: true,
  },
  'clean wait': {
    kind: 'wait',
    target: 'available',
    limitMs: CALLBACK,
    operation: 'clean',
    on: { resume: 'cleaning', hold: 'clean hold', fail: 'clean failed', abort: 'clean failed' },
    lookup: true,
  },
  'clean hold': {
    kind: 'hold',
    target: 'available',
    limitMs: null,
    operation: 'clean',
    on: { unhold: 'clean wait', abort: 'clean failed' },
  },
  'clean failed': {
    kind: 'failed',
    target: 'available',
    limitMs: null,
    operation: null,
    on: { manage: 'manageable' },
    updatable: true,
  },
  available: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { deploy: 'deploying', manage: 'manageable' },
    updatable: true,
    interfacesEditable: true,
  },
  deploying: {
    kind: 'moving',
    target: 'active',
    limitMs: WORKING,
    operation: 'deploy',
    on: { done: 'active', wait: 'wait call-back', hold: 'deploy hold', fail: 'deploy failed' },
    lookup: true,
  },
  'wait call-back': {
    kind: 'wait',
    target: 'active',
    limitMs: CALLBACK,
    operation: 'deploy',
    on: {
      resume: 'deploying',
      hold: 'deploy hold',
      fail: 'deploy failed',
      abort: 'deploy failed',
      delete: 'deleting',
    },
    lookup: true,
  },
  'deploy hold': {
    kind: 'hold',
    target: 'active',
    limitMs: null,
    operation: 'deploy',
    on: { unhold: 'wait call-back', abort: 'deploy failed' },
  },
  'deploy failed': {
    kind: 'failed',
    target: 'active',
    limitMs: null,
    operation: null,
    on: { deploy: 'deploying', rebuild: 'deploying', delete: 'deleting' },
    updatable: true,
  },
  active: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { rebuild: 'deploying', delete: 'deleting', rescue: 'rescuing', service: 'servicing' },
    updatable: true,
  },
  deleting: {
    kind: 'moving',
    target: 'available',
    limitMs: WORKING,
    operation: 'undeploy',
    on: { clean: 'cleaning', fail: 'error' },
  },
  error: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { rebuild: 'deploying', delete: 'deleting' },
    updatable: true,
  },
  adopting: {
    kind: 'moving',
    target: 'active',
    limitMs: 10 * MINUTE,
    operation: 'adopt',
    on: { done: 'active', fail: 'adopt failed' },
  },
  'adopt failed': {
    kind: 'failed',
    target: 'active',
    limitMs: null,
    operation: null,
    on: { adopt: 'adopting', manage: 'manageable' },
    deletable: true,
    updatable: true,
  },
  rescuing: {
    kind: 'moving',
    target: 'rescue',
    limitMs: WORKING,
    operation: 'rescue',
    on: { done: 'rescue', wait: 'rescue wait', fail: 'rescue failed' },
    lookup: true,
  },
  'rescue wait': {
    kind: 'wait',
    target: 'rescue',
    limitMs: CALLBACK,
    operation: 'rescue',
    on: { resume: 'rescuing', fail: 'rescue failed', abort: 'rescue failed', delete: 'deleting' },
    lookup: true,
  },
  rescue: {
    kind: 'stable',
    target: null,
    limitMs: null,
    operation: null,
    on: { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' },
    updatable: true,
  },
  'rescue failed': {
    kind: 'failed',
    target: 'rescue',
    limitMs: null,
    operation: null,
    on: { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' },
    updatable: true,
  },
  unrescuing: {
    kind: 'moving',
    target: 'active',
    limitMs: WORKING,
    operation: 'unrescue',
    on: { done: 'active', fail: 'unrescue failed' },
  },
  'unrescue failed': {
    kind: 'failed',
    target: 'active',
    limitMs: null,
    operation: null,
    on: { rescue: 'rescuing', unrescue: 'unrescuing', delete: 'deleting' },
    updatable: true,
  },
  servicing: {
    kind: 'moving',
    target: 'active',
    limitMs: WORKING,
    operation: 'service',
    on: { done: 'active', wait: 'service wait', hold: 'service hold', fail: 'service failed' },
    lookup: true,
  },
  'service wait': {
    kind: 'wait',
    target: 'active',
    limitMs: CALLBACK,
    operation: 'service',
    on: {
      resume: 'servicing',
      hold: 'service hold',
      fail: 'service failed',
      abort: 'service failed',
      delete: 'deleting',
    },
    lookup: true,
  },
  'service hold': {
    kind: 'hold',
    target: 'active',
    limitMs: null,
    operation: 'service',
    on: { service: 'servicing', unhold: 'service wait', fail: 'service failed', abort: 'service failed' },
    updatable: true,
  },
  'service failed': {
    kind: 'failed',
    target: 'active',
    limitMs: null,
    operation: null,
    on: {
      service: 'servicing',
      rescue: 'rescuing',
      abort: 'active',
      delete: 'deleting',
      wait: 'service wait',
      hold: 'service hold',
    },
    updatable: true,
  },
};

/** The state `event` leads to from `from`; undefined when it may not happen there. */
export function next(from: ProvisionState, event: ProvisionEvent): ProvisionState | undefined {
  return STATES[from].on[event];
}

/** The states a row of which `test` accepts. */
export function statesWhere(test: (row: StateRow) => boolean): ProvisionState[] {
  return PROVISION_STATES.filter((state) => test(STATES[state]));
}

/** True when a conductor is at work in this state, so that nobody else may touch the node. */
export function isMoving(state: ProvisionState): boolean {
  return STATES[state].kind === 'moving';
}

/** True when an operation is in flight but rests: the machine, or a person, has the next move. */
export function isResting(state: ProvisionState): boolean {
  const { kind } = STATES[state];
  return kind === 'wait' || kind === 'hold';
}

/**
 * The event that ends `state` badly, for work that is gone or too slow: `fail`, or `abort` where a hold knows
 * no `fail`. undefined where nothing is in flight.
 */
export function failureEvent(state: ProvisionState): ProvisionEvent | undefined {
  const row = STATES[state];
  if (row.operation === null) return undefined;
  return row.on.fail === undefined ? 'abort' : 'fail';
}
