/**
 * The machine will call back (agent heartbeat, BMC task) within `timeoutMs`, by default the state's limit.
 * `resumeAfterMs`: nothing will call, the wait is over when this time has passed. `what` names it in the timeline.
 */
export interface Wait {
  kind: 'wait';
  for: 'agent' | 'bmc' | 'time';
  timeoutMs?: number;
  resumeAfterMs?: number;
  what?: string;
  bytes?: number;
  /** Signs of life since then (milliseconds since the epoch) count: what was asked of the machine went out then. */
  since?: number;
  /** What a machine that says it is still at work gets each time; default: what it had first. */
  moreMs?: number;
  /** However often it says that it is still at work. Default 24 hours. */
  longestMs?: number;
  /** The machine was told to boot: when it does not call, its boot interface may know another way. */
  boots?: true;
  /** Its agent has been at work since then: a machine that starts anew meanwhile will not end it. */
  atWork?: true;
  /** A machine that is seen off meanwhile will not call any more: the wait has failed. */
  staysOn?: true;
}

export type Look = 'over' | 'running' | 'unknown';

/**
 * What a step says when it returns. After a wait the step's `resume` goes on; without one the step is over.
 * `steps`: the machine has told which steps it knows, so that the list is made anew; `again` begins it anew, too.
 */
export type StepOutcome = { kind: 'done'; steps?: 'more' | 'again' } | Wait;
