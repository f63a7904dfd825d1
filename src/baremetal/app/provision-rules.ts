import { errors } from '../errors.ts';
import type { Node } from '../model/node.ts';
import type { ConductorConfig } from '../model/conductor-config.ts';
import type { ProvisionEvent, ProvisionState } from '../states/names.ts';
import { isResting, next, STATES } from '../states/table.ts';
import { VERBS, type VerbTarget } from '../states/verbs.ts';

/** What locks are judged by. */
export interface LockFacts {
  uuid: string;
  provisionState: ProvisionState;
  operationId: string | null;
  intentId: bigint | null;
  reservation: string | null;
}

/**
 * True when a conductor is, or is about to be, at work on the node: an operation that does not rest, or an action
 * on the machine. `reservation` alone would miss work that waits for a conductor.
 */
export function isLocked(node: LockFacts): boolean {
  return node.intentId !== null || (node.operationId !== null && !isResting(node.provisionState));
}

/** 409 as Ironic gives it, for a locked node. */
export function nodeLocked(node: LockFacts) {
  return errors.NodeLocked(node.uuid, node.reservation ?? 'that takes it next', { retryAfter: 1 });
}

/** Words for what may not be done in maintenance. */
const WORKING: Partial<Record<ProvisionEvent, string>> = {
  deploy: 'provisioning',
  rebuild: 'provisioning',
  clean: 'cleaning',
  service: 'service',
  rescue: 'rescuing',
  unrescue: 'unrescuing',
};

/**
 * May `target` be asked of this node now? Gives the event. Throws 400 InvalidStateRequested, NodeInMaintenance,
 * NodeIsRetired; 403 NodeProtected; 409 NodeLocked, InvalidState.
 */
export function checkVerb(target: VerbTarget, node: Node, lock: LockFacts, config: ConductorConfig): ProvisionEvent {
  const { event } = VERBS[target];
  const { uuid, provisionState: state } = node;
  const early = event === 'deploy' || event === 'rebuild' ? WORKING[event] : undefined;
  if (early !== undefined && node.maintenance) throw errors.NodeInMaintenance(early, uuid);
  // A moving state knows events of ours (`done`, a clean's `manage`); nobody else may say them.
  const known = STATES[state].kind !== 'moving' && next(state, event) !== undefined;
  if (isLocked(lock) && (known || lock.reservation !== null)) throw nodeLocked(lock);
  if (!known) throw errors.InvalidStateRequested(target, uuid, state);
  const words = WORKING[event];
  if (words !== undefined && node.maintenance) throw errors.NodeInMaintenance(words, uuid);
  if ((event === 'delete' || event === 'rebuild') && node.protected) throw errors.NodeProtected(uuid);
  if (event === 'provide') {
    if (node.maintenance && !config.allowProvisioningInMaintenance) throw errors.NodeInMaintenance('providing', uuid);
    if (node.retired) throw errors.NodeIsRetired('providing', uuid);
  }
  if (event === 'abort' && state === 'service failed' && node.maintenance) {
    throw errors.InvalidState(
      `Can not abort service on node "${uuid}" while it is in maintenance mode. Please remove the node from ` +
        'maintenance prior to issuing the request to abort the service operation.',
    );
  }
  return event;
}

/** Traits of an instance must be traits of the node. Throws 400. */
export function checkInstanceTraits(node: Node): void {
  const wanted = node.instanceInfo['traits'];
  if (wanted === undefined || wanted === null) return;
  if (!Array.isArray(wanted) || !wanted.every((one) => typeof one === 'string')) {
    throw errors.InvalidParameterValue(
      `Error parsing traits from Node ${node.uuid} instance_info field. A list of strings is expected.`,
    );
  }
  const missing = wanted.filter((trait) => !node.traits.includes(trait));
  if (missing.length > 0) {
    throw errors.InvalidParameterValue(
      'Cannot specify instance traits that are not also set on the node. ' +
        `Node ${node.uuid} is missing traits ${missing.join(', ')}`,
    );
  }
}
