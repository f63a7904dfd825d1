import type { Workflow } from '#work/contract';
import type { DriverRegistry } from '../drivers/registry.ts';
import { errors } from '../errors.ts';
import type { ConductorConfig } from '../model/conductor-config.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { InterfaceKind } from '../model/interfaces.ts';
import type { Document, Node } from '../model/node.ts';
import { newOperationId } from '../model/operation-id.ts';
import { hostFor } from '../model/ring.ts';
import type { Actor, ProvisionRequest } from '../model/verbs.ts';
import type { ProvisionEvent, ProvisionState } from '../states/names.ts';
import { isResting, next, STATES } from '../states/table.ts';
import { isVerbTarget, operationFor } from '../states/verbs.ts';
import { loadNode } from '../store/node-load.ts';
import { stepsOfRunbook } from '../store/runbooks.ts';
import { type NodeChange, RELEASED, type Transition, transition, transitionAndEnqueue } from '../store/transition.ts';
import type { Operation, OperationInput } from '../workflows/operation.ts';
import { WAKE } from '../workflows/operation.ts';
import { giveSteps } from '../workflows/steps/given.ts';
import { abortedText } from '../model/aborted.ts';
import { flagAbort } from './abort-after-step.ts';
import { verbColumns } from './provision-columns.ts';
import { checkInstanceTraits, checkVerb, type LockFacts } from './provision-rules.ts';

/** Whoever edits the node between our reading and our writing makes us look again, this often. */
const TRIES = 4;

/** What the verb needs of the conductor's side: the workflows it starts and the drivers that validate. */
export interface VerbParts {
  registry: DriverRegistry;
  config: ConductorConfig;
  workflows: ReadonlyMap<Operation['name'], Workflow<OperationInput>>;
}

/** What drivers check before an operation begins, so that the caller hears of it at once. */
const VALIDATED: Partial<Record<ProvisionEvent, readonly InterfaceKind[]>> = {
  deploy: ['power', 'deploy'],
  rebuild: ['power', 'deploy'],
  delete: ['power'],
  clean: ['power', 'network'],
  service: ['power', 'network'],
  rescue: ['power', 'rescue', 'network'],
  unrescue: ['power'],
  inspect: ['power', 'inspect'],
  provide: [],
  adopt: [],
};

interface Found {
  node: Node;
  lock: LockFacts;
  since: string | null;
}

/**
 * Asks for a verb of the state machine. One transaction: transition, history, work enqueued (or the waiting
 * operation woken). Returns when that is committed; the work begins within some milliseconds.
 */
export async function setProvisionState(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  nodeUuid: string,
  request: ProvisionRequest,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const row = await loadNode(deps.store, nodeUuid, deps.sealer);
    if (row === undefined) throw errors.NodeNotFound(nodeUuid);
    const { node } = row;
    const lock: LockFacts = { ...node, intentId: row.intentId };
    if (!isVerbTarget(request.target))
      throw errors.InvalidStateRequested(request.target, nodeUuid, node.provisionState);
    const event = checkVerb(request.target, node, lock, parts.config);
    const found: Found = { node, lock, since: row.since };
    if (await applyVerb(deps, parts, actor, request, event, found)) return;
    if (attempt === TRIES) throw errors.EditRace(`Node ${nodeUuid}`, { retryAfter: 1 });
  }
}

async function applyVerb(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  request: ProvisionRequest,
  event: ProvisionEvent,
  found: Found,
): Promise<boolean> {
  const { node } = found;
  const from = node.provisionState;
  if (event === 'abort') {
    const noted = await flagAbort(deps, node);
    if (noted !== 'now') return noted === 'noted';
  }
  await validateFor(parts, event, node);
  const name = operationOf(from, event);
  const steps = await requestedOf(deps, request, event);
  const id = name === null ? null : newOperationId(node, name);
  // Whoever sees the failed state must see why, before the operation has cleaned up and says more.
  const last_error = event === 'abort' && from !== 'service failed' ? abortedText(node.operation) : null;
  const set: NodeChange = { ...verbColumns(event, node, request, actor, deps.sealer, parts.config), last_error };
  if (id !== null) Object.assign(set, RELEASED, { operation_id: id, operation: name });
  // Clients take a node without reservation for free: the host that looks after it stands there at once.
  if (id !== null || event === 'abort') set.reservation = hostOf(deps, node);
  const change: Transition = {
    nodeUuid: node.uuid,
    from,
    event,
    ...targetOf(event, node),
    since: found.since,
    guard: { revision: node.revision },
    set,
    note: { conductor: null, userId: actor.userId, projectId: actor.projectId, type: 'transition' },
  };
  const work = name === null || id === null ? undefined : workOf(parts, name, id, node, { ...actor, from, ...steps });
  const done = await commit(deps, node, change, work);
  if (done) deps.store.changes.announce('nodes', node.uuid);
  return done;
}

interface WorkToDo {
  workflow: Workflow<OperationInput>;
  input: OperationInput;
  options: { id: string; group: string };
}

function workOf(
  parts: VerbParts,
  name: Operation['name'],
  id: string,
  node: Node,
  input: Omit<OperationInput, 'node'>,
): WorkToDo {
  const workflow = parts.workflows.get(name);
  if (workflow === undefined) throw new TypeError(`no workflow is called ${name}`);
  return {
    workflow,
    input: { ...input, node: node.uuid } as OperationInput,
    options: { id, group: node.conductorGroup },
  };
}

/** One statement where that is enough; a transaction where an operation that rests must be woken as well. */
async function commit(
  deps: BaremetalDeps,
  node: Node,
  change: Transition,
  work: WorkToDo | undefined,
): Promise<boolean> {
  const resting = node.operationId !== null && isResting(node.provisionState) ? node.operationId : null;
  if (resting === null && work !== undefined) {
    const { workflow, input, options } = work;
    const call = (first: number) => deps.work.enqueueCall(workflow, input, options, first);
    return (await transitionAndEnqueue(deps.store, change, call)) !== undefined;
  }
  if (resting === null) return (await transition(deps.store, change)) !== undefined;
  return await deps.store.tx(async (tx) => {
    if ((await transition(tx, change)) === undefined) return false;
    // It was resumed, aborted, or replaced by another: the row says which.
    await deps.work.signal(tx, resting, WAKE, null);
    if (work !== undefined) await deps.work.enqueue(tx, work.workflow, work.input, work.options);
    return true;
  });
}

function hostOf(deps: BaremetalDeps, node: Node): string | null {
  return hostFor(deps.work.liveHosts(node.conductorGroup).sort(), node.uuid);
}

function operationOf(from: ProvisionState, event: ProvisionEvent): Operation['name'] | null {
  if (from === 'service failed' && event === 'abort') return 'end-service';
  return operationFor(from, event);
}

/** Manual cleans lead back to manageable; what leads a resting node elsewhere keeps where it was bound for. */
function targetOf(event: ProvisionEvent, node: Node): { target?: ProvisionState | null } {
  if (event === 'clean') return { target: 'manageable' };
  const to = next(node.provisionState, event);
  const sameOperation = to !== undefined && isResting(node.provisionState) && STATES[to].kind !== 'moving';
  return sameOperation ? { target: node.targetProvisionState } : {};
}

async function validateFor(parts: VerbParts, event: ProvisionEvent, node: Node): Promise<void> {
  const kinds = VALIDATED[event];
  if (kinds === undefined) return;
  const interfaces = parts.registry.of(node);
  for (const kind of kinds) await interfaces[kind].validate(node);
  if (event === 'deploy' || event === 'rebuild') checkInstanceTraits(node);
}

async function requestedOf(
  deps: BaremetalDeps,
  request: ProvisionRequest,
  event: ProvisionEvent,
): Promise<Partial<OperationInput>> {
  let steps: readonly Document[] | undefined;
  let withoutRamdisk = request.disableRamdisk;
  if (event === 'clean') steps = request.cleanSteps;
  else if (event === 'service') steps = request.serviceSteps;
  else if (event === 'deploy' || event === 'rebuild') steps = request.deploySteps;
  if (request.runbook !== undefined) {
    const runbook = await stepsOfRunbook(deps.store, request.runbook);
    if (runbook === undefined) throw errors.RunbookNotFound(request.runbook);
    steps = runbook.steps;
    withoutRamdisk = runbook.disableRamdisk;
  }
  return { ...giveSteps(deps.sealer, steps), ...(withoutRamdisk === true ? { disableRamdisk: true } : {}) };
}
