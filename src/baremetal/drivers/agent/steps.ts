import { cachedStepsKey, type AgentFlow, managerVersionKey } from '../../model/agent-steps.ts';
import { INTERFACE_KINDS, type InterfaceKind } from '../../model/interfaces.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import type { AgentCommand } from '#protocols/agent/wire';
import { ask, longStep, resultOf } from './command.ts';
import type { AgentContext } from './context.ts';
import { errors } from './errors.ts';
import { keepErase } from './evidence.ts';
import { nodeView } from './node-view.ts';
import { startRamdisk } from './ramdisk.ts';

/** A step as the agent offered it, kept with the node while the ramdisk runs. */
interface OfferedStep {
  interface: InterfaceKind;
  step: string;
  priority: number;
  abortable: boolean;
  reboot_requested: boolean;
}

const MOST_STEPS = 500;

/** Asks the ramdisk for its steps and keeps them with the node. Throws AgentStepsUnusable. */
export async function learnSteps(context: AgentContext, call: DriverCall, flow: AgentFlow): Promise<void> {
  const name = `${flow}.get_${flow}_steps`;
  const told = await ask(context, call, name, {
    node: nodeView(call.node),
    ports: await context.records.ports(call.node.uuid),
  });
  call.notes.internal({
    [cachedStepsKey(flow)]: readSteps(told[`${flow}_steps`]),
    [managerVersionKey]: told['hardware_manager_version'],
  });
}

/**
 * Steps by hardware manager, as one list. Two managers with one step of the same name are refused: one of them would
 * silently take the place of the other, of an erase for instance.
 */
export function readSteps(value: unknown): OfferedStep[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw errors.AgentStepsUnusable('there is no list by hardware manager');
  }
  const out = new Map<string, OfferedStep>();
  for (const [manager, list] of Object.entries(value as Document)) {
    if (!Array.isArray(list)) throw errors.AgentStepsUnusable(`${manager.slice(0, 100)} has no list`);
    for (const one of list as unknown[]) {
      const step = readStep(one);
      if (step === undefined) continue;
      const id = `${step.interface}.${step.step}`;
      if (out.has(id)) throw errors.AgentStepsUnusable(`two of its hardware managers offer ${id}`);
      if (out.size >= MOST_STEPS) throw errors.AgentStepsUnusable(`there are more than ${MOST_STEPS}`);
      out.set(id, step);
    }
  }
  return [...out.values()];
}

function readStep(value: unknown): OfferedStep | undefined {
  const given = (value ?? {}) as Document;
  const kind = given['interface'];
  const { step } = given;
  if (!INTERFACE_KINDS.includes(kind as InterfaceKind)) return undefined;
  if (typeof step !== 'string' || !/^[A-Za-z0-9_.-]{1,100}$/.test(step)) return undefined;
  const priority = Number(given['priority'] ?? 0);
  return {
    interface: kind as InterfaceKind,
    step,
    priority: Number.isInteger(priority) && priority >= 0 ? priority : 0,
    abortable: given['abortable'] === true,
    reboot_requested: given['reboot_requested'] === true,
  };
}

const FLOWS: readonly AgentFlow[] = ['clean', 'deploy', 'service'];

/** The steps of the node's ramdisk that stand on an interface, as driver steps. None before the ramdisk has told. */
export function agentSteps(context: AgentContext, node: Node, kind: InterfaceKind): DriverStep[] {
  return FLOWS.flatMap((flow) => {
    const cached = node.driverInternalInfo[cachedStepsKey(flow)];
    if (!Array.isArray(cached)) return [];
    return (cached as OfferedStep[])
      .filter((step) => step.interface === kind)
      .map((step) => agentStep(context, flow, step));
  });
}

function agentStep(context: AgentContext, flow: AgentFlow, offered: OfferedStep): DriverStep {
  const id = `${offered.interface}.${offered.step}`;
  const parts = longStep(
    context,
    `${flow} ${id}`,
    async (call, args) => ({
      name: `${flow}.execute_${flow}_step`,
      what: id,
      params: {
        step: { interface: offered.interface, step: offered.step, priority: offered.priority, args },
        node: nodeView(call.node),
        ports: await context.records.ports(call.node.uuid),
        [`${flow}_version`]: call.node.driverInternalInfo[managerVersionKey] ?? null,
      },
    }),
    (call, command) => finish(context, call, flow, offered, command),
  );
  const stageOf = (call: DriverCall) => call.node.driverInternalInfo['agent_stage'];
  const restarts = (call: DriverCall) => stageOf(call) === `restart ${id}` || stageOf(call) === `restarted ${id}`;
  const afterRestart = async (call: DriverCall): Promise<StepOutcome> => {
    const up = stageOf(call) === `restarted ${id}` && (await context.records.of(call.node)) !== undefined;
    if (!up) return await restart(context, call, flow, id);
    call.notes.internal({ agent_stage: undefined });
    await learnSteps(context, call, flow);
    return { kind: 'done' };
  };
  return {
    interface: offered.interface,
    step: offered.step,
    priority: offered.priority,
    kinds: [flow],
    abortable: offered.abortable,
    requiresRamdisk: true,
    run: (call, args) => (call.resumed && restarts(call) ? afterRestart(call) : parts.run(call, args)),
    look: async (call) => (restarts(call) ? 'over' : await parts.look(call)),
    resume: (call, args) => (restarts(call) ? afterRestart(call) : parts.resume(call, args)),
  };
}

async function finish(
  context: AgentContext,
  call: DriverCall,
  flow: AgentFlow,
  offered: OfferedStep,
  command: AgentCommand,
): Promise<StepOutcome> {
  const id = `${offered.interface}.${offered.step}`;
  if (command.status === 'VERSION_MISMATCH') {
    // Its hardware managers are others than when it told its steps: they are asked for again, and done from the first.
    await learnSteps(context, call, flow);
    return { kind: 'done', steps: 'again' };
  }
  const result = resultOf(id, command)[`${flow}_result`];
  if (flow === 'clean') await keepErase(context, call, offered.interface, offered.step, result);
  if (offered.interface === 'raid') noteRaid(call, offered.step, result);
  if (!offered.reboot_requested) return { kind: 'done' };
  return await restart(context, call, flow, id);
}

async function restart(context: AgentContext, call: DriverCall, flow: AgentFlow, id: string): Promise<StepOutcome> {
  const network = flow === 'clean' ? 'cleaning' : flow === 'deploy' ? 'provisioning' : 'servicing';
  const kept = call.node.driverInternalInfo[cachedStepsKey(flow)];
  call.notes.internal({ agent_stage: `restart ${id}` });
  await call.saveNotes();
  const wait = await startRamdisk(context, call, network);
  // The list of steps goes on after this one; the new ramdisk tells its own when it calls.
  call.notes.internal({ [cachedStepsKey(flow)]: kept, agent_stage: `restarted ${id}` });
  return wait;
}

function noteRaid(call: DriverCall, step: string, result: unknown): void {
  if (step === 'delete_configuration') call.notes.raidConfig({});
  else if (typeof result === 'object' && result !== null && Array.isArray((result as Document)['logical_disks'])) {
    call.notes.raidConfig(result as Document);
  }
}
