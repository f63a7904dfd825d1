import type { Document, NodeStep } from '../model/node.ts';
import type { Mark } from '../model/timeline.ts';

/** A step as the list of an operation holds it: what was asked for and what the interface says of it. */
export interface ListedStep extends NodeStep {
  requires_ramdisk: boolean;
  /** Run on the node's children instead, all or these. */
  execute_on_child_nodes?: boolean;
  limit_child_node_execution?: string[];
}

/** Where an operation stands. Kept with the node, so that another conductor goes on from here. */
export interface Progress {
  /** Name of the phase at work. */
  phase: string;
  /** Steps of the phase, once they are known. */
  steps?: ListedStep[];
  index?: number;
  /** Present while it rests, and until the next write after that. Milliseconds since the epoch. */
  awaiting?: Awaiting;
  /** It failed for this reason and is being put in order; absent after an abort by request. */
  failure?: string;
  /** Whom the machine waited for, and when that began; see model/timeline.ts. */
  timeline?: Mark[];
  /** What the operation keeps for itself. */
  data?: Document;
}

export interface Awaiting {
  for: 'agent' | 'bmc' | 'time' | 'person';
  /** Then it failed; null: never. */
  until: number | null;
  /** Then it is over by itself; null: somebody has to call. */
  resumeAt: number | null;
  /** What it is waited for, in words. */
  what?: string;
  /** Signs of life from then on count; absent: since the state began. */
  since?: number;
  /** A machine that is still at work gets so much more, but not beyond `latest`. */
  limitMs?: number;
  latest?: number;
  /** The machine boots: its boot interface is asked before the wait counts as failed. */
  boots?: true;
  /** The machine must stay on: one that is off calls nobody. */
  staysOn?: true;
  /** Its agent is at work: then it is asked how that goes. */
  askAt?: number;
  /** It was seen off then; it is looked at once more before that counts. */
  offSince?: number;
}

/** Progress as the row has it; a fresh one at `phase` when there is none. */
export function readProgress(text: string | null, phase: string): Progress {
  return text === null ? { phase } : (JSON.parse(text) as Progress);
}
