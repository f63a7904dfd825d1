import { isUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { Document } from '../model/node.ts';
import { checkDisallowed, checkSteps } from '../model/requested-steps.ts';
import type { ProvisionRequest } from '../model/verbs.ts';
import type { ProvisionState } from '../states/names.ts';
import { isVerbTarget, sinceFor } from '../states/verbs.ts';
import { childOwners } from '../store/children.ts';
import { findNode } from './find-node.ts';
import { checkStepPolicy } from './step-policy.ts';
import { usableRunbook } from './use-runbook.ts';

/** A provision request and what its version lets it say. */
export interface WireProvision {
  ident: string;
  version: number;
  request: ProvisionRequest;
  /** Since 1.112 a runbook needs a trait in common with the node, before it needed to be named like one. */
  runbookByTraits: boolean;
}

/**
 * Asks for a verb of the state machine: may the caller, does the version know it, are the steps well formed; the rest
 * is the verb's. Throws 400, 403, 404, 406, 409.
 */
export async function requestProvision(deps: BaremetalDeps, access: Access, wire: WireProvision): Promise<void> {
  const { ident, version, request } = wire;
  const rule = 'baremetal:node:set_provision_state';
  const node = await findNode(deps, access, ident, version, [rule], ['provision_state', 'reservation']);
  const state = node.provision_state as ProvisionState;
  const { target } = request;
  if (isVerbTarget(target) && sinceFor(target, state) > version) throw errors.NotAcceptable();
  if (request.runbook === undefined) {
    for (const [steps, kind] of [
      [request.cleanSteps, 'clean_steps'],
      [request.serviceSteps, 'service_steps'],
    ] as const) {
      if (steps === undefined || steps.length === 0) continue;
      if (!access.allows(`${rule}:${kind}`, node)) throw errors.Forbidden(`${rule}:${kind}`);
    }
  }
  if (!isVerbTarget(target)) {
    if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation, { retryAfter: 1 });
    throw errors.InvalidStateRequested(target, node.uuid, state);
  }
  checkTargets(request);
  const kinds = [
    ['clean', request.cleanSteps],
    ['deploy', request.deploySteps],
    ['service', request.serviceSteps],
  ] as const;
  for (const [kind, steps] of kinds) {
    if (steps === undefined) continue;
    checkSteps(kind, steps);
    checkDisallowed(kind, steps, deps.config.api.disallowedSteps[kind]);
    checkStepPolicy(access, steps, node);
    await checkChildren(deps, access, version, node.uuid, steps);
  }
  const runbook =
    request.runbook === undefined
      ? undefined
      : await usableRunbook(deps, access, request.runbook, node, wire.runbookByTraits);
  const resolved = runbook === undefined ? request : { ...request, runbook };
  await deps.verbs.setProvisionState(deps, access.actor, node.uuid, resolved);
}

/** Keys of the body that go with some targets only. */
function checkTargets(request: ProvisionRequest): void {
  const { target, runbook } = request;
  const only = (key: string, targets: string) =>
    errors.Invalid(`"${key}" is only valid when setting target provision state to ${targets}`);
  if (runbook !== undefined) {
    if (target !== 'clean' && target !== 'service') throw only('runbooks', "any of ['clean', 'service']");
    const key = target === 'clean' ? 'clean_steps' : 'service_steps';
    if ((target === 'clean' ? request.cleanSteps : request.serviceSteps) !== undefined) {
      throw errors.Invalid(`Please provide either "${key}" or a runbook, but not both.`);
    }
  }
  if (request.cleanSteps !== undefined && target !== 'clean') throw only('clean_steps', 'clean');
  if (request.serviceSteps !== undefined && target !== 'service') throw only('service_steps', 'service');
  if (request.deploySteps !== undefined && target !== 'active' && target !== 'rebuild') {
    throw only('deploy_steps', 'active or rebuild');
  }
  if (request.rescuePassword !== undefined && target !== 'rescue') throw only('rescue_password', 'rescue');
  const missing = (key: string) =>
    errors.Invalid(`"${key}" is required when setting target provision state to ${target}`);
  if (target === 'clean' && runbook === undefined && !request.cleanSteps?.length) throw missing('clean_steps');
  if (target === 'service' && runbook === undefined && !request.serviceSteps?.length) throw missing('service_steps');
  if (target === 'rescue' && !request.rescuePassword?.trim()) {
    throw errors.Invalid('A non-empty "rescue_password" is required when setting target provision state to rescue');
  }
}

/**
 * Steps may run on child nodes: the caller needs the same right on those that are named, and must be allowed the step on
 * each of them. Without names they are all of the node's children.
 */
async function checkChildren(
  deps: BaremetalDeps,
  access: Access,
  version: number,
  parent: string,
  steps: readonly Document[],
): Promise<void> {
  for (const step of steps) {
    if (!step['execute_on_child_nodes']) continue;
    const children = step['limit_child_node_execution'];
    if (!Array.isArray(children) || children.length === 0) {
      for (const child of await childOwners(deps.store, parent)) checkStepPolicy(access, [step], child);
      continue;
    }
    for (const child of children as unknown[]) {
      if (typeof child !== 'string' || !isUuid(child)) {
        throw errors.InvalidParameterValue(
          `Invalid entry detected for execute_on_child_node parameter in step ${String(step['step'])}.`,
        );
      }
      const found = await findNode(deps, access, child, version, ['baremetal:node:set_provision_state']);
      checkStepPolicy(access, [step], found);
    }
  }
}
