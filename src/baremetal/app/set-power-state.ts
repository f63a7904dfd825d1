import { errors } from '../errors.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { Actor, PowerRequest } from '../model/verbs.ts';
import { askAction } from '../store/ask-action.ts';
import { loadNode } from '../store/node-load.ts';
import type { PowerDetail } from '../workflows/actions/detail.ts';
import { ACTIONS } from '../workflows/actions/executor.ts';
import { isLocked, nodeLocked } from './provision-rules.ts';
import type { VerbParts } from './set-provision-state.ts';

/** Soft actions cannot be read back: nobody may send them twice. */
const RELATIVE = new Set(['soft power off', 'soft rebooting']);
const OFF = new Set(['power off', 'soft power off']);

/**
 * Asks for a power action: one statement locks the node and queues it, a conductor of the group does it. Throws
 * 400 for a target the driver cannot do, 404, 409 NodeLocked or PowerStateFailure.
 */
export async function setPowerState(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  nodeUuid: string,
  request: PowerRequest,
): Promise<void> {
  const { target } = request;
  const detail: PowerDetail = {
    kind: 'power',
    ...actor,
    timeoutMs: request.timeoutS === undefined ? null : request.timeoutS * 1_000,
  };
  const ask = (powerInterfaces: readonly string[] | null) =>
    askAction(deps.store, {
      nodeUuid,
      action: target,
      absolute: !RELATIVE.has(target),
      detail: JSON.stringify(detail),
      targetPower: OFF.has(target) ? 'power off' : 'power on',
      powerInterfaces,
      deadlineMs: null,
    });
  // Most nodes need no look: their interface can do it and has nothing to check.
  let asked = await ask(carefree(parts, target));
  if (asked === undefined) {
    const found = await loadNode(deps.store, nodeUuid, deps.sealer);
    if (found === undefined) throw errors.NodeNotFound(nodeUuid);
    const { node } = found;
    const lock = { ...node, intentId: found.intentId };
    if (isLocked(lock)) throw nodeLocked(lock);
    const { power } = parts.registry.of(node);
    await power.validate(node);
    if (!power.supports.includes(target)) {
      throw errors.InvalidParameterValue(`The driver ${node.driver} does not support the power state, ${target}`);
    }
    asked = await ask(null);
    if (asked === undefined) throw nodeLocked(lock);
  }
  deps.store.changes.announce(ACTIONS, asked.group === '' ? 'default' : asked.group);
  deps.store.changes.announce('nodes', nodeUuid);
}

/** Power interfaces that can do `target` and whose settings cannot be wrong. */
function carefree(parts: VerbParts, target: string): string[] {
  return parts.registry.names('power').filter((name) => {
    const power = parts.registry.find('power', name);
    return power?.alwaysValid === true && power.supports.includes(target);
  });
}
