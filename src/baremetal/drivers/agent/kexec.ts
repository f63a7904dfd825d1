import { IngotError, messageOf } from '#kernel/errors';
import { forgetRamdisk } from '../../model/agent-steps.ts';
import type { DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import { ask, longStep } from './command.ts';
import type { AgentContext } from './context.ts';
import { nodeView } from './node-view.ts';
import { endAgent, wantsSecureBoot } from './ramdisk.ts';

/** The armed machine starts its system, or powers off, within this. */
const DEADLINE_S = 120;
/** How far the start of the written system without the firmware is: kept with the node. */
const KEY = 'kexec';
type Stage = 'loaded' | 'arming';

const stageOf = (call: DriverCall) => call.node.driverInternalInfo[KEY] as Stage | undefined;

/** Does the operator, or the node, want it? */
function wanted(context: AgentContext, call: DriverCall): boolean {
  const own = call.node.driverInfo['agent_kexec'];
  return own === undefined ? context.kexec : /^(true|1|yes|on)$/i.test(String(own));
}

/** Why a system cannot be started without the firmware; null when it can be tried. */
async function hindrance(call: DriverCall): Promise<string | null> {
  if (wantsSecureBoot(call)) return 'Secure Boot was asked for: the firmware has to see the start';
  if (call.node.interfaces.deploy !== 'direct')
    return `nothing was written by the deploy interface ${call.node.interfaces.deploy}`;
  const { network } = call.interfaces;
  // Nothing else tells the ramdisk that its port was moved: it would wait for it, and end in being switched off.
  if (network.movesPorts === true && (await network.cutsLinks?.(call)) !== true)
    return 'it is not known that its switch ports cut their links when they are moved';
  return null;
}

const noted = (context: AgentContext, call: DriverCall, why: string) => {
  context.log.info({ node: call.node.uuid, why }, 'the machine goes through its firmware');
  call.notes.internal({ [KEY]: undefined, kexec_refused: why });
};

/**
 * `tear_down_agent`: the end of the ramdisk. Where the system that was written is started from here (kexec), its kernel
 * is loaded now and the machine stays on; where it cannot be, the reason is kept and the machine is switched off.
 */
export function tearDownAgent(context: AgentContext): DriverStep {
  const off = async (call: DriverCall): Promise<StepOutcome> => {
    await endAgent(context, call);
    return { kind: 'done' };
  };
  const load = longStep(
    context,
    'kexec_load',
    (call) => ({ name: 'ingot.kexec_load', what: 'load the kernel', params: { node: nodeView(call.node) } }),
    async (call, command) => {
      if (command.status !== 'SUCCEEDED') {
        noted(context, call, command.error ?? 'its kernel could not be loaded');
        return await off(call);
      }
      await ask(context, call, 'standby.sync', {});
      call.notes.internal({ [KEY]: 'loaded' satisfies Stage });
      return { kind: 'done' };
    },
  );
  /** An agent that does not know the command says so at once. */
  const begun = async (call: DriverCall): Promise<StepOutcome | string> => {
    try {
      return await load.run(call, {});
    } catch (error) {
      if (!(error instanceof IngotError) || error.code !== 'AgentRefused') throw error;
      call.notes.internal({ agent_command: undefined });
      return "the ramdisk is not Ingot's";
    }
  };
  const goOn = async (call: DriverCall, way: 'run' | 'resume'): Promise<StepOutcome> => {
    if (call.resumed && stageOf(call) === 'loaded') return { kind: 'done' };
    if (!wanted(context, call) || (await context.records.of(call.node)) === undefined) return await off(call);
    if (way === 'resume' || call.resumed) return await load[way](call, {});
    call.notes.internal({ [KEY]: undefined, kexec_refused: undefined });
    const why = (await hindrance(call)) ?? (await begun(call));
    if (typeof why !== 'string') return why;
    noted(context, call, why);
    return await off(call);
  };
  return {
    interface: 'deploy',
    step: 'tear_down_agent',
    priority: 40,
    kinds: ['deploy'],
    requiresRamdisk: false,
    run: (call) => goOn(call, 'run'),
    look: (call) => load.look(call),
    resume: (call) => goOn(call, 'resume'),
  };
}

/**
 * `switch_to_tenant_network`: with a loaded kernel the agent is armed first, so that it has left all links before the
 * port moves; it starts the system when its link returns, and powers off when none does.
 */
export function switchToTenant(context: AgentContext): DriverStep {
  return {
    interface: 'deploy',
    step: 'switch_to_tenant_network',
    priority: 30,
    kinds: ['deploy'],
    requiresRamdisk: false,
    async run(call) {
      if (stageOf(call) === undefined) await call.power.off();
      else await arm(context, call);
      await call.interfaces.network.flip(call, 'tenant');
      return { kind: 'done' };
    },
  };
}

async function arm(context: AgentContext, call: DriverCall): Promise<void> {
  const before = stageOf(call);
  // Kept first: a successor that cannot reach the agent any more knows why.
  call.notes.internal({ [KEY]: 'arming' satisfies Stage });
  await call.saveNotes();
  // Where no switch port moves no link goes down and comes back.
  const trigger = call.interfaces.network.movesPorts === true ? 'link' : 'delay';
  try {
    await ask(context, call, 'ingot.kexec_arm', { deadline_seconds: DEADLINE_S, trigger });
  } catch (error) {
    const gone =
      error instanceof IngotError && /^Agent(Unreachable|Absent|NotTrusted|Broken|Timeout)$/.test(error.code);
    if (before !== 'arming' || !gone) {
      noted(context, call, messageOf(error));
      await call.power.off();
      return;
    }
  }
  await context.records.forget(call.node);
  call.notes.internal(forgetRamdisk());
}

/** `boot_instance`: on, unless the system was started from the ramdisk and runs. */
export const bootInstance: DriverStep = {
  interface: 'deploy',
  step: 'boot_instance',
  priority: 20,
  kinds: ['deploy'],
  requiresRamdisk: false,
  async run(call) {
    await call.power.on('boot the system');
    call.notes.internal({ [KEY]: undefined });
    return { kind: 'done' };
  },
};
