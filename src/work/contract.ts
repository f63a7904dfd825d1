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
  /**
   * Extra attempts after an error that says it is transient (`isTransient` in errors.ts). Default 0.
   * While the database is away a step waits for it; that costs neither attempts nor budget.
   */
  retries?: number;
}

/** What a running step may use. */
export interface StepContext {
  /** Aborted when the operation is aborted, the budget ends, the conductor drains, or it loses its lease. */
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
   * A message that came before is given at once, oldest first; each is given once.
   * Gives null when the deadline passed. An abort makes it throw `Aborted`.
   */
  receive<T extends Json>(topic: string, timeoutMs: number): Promise<T | null>;
  /** A durable timer. */
  sleep(ms: number): Promise<void>;
  /** True once an abort was asked for and seen by a step, `receive` or `sleep`; the next of them throws `Aborted`. */
  aborted(): boolean;
}

export interface Workflow<I extends Json> {
  /** Without version: `deploy`. Registered as `deploy@3`. */
  name: string;
  /** Raise it when the order of steps changes; keep the old one registered until no row uses it. */
  version: number;
  /** Which limit it counts against; none when absent. */
  limit?: string;
  /**
   * The work. What happens between steps must be repeatable: no clock, no randomness, no reading of the world.
   * After a crash it runs again from the top, with the recorded results of the steps that finished.
   */
  run(context: WorkflowContext, input: I): Promise<void>;
  /**
   * Called in place of `run`'s end, when it threw for good (not on engine errors), or was parked after too
   * many takeovers; when it throws itself, up to twice more. Must bring the world to a failed but clean state.
   * Its steps are recorded like those of `run`; aborts are no longer seen. `error` is an IngotError: `Aborted`,
   * `StepTimeout`, `Parked`, or what a step threw, with its code (stack and cause are lost over a crash).
   */
  failed(context: WorkflowContext, input: I, error: Error): Promise<void>;
}

export interface EnqueueOptions {
  /** The workflow's id: enqueuing the same id twice is a no-op. `<node uuid>:<operation>:<revision>` */
  id: string;
  /** Conductor group: only its conductors run it. '' is the default group. */
  group: string;
}

/** An enqueue to be made inside a statement. */
export interface EnqueueCall {
  /** A function call that gives text: to be selected exactly once when, and only when, the work is wanted. */
  sql: string;
  values: unknown[];
  /** To be told, after the commit, what the call gave. */
  committed(gave: string): void;
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
  /** Message of the error it failed or was parked with. */
  error: string | null;
  takeovers: number;
}

/** A conductor, as people see it. */
export interface ConductorInfo {
  host: string;
  groups: string[];
  /** Sends heartbeats and takes work. */
  alive: boolean;
  drivers: string[];
  /** What the composition root wants to show of it (interfaces of drivers…). */
  info: Json;
  /** ISO 8601: when it registered, and its last heartbeat. */
  createdAt: string;
  updatedAt: string;
}

/** The engine, as services see it. */
export interface Work {
  /** Before `start`. Several versions of one name may be registered. */
  register<I extends Json>(workflow: Workflow<I>): void;
  /**
   * Puts work in the group's queue with the caller's transaction: both happen or neither. The version run is
   * the newest registered here that every live conductor of the group knows.
   */
  enqueue<I extends Json>(tx: Tx, workflow: Workflow<I>, input: I, options: EnqueueOptions): Promise<void>;
  /**
   * The same as a part of one statement of the caller's, where a transaction of several would cost twice as much:
   * both happen or neither. `first` is the number of the first parameter it may use.
   */
  enqueueCall<I extends Json>(workflow: Workflow<I>, input: I, options: EnqueueOptions, first: number): EnqueueCall;
  /**
   * Leaves a message for a workflow with the caller's transaction; `receive` of the topic gives it.
   * False when the workflow does not exist or has ended: then nothing is kept.
   */
  signal(tx: Tx, workflowId: string, topic: string, message: Json): Promise<boolean>;
  /** The same in a statement of its own, which all that come at about the same time share. */
  signalNow(workflowId: string, topic: string, message: Json): Promise<boolean>;
  /**
   * Asks a workflow to abort: a durable message, and at once an AbortSignal where it runs. False when the
   * workflow does not exist or has ended.
   */
  abort(tx: Tx, workflowId: string, reason: string): Promise<boolean>;
  status(workflowId: string): Promise<WorkStatus | null>;
  /** The newest life of each conductor host. */
  conductors(): Promise<ConductorInfo[]>;
  /** From memory, at most two seconds old: hosts that run work of the group now. Empty: no valid host. */
  liveHosts(group: string): string[];
  /**
   * Is this process the one of the group's live conductors that looks after `key`? For chores. Two may think
   * so for two seconds after a conductor came or went.
   */
  owns(group: string, key: string): boolean;
}

/** The engine, as the composition root sees it. */
export interface WorkRuntime extends Work {
  /** Registers the conductor (unless this is an API-only process) and takes work. Resolves when it does. */
  start(): Promise<void>;
  /**
   * Takes no more work, lets running steps finish for at most `timeoutMs`, and gives everything else to the
   * other conductors at once, without counting it as a takeover.
   */
  drain(timeoutMs: number): Promise<void>;
  /** Drains (default 5 s) and lets go of everything. */
  stop(options?: { drainMs?: number }): Promise<void>;
  /** The lease of this life. In an API-only process it is never held. */
  readonly lease: ConductorLease;
  /** Calls `fn` after this process took over a dead conductor's work. */
  onTakeover(fn: (event: Takeover) => void): void;
  /** Workflows in this process, and of these the ones that wait for a message. */
  counts(): { running: number; waiting: number };
}

export interface Takeover {
  host: string;
  incarnation: string;
  workflows: string[];
}
