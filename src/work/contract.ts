import type { Tx } from '#store/contract';

/** A value that survives JSON. Inputs, results and messages are recorded in the database: keep them small. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** How a step ends when it neither succeeded nor may be retried: see `StepFailed`. */
export interface StepSpec<T extends Json | void> {
  /** Unique in its workflow; recorded, shown in history. */
  name: string;
  /** Milliseconds the step may take in all, retries included; then it fails with `StepTimeout`. */
  budgetMs: number;
  /**
   * Is it already done? Called before `do` when the step may have begun before (after a takeover) and in tests.
   * Give the result to skip `do`; undefined to go on.
   */
  check?: (step: StepContext) => Promise<T | undefined>;
  /** The work. May run more than once: must be idempotent, or guarded by `check` and by intents. */
  do: (step: StepContext) => Promise<T>;
  /** Runs in reverse order when a later step fails for good. Never on an engine's error. Idempotent. */
  undo?: (step: StepContext) => Promise<void>;
  /** Extra attempts after an error that says it is transient. Default 0. */
  retries?: number;
}

/** What a running step may use. */
export interface StepContext {
  /** Aborted when the operation is aborted, the budget ends, or this conductor loses its lease. */
  readonly signal: AbortSignal;
  /** 1 for the first time on this conductor; more for retries. */
  readonly attempt: number;
  /** True when another conductor, or an earlier life of this one, may have begun this step. */
  readonly resumed: boolean;
  /** This conductor's lease: see `ConductorLease`. */
  readonly lease: ConductorLease;
}

/**
 * The right of this process to act as a conductor. It lives on the monotonic clock: renewed by each
 * heartbeat the database accepted, lost when the deadline passes, even if the process was stopped.
 */
export interface ConductorLease {
  /** Conductor's host name (stable over restarts). */
  readonly host: string;
  /** This life of the process. */
  readonly incarnation: string;
  /** Throws `LeaseLost` when the deadline has passed. Call it in the same tick as each outside write. */
  assertHeld(): void;
  readonly held: boolean;
}

/** What a workflow may do. All of it is recorded: after a crash finished steps give their old results. */
export interface WorkflowContext {
  readonly workflowId: string;
  step<T extends Json | void>(spec: StepSpec<T>): Promise<T>;
  /**
   * Waits, without polling and without a thread, for a message of `topic` until the deadline.
   * Gives null when the deadline passed. An abort message makes it throw `Aborted`.
   */
  receive<T extends Json>(topic: string, timeoutMs: number): Promise<T | null>;
  /** A durable timer. */
  sleep(ms: number): Promise<void>;
  /** True once an abort was asked for and seen. */
  aborted(): boolean;
}

export interface Workflow<I extends Json> {
  /** Without version: `deploy`. Registered as `deploy@3`. */
  name: string;
  /** Raise it when the order of steps changes; keep the old one registered until no row uses it. */
  version: number;
  /** Which limit it counts against; none when absent. */
  limit?: string;
  run(context: WorkflowContext, input: I): Promise<void>;
  /**
   * Called once, in place of `run`'s end, when it threw for good (not on engine errors), or was parked
   * after too many takeovers. Must bring the world to a failed but clean state.
   */
  failed(context: WorkflowContext, input: I, error: Error): Promise<void>;
}

export interface EnqueueOptions {
  /** The workflow's id: enqueuing the same id twice is a no-op. `<node uuid>:<operation>:<revision>` */
  id: string;
  /** Conductor group: only its conductors run it. '' is the default group. */
  group: string;
}

/** Where a piece of work stands, for people. */
export interface WorkStatus {
  id: string;
  workflow: string;
  group: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'parked';
  /** 1 = next, when queued behind a limit. */
  position: number | null;
  /** Why it waits, in a sentence: `50 of 50 cleans of group "" are running`. */
  reason: string | null;
  takeovers: number;
}

/** The engine, as services see it. */
export interface Work {
  /** Before `start`. */
  register<I extends Json>(workflow: Workflow<I>): void;
  /** Puts work in the group's queue with the caller's transaction: both happen or neither. */
  enqueue<I extends Json>(tx: Tx, workflow: Workflow<I>, input: I, options: EnqueueOptions): Promise<void>;
  /** Sends a message to a workflow with the caller's transaction. Only to workflows that wait. */
  signal(tx: Tx, workflowId: string, topic: string, message: Json): Promise<void>;
  /** Asks a workflow to abort: a durable message, and at once an AbortSignal where it runs. */
  abort(tx: Tx, workflowId: string, reason: string): Promise<void>;
  status(workflowId: string): Promise<WorkStatus | null>;
}
