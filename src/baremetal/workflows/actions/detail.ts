import type { Json } from '#work/contract';
import type { Actor } from '../../model/verbs.ts';
import type { InterfaceKind } from '../../model/interfaces.ts';

/** What the queue keeps of a power action. */
export interface PowerDetail extends Actor {
  kind: 'power';
  /** Milliseconds the soft part, or the whole action, may take. */
  timeoutMs: number | null;
  /** A reboot that has seen the machine off: only `on` is left. */
  phase?: 'on';
}

/** What it keeps of a call of a driver. */
export interface CallDetail extends Actor {
  kind: 'call';
  interface: InterfaceKind;
  method: string;
  /** Hardware type, for a call without a node. */
  driver?: string;
  args?: { [key: string]: Json | undefined };
  /** Arguments that may hold secrets. */
  sealedArgs?: string;
}

export type ActionDetail = PowerDetail | CallDetail;

/** What sealed arguments are bound to. */
export const ARGS_AAD = 'driver-call:args';
