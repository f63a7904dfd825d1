import type { BaremetalDeps } from '../model/deps.ts';
import type { Node } from '../model/node.ts';
import type { ProvisionState } from '../states/names.ts';
import { flagStep } from '../store/step-flag.ts';

const STEP_OF: Partial<Record<ProvisionState, 'clean' | 'deploy' | 'service'>> = {
  'clean wait': 'clean',
  'wait call-back': 'deploy',
  'service wait': 'service',
};

/**
 * A step that must not be interrupted is let finish: the abort is noted with it and comes after it. 'now': the
 * operation can be aborted at once. 'changed': somebody edited the node, look again.
 */
export async function flagAbort(deps: BaremetalDeps, node: Node): Promise<'now' | 'noted' | 'changed'> {
  const flow = STEP_OF[node.provisionState];
  if (flow === undefined) return 'now';
  const step = flow === 'clean' ? node.cleanStep : flow === 'deploy' ? node.deployStep : node.serviceStep;
  if (step['step'] === undefined || step['abortable'] === true) return 'now';
  if (!(await flagStep(deps.store, node.uuid, flow, { ...step, abort_after: true }, node.revision))) return 'changed';
  deps.store.changes.announce('nodes', node.uuid);
  return 'noted';
}
