import type { AgentNodeView } from '#agent-api/wire';
import type { AgentProgress } from '#agent-api/progress';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { AgentLog } from '../log.ts';
import type { Machine } from '../machine/contract.ts';
import type { AgentParameters } from '../parameters.ts';

export type Params = Readonly<Record<string, unknown>>;

/** What a step or command says while it goes on. */
export type Told = Pick<AgentProgress, 'phase' | 'what' | 'bytes' | 'total'> &
  Partial<Pick<AgentProgress, 'peer_bytes' | 'zero_bytes'>>;

/** What every command can use. */
export interface Tools {
  machine: Machine;
  clock: Clock;
  random: Random;
  log: AgentLog;
  parameters: AgentParameters;
  /** The node as lookup told it; changed by `poll.set_node_info`. */
  node(): AgentNodeView | null;
  /** `config` of the lookup answer. */
  config(): Readonly<Record<string, unknown>>;
}

/** One run of a command. */
export interface Run extends Tools {
  id: string;
  signal: AbortSignal;
  progress(told: Told): void;
}

/** A command of an extension. Text as result becomes `{result: 'name: text'}` as ironic-python-agent has it. */
export interface Command {
  kind: 'sync' | 'async';
  run(params: Params, run: Run): Promise<unknown>;
}

/** Commands by name. */
export type Extension = Readonly<Record<string, Command>>;

export const sync = (run: Command['run']): Command => ({ kind: 'sync', run });
export const async_ = (run: Command['run']): Command => ({ kind: 'async', run });
