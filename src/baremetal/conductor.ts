import type { Store } from '#store/contract';
import type { Workflow } from '#work/contract';
import { type PlanParts, planDeploy } from './app/plan-deploy.ts';
import type { VerbParts } from './app/set-provision-state.ts';
import { driverCall, driverVendorCall } from './app/driver-calls.ts';
import { reapplyInspection } from './app/reapply-inspection.ts';
import { setPowerState } from './app/set-power-state.ts';
import { makeCallOut } from './call-out.ts';
import { setProvisionState } from './app/set-provision-state.ts';
import type { BaremetalVerbs } from './model/verbs.ts';
import { type Claimer, makeClaimer } from './store/claim.ts';
import { makeFacts } from './store/node-facts.ts';
import { makeForgetAgents } from './store/heard.ts';
import { makeIntents } from './store/intents.ts';
import { makeProofs } from './store/proofs.ts';
import { makeTimelines } from './store/timelines.ts';
import { makeNodeWriter } from './store/transition.ts';
import { makeExecutor } from './workflows/actions/executor.ts';
import { makeChores } from './workflows/chores/chores.ts';
import { OPERATIONS } from './workflows/all.ts';
import type { Operation, OperationInput } from './workflows/operation.ts';
import { workflowOf } from './workflows/stretch.ts';
import type { ConductorSide } from './workflows/side.ts';

/** Sibling services, where they are plugged in. */
export type Siblings = Pick<PlanParts, 'images' | 'boot'>;

/** The conductor's part of the room. */
export interface Conductor {
  /** What the API asks of it; works in every process. */
  readonly verbs: BaremetalVerbs;
  /** Begins to act on machines. Only in a process that is a conductor. */
  start(): void;
  /** Lets what runs end within `ms`. Call before the engine stops. */
  stop(ms: number): Promise<void>;
}

/** Nodes are taken for one life of this process; the next one has its own. */
function claimerOf(store: Store): ConductorSide['claim'] {
  let life: { incarnation: string; take: Claimer } | undefined;
  return (lease, wish) => {
    if (life?.incarnation !== lease.incarnation) {
      life = { incarnation: lease.incarnation, take: makeClaimer(store, lease) };
    }
    return life.take(wish);
  };
}

/**
 * Registers the operations with the work engine (before that starts) and makes what carries out actions. Give it
 * all of the side but what it makes itself.
 */
export function createConductor(
  parts: Omit<
    ConductorSide,
    'callOut' | 'intents' | 'facts' | 'nodes' | 'claim' | 'forgetAgent' | 'timelines' | 'proofs'
  > & { siblings?: Siblings },
): Conductor {
  const { store } = parts;
  const callOut = makeCallOut(parts.config.ruleCallNetworks, parts.clock);
  const side: ConductorSide = {
    ...parts,
    intents: makeIntents(store),
    callOut: callOut.get,
    facts: makeFacts(store),
    timelines: makeTimelines(store),
    proofs: makeProofs(store),
    nodes: makeNodeWriter(store),
    claim: claimerOf(store),
    forgetAgent: makeForgetAgents(store),
  };
  const workflows = new Map<Operation['name'], Workflow<OperationInput>>();
  for (const operation of Object.values(OPERATIONS)) {
    const workflow = workflowOf(side, operation);
    workflows.set(operation.name, workflow);
    side.work.register(workflow);
  }
  const planParts: PlanParts = {
    registry: side.registry,
    stepPriorities: side.config.deployStepPriorities,
    ...parts.siblings,
  };
  const verbParts: VerbParts = { registry: side.registry, config: side.config, workflows };
  const executor = makeExecutor(side);
  const mend = workflows.get('mend');
  if (mend === undefined) throw new TypeError('no workflow mends');
  const chores = makeChores(side, mend);
  return {
    verbs: {
      planDeploy: (deps, actor, uuid, instance) => planDeploy(deps, planParts, actor, uuid, instance),
      setProvisionState: (deps, actor, uuid, request) => setProvisionState(deps, verbParts, actor, uuid, request),
      setPowerState: (deps, actor, uuid, request) => setPowerState(deps, verbParts, actor, uuid, request),
      reapplyInspection: (deps, actor, uuid, data) => reapplyInspection(deps, verbParts, actor, uuid, data),
      driverCall: (deps, actor, uuid, call, ms) => driverCall(deps, verbParts, actor, uuid, call, ms),
      driverVendorCall: (deps, actor, call, ms) => driverVendorCall(deps, verbParts, actor, call, ms),
    },
    start() {
      executor.start();
      chores.start();
    },
    async stop(ms) {
      await Promise.all([executor.stop(ms), chores.stop()]);
      await callOut.close();
    },
  };
}
