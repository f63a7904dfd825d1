import { messageOf } from '#kernel/errors';
import { isTransient } from '#work/errors';
import type { DriverCall, PowerControl } from '../../drivers/contract.ts';
import { errors } from '../../errors.ts';
import type { ConductorSide } from '../side.ts';

export type Settled = 'power on' | 'power off';

/** First pause between looks at a machine that changes its power, and the longest. Milliseconds. */
const LOOK_FIRST_MS = 20;
const LOOK_MAX_MS = 2_000;
/** A machine that this stretch of an operation saw off so lately is not looked at again. Nobody else may switch it on. */
const JUST_SEEN_MS = 5_000;

export interface PowerParts {
  side: ConductorSide;
  call(): DriverCall;
  /** Commits the intent of a write that comes next. Throws when the node is no longer ours. */
  begin(action: string): Promise<void>;
  /** The machine was seen in this state. */
  seen(state: Settled): void;
}

/**
 * Power of one node under one owner. Reads before it writes, writes absolute actions only, each under an intent
 * committed before it, and reads until the machine is there. A write whose answer was lost is never repeated
 * here: the machine is watched, and if it does not get there the action has failed.
 */
export function makePower(parts: PowerParts): PowerControl {
  const { clock } = parts.side;
  let seenOffAt: number | undefined;
  const seen = (state: Settled) => {
    seenOffAt = state === 'power off' ? clock.monotonic() : undefined;
    parts.seen(state);
  };
  const ensure = async (want: Settled, begins?: string) => {
    const call = parts.call();
    const { power } = call.interfaces;
    const isOff = seenOffAt !== undefined && clock.monotonic() - seenOffAt < JUST_SEEN_MS;
    // Seen off a moment ago: it is off, and to switch it on its driver looks itself before it writes.
    if (isOff && want === 'power off') return;
    if (!isOff && (await power.get(call)) === want) {
      seen(want);
      return;
    }
    seenOffAt = undefined;
    await parts.begin(want === 'power on' ? 'power on' : 'force off');
    let ambiguous: unknown;
    try {
      call.assertMayWrite();
      await (want === 'power on' ? power.on(call) : power.off(call));
      // To see that it came on costs the machine nothing: it is on its way.
      if (begins !== undefined) call.mark('machine', begins);
    } catch (error) {
      call.assertMayWrite();
      if (!isTransient(error)) throw failed(want, messageOf(error), error);
      ambiguous = error;
    }
    await untilPower(parts.side, call, want, parts.side.config.powerChangeMs, ambiguous);
    seen(want);
  };
  const off = async () => {
    // Ironic's flag for machines (DPUs, parents of others) that must never lose power.
    const { node } = parts.call();
    if (node.disablePowerOff) return;
    await ensure('power off');
    await parts.side.forgetAgent(node.uuid);
  };
  return {
    on: (begins) => ensure('power on', begins),
    off,
    async reboot() {
      await off();
      await ensure('power on');
    },
  };
}

/**
 * Looks until the machine is in `want`. Errors of single looks do not count while there is time. Throws 409
 * PowerStateFailure that names the last thing seen.
 */
export async function untilPower(
  side: ConductorSide,
  call: DriverCall,
  want: Settled,
  withinMs: number,
  earlier?: unknown,
): Promise<void> {
  const { clock } = side;
  const deadline = clock.monotonic() + withinMs;
  let pause = LOOK_FIRST_MS;
  for (;;) {
    let last: unknown = earlier;
    try {
      const state = await call.interfaces.power.get(call);
      if (state === want) return;
      last ??= new Error(`it is in "${state}"`);
    } catch (error) {
      call.signal.throwIfAborted();
      last = error;
    }
    if (clock.monotonic() + pause > deadline) {
      throw failed(want, `not within ${Math.round(withinMs / 1000)} s: ${messageOf(last)}`, last);
    }
    await clock.sleep(pause, call.signal);
    pause = Math.min(pause * 2, LOOK_MAX_MS);
  }
}

export function failed(want: string, why: string, cause?: unknown) {
  return errors.PowerStateFailure(`${want} (${why})`, { cause, details: { transient: false } });
}
