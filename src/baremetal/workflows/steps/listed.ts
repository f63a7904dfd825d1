import { errors } from '../../errors.ts';
import type { DriverStep, NodeInterfaces, StepFlow } from '../../drivers/contract.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';
import type { Document, Node } from '../../model/node.ts';
import type { ListedStep } from '../progress.ts';
import { isReserved } from './reserved.ts';

/** Which interface goes first among steps of equal priority; higher first. Ironic's order. */
const RANK: Record<StepFlow, Partial<Record<InterfaceKind, number>>> = {
  clean: { vendor: 7, power: 6, management: 5, firmware: 4, deploy: 3, bios: 2, raid: 1 },
  deploy: { vendor: 7, power: 6, management: 5, firmware: 4, deploy: 3, bios: 2, raid: 1 },
  service: { network: 8, vendor: 7, power: 6, management: 5, firmware: 4, deploy: 3, bios: 2, raid: 1 },
  verify: {
    power: 13,
    management: 12,
    firmware: 11,
    inspect: 10,
    deploy: 9,
    boot: 8,
    bios: 7,
    raid: 6,
    vendor: 5,
    network: 4,
    storage: 3,
    console: 2,
    rescue: 1,
  },
};

/** All steps of a flow that the node's interfaces offer. */
export async function offeredSteps(interfaces: NodeInterfaces, node: Node, flow: StepFlow): Promise<DriverStep[]> {
  const out: DriverStep[] = [];
  for (const kind of INTERFACE_KINDS) {
    const steps = await interfaces[kind].steps?.(node);
    for (const step of steps ?? []) if (step.kinds.includes(flow)) out.push(step);
  }
  return out;
}

/** `interface.step` */
export const stepId = (step: { interface: string; step: string }): string => `${step.interface}.${step.step}`;

/** Highest priority first; equal ones by interface, then by name. */
export function sortSteps<S extends { interface: InterfaceKind; step: string; priority?: number }>(
  steps: readonly S[],
  flow: StepFlow,
): S[] {
  const rank = (step: S) => RANK[flow][step.interface] ?? 0;
  return [...steps].sort(
    (a, b) => (b.priority ?? 0) - (a.priority ?? 0) || rank(b) - rank(a) || (a.step < b.step ? -1 : 1),
  );
}

/** The step as the operation's list keeps it. */
export function listed(step: DriverStep, priority: number, args: Document = {}): ListedStep {
  return {
    interface: step.interface,
    step: step.step,
    args,
    priority,
    abortable: step.abortable ?? false,
    requires_ramdisk: step.requiresRamdisk ?? true,
  };
}

/** Steps that run by themselves: priority above 0, after the operator's changes of priorities. */
export function automaticSteps(
  offered: readonly DriverStep[],
  flow: StepFlow,
  priorities: Readonly<Record<string, number>>,
): ListedStep[] {
  const steps = offered.map((step) => listed(step, priorities[stepId(step)] ?? step.priority));
  return sortSteps(
    steps.filter((step) => (step.priority ?? 0) > 0),
    flow,
  );
}

/**
 * Steps somebody asked for, in their order, completed with what the interfaces say of them. Throws 400 that names
 * those nobody offers, unless they are to be left out: the ramdisk that may know them does not run yet.
 */
export function requestedSteps(
  requested: readonly Document[],
  offered: readonly DriverStep[],
  node: Node,
  flow: StepFlow,
  unknown: 'refused' | 'left out' = 'refused',
): ListedStep[] {
  const known = new Map(offered.map((step) => [stepId(step), step]));
  const missing: string[] = [];
  const out: ListedStep[] = [];
  for (const one of requested) {
    const asked = { interface: one['interface'] as InterfaceKind, step: String(one['step']) };
    const args = (one['args'] ?? {}) as Document;
    const priority = Number(one['priority'] ?? 0);
    if (isTrue(one['execute_on_child_nodes'])) {
      const only = one['limit_child_node_execution'];
      const limit_child_node_execution = Array.isArray(only) ? only.map(String) : [];
      const child = { execute_on_child_nodes: true, limit_child_node_execution };
      out.push({ ...asked, args, priority, abortable: false, requires_ramdisk: false, ...child });
      continue;
    }
    if (isReserved(asked.step)) {
      out.push({ ...asked, args, priority, abortable: true, requires_ramdisk: false });
      continue;
    }
    const step = known.get(stepId(asked));
    if (step === undefined) missing.push(stepId(asked));
    else out.push(listed(step, priority, args));
  }
  if (missing.length > 0 && unknown === 'refused') {
    throw errors.InvalidParameterValue(
      `Node ${node.uuid} does not support these ${flow} steps: ${missing.join(', ')}.`,
    );
  }
  return out;
}

/** As Ironic reads booleans that may come as text. */
function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|t|yes|y|on|1)$/i.test(value));
}

/** Deploy steps: the automatic ones, with the requested in their place or beside them. Priority 0 drops a step. */
export function mergedSteps(automatic: readonly ListedStep[], requested: readonly ListedStep[]): ListedStep[] {
  const asked = new Set(requested.map(stepId));
  const kept = automatic.filter((step) => !asked.has(stepId(step)));
  return sortSteps([...kept, ...requested.filter((step) => (step.priority ?? 0) > 0)], 'deploy');
}
