import { messageOf } from '#kernel/errors';
import { errors as workErrors, isDatabaseAway, isTransient } from '#work/errors';
import { noteAction } from '../../store/actions.ts';
import { type Settled, untilPower } from '../power/control.ts';
import type { ConductorSide } from '../side.ts';
import type { PowerDetail } from './detail.ts';
import { callFor, type Taken } from './taken.ts';

/** How a power action ended: the state seen last, and what went wrong. */
export interface PowerEnd {
  power: Settled | null;
  error: string | null;
  /** The error is that nobody knows. */
  unknown: boolean;
}

/**
 * Does a power action somebody asked for. One taken over from a dead conductor is not repeated blindly: the machine
 * is watched first; absolute actions are sent again when it has not got there, a soft off never is.
 */
export async function doPower(side: ConductorSide, taken: Taken, detail: PowerDetail): Promise<PowerEnd> {
  const target: Settled = taken.action === 'power off' || taken.action === 'soft power off' ? 'power off' : 'power on';
  let power: Settled | null = null;
  const call = callFor(side, taken, (state) => {
    power = state;
  });
  try {
    switch (taken.action) {
      case 'power on':
        await settle(side, taken, 'power on');
        await call.power.on();
        break;
      case 'power off':
        await settle(side, taken, 'power off');
        await call.power.off();
        break;
      case 'rebooting':
        if (detail.phase !== 'on') {
          await settle(side, taken, 'power off');
          await call.power.off();
          await nowOn(side, taken, detail);
        } else await settle(side, taken, 'power on');
        await call.power.on();
        break;
      case 'soft rebooting':
        if (detail.phase !== 'on') {
          await softOff(side, taken, detail);
          await side.forgetAgent(taken.node.uuid);
          power = 'power off';
          await nowOn(side, taken, detail);
        } else await settle(side, taken, 'power on');
        await call.power.on();
        break;
      case 'soft power off':
        await softOff(side, taken, detail);
        await side.forgetAgent(taken.node.uuid);
        power = 'power off';
        break;
      default:
        throw new TypeError(`"${taken.action}" is no power action`);
    }
    return { power, error: null, unknown: false };
  } catch (error) {
    call.assertMayWrite();
    // No machine failed: the row stays open, and the next look finds it.
    if (isDatabaseAway(error)) throw error;
    if (error instanceof OutcomeUnknown) return { power, error: error.message, unknown: true };
    const why = `Failed to change power state to '${target}' by '${taken.action}': ${messageOf(error)}`;
    return { power, error: why, unknown: false };
  }
}

class OutcomeUnknown extends Error {}

/** Gives a machine that a dead conductor may have told something the time to do it. */
async function settle(side: ConductorSide, taken: Taken, want: Settled): Promise<void> {
  if (!taken.resumed) return;
  const left = Math.max(0, side.config.powerSettleMs - taken.age);
  await untilPower(side, callFor(side, taken), want, left).catch(() => {
    taken.signal.throwIfAborted();
    taken.lease.assertHeld();
  });
}

/** The machine is off: from here on a successor only switches it on. */
async function nowOn(side: ConductorSide, taken: Taken, detail: PowerDetail): Promise<void> {
  taken.lease.assertHeld();
  if (!(await noteAction(side.store, taken.id, taken.lease.incarnation, { ...detail, phase: 'on' }))) {
    throw workErrors.LeaseLost(`the action on node ${taken.node.uuid} is another conductor's now`);
  }
}

/** Asks the operating system, once, and waits. */
async function softOff(side: ConductorSide, taken: Taken, detail: PowerDetail): Promise<void> {
  const call = callFor(side, taken);
  const { power } = call.interfaces;
  const within = detail.timeoutMs ?? side.config.softPowerOffMs;
  if (taken.resumed) {
    try {
      await untilPower(side, call, 'power off', Math.max(0, within - taken.age));
    } catch {
      call.assertMayWrite();
      throw new OutcomeUnknown(
        `Outcome unknown: "${taken.action}" may or may not have reached the machine before its conductor stopped, ` +
          'and the machine has not powered off. It is not sent again.',
      );
    }
    return;
  }
  if ((await power.get(call)) === 'power off') return;
  let ambiguous: unknown;
  try {
    call.assertMayWrite();
    await power.softOff(call);
  } catch (error) {
    call.assertMayWrite();
    if (!isTransient(error)) throw error;
    ambiguous = error;
  }
  await untilPower(side, call, 'power off', within, ambiguous);
}
