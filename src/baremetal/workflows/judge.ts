import { messageOf } from '#kernel/errors';
import { isDatabaseAway } from '#work/errors';
import type { Look } from '../drivers/contract.ts';
import { STATES } from '../states/table.ts';
import { heardOf, heardSince } from '../store/heard.ts';
import type { Operation, OperationInput } from './operation.ts';
import { lookForOff } from './machine-off.ts';
import { lookForRestart } from './machine-anew.ts';
import type { Awaiting } from './progress.ts';
import type { Segment } from './segment.ts';
import type { ConductorSide } from './side.ts';

/**
 * What a node that still rests needs: nothing yet (`more`: but what it waits for has changed), its failure, or to be resumed (`said`:
 * and why, for its history).
 */
export type Judged =
  | { kind: 'later'; more?: true }
  | { kind: 'failed'; text: string }
  | { kind: 'resume'; at?: number; said?: string };

/** Looks at a node that rests and was woken, or whose time has come. */
export async function judgeWait(
  side: ConductorSide,
  segment: Segment,
  operation: Operation,
  input: OperationInput,
  kind: 'wait' | 'hold',
  awaiting: Awaiting | undefined,
): Promise<Judged> {
  if (kind === 'hold') return { kind: 'later' };
  const now = side.clock.now();
  const late =
    `Timeout reached in state "${segment.node.provisionState}": the machine did not call back` +
    (awaiting?.what === undefined ? '' : ` (${awaiting.what})`);
  // Unheld: `unhold` leads through the wait state, but nobody is waited for.
  if (awaiting?.for === 'person') return { kind: 'resume' };
  if (awaiting?.resumeAt != null && now >= awaiting.resumeAt) return { kind: 'resume', at: awaiting.resumeAt };
  // First: an agent of a machine that is off is asked in vain, and for long.
  const off = awaiting === undefined ? undefined : await lookForOff(segment, awaiting);
  const isQuiet = awaiting?.askAt !== undefined && now >= awaiting.askAt;
  if (awaiting?.for === 'agent') {
    const { ago, again } = await heardIn(side, segment.node.uuid, awaiting);
    if (ago !== null || again || isQuiet) {
      // A machine that only asks for a token again has not called: who has something to ask it does.
      const look = (await lookAt(segment, operation, input)) ?? (ago === null ? 'unknown' : 'over');
      if (typeof look === 'object') return look;
      if (look === 'over') return { kind: 'resume', at: now - (ago ?? 0) };
      if (isQuiet) awaiting.askAt = now + side.config.quietMs;
      const anew =
        isQuiet && look === 'unknown' && off === undefined ? await lookForRestart(segment, awaiting) : undefined;
      if (anew !== undefined) return { kind: 'failed', text: anew };
      if (look === 'running' && awaiting.limitMs !== undefined && awaiting.until !== null) {
        if (now >= (awaiting.latest ?? now)) return { kind: 'failed', text: `${late} with an end of its work` };
        awaiting.until = Math.min(now + awaiting.limitMs, awaiting.latest ?? now);
        return { kind: 'later', more: true };
      }
    }
  }
  if (off === 'off') {
    const said = `The machine was found off while it had to stay on (${awaiting?.what ?? segment.progress.phase})`;
    return { kind: 'failed', text: said };
  }
  if (off === 'changed') return { kind: 'later', more: true };
  if (awaiting?.until != null && now >= awaiting.until) {
    return awaiting.boots ? await otherWay(segment, awaiting, late) : { kind: 'failed', text: late };
  }
  if (awaiting === undefined) {
    side.log.warn({ node: segment.node.uuid }, 'a node waits for nothing: its wait has failed');
    return { kind: 'failed', text: late };
  }
  return isQuiet ? { kind: 'later', more: true } : { kind: 'later' };
}

/** Signs of life that count for a wait. None is missed: whose end nobody else tells is looked for minutes later. */
export async function heardIn(side: ConductorSide, uuid: string, { since }: Awaiting) {
  if (since === undefined) return await heardOf(side.store, uuid, null);
  return await heardSince(side.store, () => side.clock.now(), uuid, since);
}

/** A machine that did not boot: its boot interface may know another way, which is taken by resuming without an agent. */
async function otherWay(segment: Segment, awaiting: Awaiting, late: string): Promise<Judged> {
  const { side, interfaces } = segment;
  try {
    const told = await interfaces.boot.giveUp?.(segment.call());
    if (told?.kind === 'next') return { kind: 'resume', said: told.said };
    if (told?.kind === 'busy') {
      const now = side.clock.now();
      awaiting.until = told.forMs === undefined ? endOfState(segment, awaiting) : now + told.forMs;
      if (awaiting.until === null || awaiting.until > now) return { kind: 'later', more: true };
      return { kind: 'failed', text: late };
    }
    return { kind: 'failed', text: told === undefined ? late : `${late}. ${told.said}` };
  } catch (error) {
    segment.signal.throwIfAborted();
    if (isDatabaseAway(error)) throw error;
    segment.call().assertMayWrite();
    return { kind: 'failed', text: `${late}. No other way to boot it could be looked for: ${messageOf(error)}` };
  }
}

/** When the state's own time is over; null: never. */
function endOfState({ side, node }: Segment, awaiting: Awaiting): number | null {
  const limit = side.config.stateLimitsMs[node.provisionState] ?? STATES[node.provisionState].limitMs ?? 0;
  return limit === 0 ? null : (awaiting.since ?? side.clock.now()) + limit;
}

/** Asks the phase whether its wait is over; a phase that says no by throwing has failed. */
async function lookAt(
  segment: Segment,
  operation: Operation,
  input: OperationInput,
): Promise<Look | Extract<Judged, { kind: 'failed' }> | undefined> {
  const phase = operation.phases.find((one) => one.name === segment.progress.phase);
  try {
    return await phase?.look?.(segment, input);
  } catch (error) {
    segment.signal.throwIfAborted();
    if (isDatabaseAway(error)) throw error;
    segment.call().assertMayWrite();
    return { kind: 'failed', text: messageOf(error) };
  }
}
