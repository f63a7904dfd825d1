import { type IngotError, messageOf } from '#kernel/errors';
import type { Json } from '#work/contract';
import type { ProvisionState } from '../states/names.ts';
import type { OperationName } from '../states/table.ts';
import type { Look, Wait } from '../drivers/contract.ts';
import type { Segment } from './segment.ts';

/** How a phase ends. `over`: it ended the operation. */
export type PhaseOutcome = { kind: 'next' } | { kind: 'over' } | Wait | { kind: 'hold' };

/** A part of an operation. It may run again from its start after a crash: what it does must bear that. */
export interface Phase {
  name: string;
  run(segment: Segment, input: OperationInput): Promise<PhaseOutcome>;
  /** The machine called while this phase rests: is the wait over? Default: yes. See `DriverStep.look`. */
  look?(segment: Segment, input: OperationInput): Promise<Look | undefined>;
  /** After a wait or hold of this phase. Default: the phase is over. */
  resume?(segment: Segment, input: OperationInput): Promise<PhaseOutcome>;
}

/** Why an operation ends badly. */
export type Failure =
  | { kind: 'error'; error: unknown }
  /** The machine did not call back; the state is a failed one already. */
  | { kind: 'timeout'; text: string }
  /** Somebody aborted it; the state is a failed one already. */
  | { kind: 'aborted' };

/** What every operation is started with. */
export interface OperationInput {
  [key: string]: Json | undefined;
  node: string;
  requestId: string;
  userId: string | null;
  projectId: string | null;
  /** State the node was in before. */
  from?: ProvisionState;
  /** Steps somebody asked for; see steps/given.ts. */
  steps?: Json;
  sealedSteps?: string;
  disableRamdisk?: boolean;
}

/** An operation as data: its phases and what to do when it fails. */
export interface Operation {
  name: OperationName | 'end-service' | 'reapply' | 'mend';
  version: number;
  /** Which limit of concurrent work it counts against. */
  limit?: string;
  /** Ironic's event type in the node's history. */
  historyType: string;
  phases: readonly Phase[];
  /** It goes through the states of this operation as well. */
  also?: OperationName;
  /** It takes nodes as they are, whatever state and phase another operation left them in. */
  takesAny?: true;
  /**
   * Brings machine and networks to a safe place and ends with `segment.conclude`. Must not throw for what the
   * machine does; only for the database and the lease.
   */
  fail(segment: Segment, input: OperationInput, failure: Failure): Promise<void>;
}

/** The topic of all messages to operations. They carry nothing: the row says what happened. */
export const WAKE = 'wake';

/** A sentence for last_error. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'aborted':
      return 'By request, the operation was aborted';
    case 'timeout':
      return failure.text;
    case 'error':
      return messageOf(failure.error as IngotError);
  }
}
