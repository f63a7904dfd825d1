import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { FakeConfig } from '../../model/conductor-config.ts';
import type { Document, Node } from '../../model/node.ts';
import type { DriverCall, StepOutcome } from '../contract.ts';

/** From this delay on a step waits as for an agent, instead of sleeping in the conductor. Milliseconds. */
const WAIT_FROM_MS = 1_000;

/** Delays and failures a fake was told to have. */
export interface FakeFaults {
  /** Sleeps, then throws when told to. `keys`, most special first: the first that is set counts. */
  meet(call: DriverCall, keys: readonly string[]): Promise<void>;
  /** The same for a step: a long delay becomes a wait. */
  meetStep(call: DriverCall, keys: readonly string[]): Promise<StepOutcome>;
  /** Milliseconds of delay. */
  delayMs(node: Node, keys: readonly string[]): number;
  /** Throws when told to fail. */
  failIfTold(node: Node, keys: readonly string[]): void;
}

const record = (value: unknown): Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : {};

/**
 * Reads `driver_info.fake_delay_s` and `driver_info.fake_fail`, then the configuration. A failure is true, a
 * message, or `hang` for a step whose machine never calls back.
 */
export function fakeFaults(config: FakeConfig, clock: Clock): FakeFaults {
  const lookUp = (node: Node, key: 'fake_delay_s' | 'fake_fail', everywhere: Document, keys: readonly string[]) => {
    for (const place of [record(node.driverInfo[key]), everywhere]) {
      for (const name of keys) if (place[name] !== undefined) return place[name];
    }
    return undefined;
  };
  const delayMs = (node: Node, keys: readonly string[]) => {
    const seconds = Number(lookUp(node, 'fake_delay_s', config.delayS, keys) ?? 0);
    return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
  };
  const failure = (node: Node, keys: readonly string[]) => lookUp(node, 'fake_fail', config.fail, keys);
  const failIfTold = (node: Node, keys: readonly string[]) => {
    const told = failure(node, keys);
    if (told === undefined || told === false || told === 'hang') return;
    const message = typeof told === 'string' ? told : `${keys[0] ?? 'it'} fails, as driver_info says`;
    throw new IngotError('FakeFailure', 502, message); // as a BMC that refuses
  };
  return {
    delayMs,
    failIfTold,
    async meet(call, keys) {
      const ms = delayMs(call.node, keys);
      if (ms > 0) await clock.sleep(ms, call.signal);
      failIfTold(call.node, keys);
    },
    async meetStep(call, keys) {
      failIfTold(call.node, keys);
      if (failure(call.node, keys) === 'hang') return { kind: 'wait', for: 'agent' };
      const ms = delayMs(call.node, keys);
      if (ms >= WAIT_FROM_MS) return { kind: 'wait', for: 'time', resumeAfterMs: ms };
      if (ms > 0) await clock.sleep(ms, call.signal);
      return { kind: 'done' };
    },
  };
}
