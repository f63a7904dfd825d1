import type { Traits } from '../bmc/traits.ts';
import type { DiskTrouble } from '../machine/contract.ts';

/** A state of the machine a rule may wait for. All that are given must hold. */
export interface WhenState {
  power?: 'on' | 'off';
  /** True: only while the firmware is busy with itself. */
  post?: boolean;
  /** Only so long after the last power change, in milliseconds. */
  powerChangedWithinMs?: number;
  /** Only so long after the machine went off, in milliseconds. */
  poweredOffWithinMs?: number;
}

/** How often a rule bites. Without any of these: always. */
export interface HowOften {
  /** The first so many times. */
  times?: number;
  /** Each time with this probability, 0 to 1. */
  chance?: number;
  /** Only what exceeds this many in each second. */
  abovePerSecond?: number;
}

/** Which Redfish requests a rule is about; all that are given must hold. Patterns are regular expressions. */
export interface HttpMatch {
  method?: readonly string[];
  path?: string;
  /** JSON pointers that the body must all have. */
  bodyHas?: readonly string[];
  /** Bites when the body lacks at least one of these. */
  bodyLacks?: readonly string[];
  bodyMatches?: Readonly<Record<string, string>>;
  /** True: only requests without a body. */
  noBody?: boolean;
  /** Lower case names. */
  headerMatches?: Readonly<Record<string, string>>;
  headerLacks?: readonly string[];
  when?: WhenState;
}

/** An answer made by a rule. Without `body`, a Redfish error with that message. */
export interface RuleAnswer {
  status: number;
  messageId?: string;
  message?: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** A change of an answer's JSON. `at` is a JSON pointer; `*` stands for every member or element. */
export interface Edit {
  at: string;
  op: 'remove' | 'set';
  value?: unknown;
}

/** What a rule does. `…After` does the work first, and only the answer suffers: the caller cannot know. */
export type HttpEffect =
  | { kind: 'answer'; answer: RuleAnswer }
  | { kind: 'answer-after'; answer: RuleAnswer }
  | { kind: 'delay'; ms: number; jitterMs?: number }
  | { kind: 'reset' }
  | { kind: 'reset-after' }
  | { kind: 'hang' }
  | { kind: 'hang-after' }
  | { kind: 'garbage' }
  | { kind: 'truncate' }
  | { kind: 'oversize'; bytes: number }
  | { kind: 'deep'; depth: number }
  | { kind: 'trickle'; bytesPerSecond: number }
  | { kind: 'redirect'; status: number; to: string }
  | { kind: 'edit'; edits: readonly Edit[] }
  | { kind: 'headers'; set: Readonly<Record<string, string | null>> };

export interface HttpRule extends HttpMatch, HowOften {
  effect: HttpEffect;
}

/** Which IPMI commands a rule is about. */
export interface IpmiRule extends HowOften {
  netFn?: number;
  command?: number;
  when?: WhenState;
  effect:
    | { kind: 'code'; code: number }
    | { kind: 'drop' }
    | { kind: 'drop-answer' }
    | { kind: 'delay'; ms: number }
    | { kind: 'garbage' };
}

/** How power is lied about. */
export interface PowerLie {
  /** What is reported, whatever is true; null: the property is null. */
  reports?: 'On' | 'Off' | 'PoweringOn' | 'PoweringOff' | 'Paused' | null;
  /** Requests that are acknowledged and not carried out: `on`, `off`, `soft`, `reset`, `cycle`, `nmi`. */
  ignores?: readonly string[];
}

/** How the wire below the protocols behaves. */
export interface LinkFault {
  /** `refuse`: connections are reset at once. `silent`: nothing is ever answered, neither TCP data nor UDP. */
  dead?: 'refuse' | 'silent';
  certificate?: 'expired' | 'not-yet-valid' | 'wrong-name' | 'renewed';
}

/** Everything a fault or a quirk changes in one machine and its BMC. Plain data: it can come over the control API. */
export interface Effects {
  traits?: Partial<Traits>;
  http?: readonly HttpRule[];
  ipmi?: readonly IpmiRule[];
  power?: PowerLie;
  link?: LinkFault;
  /** Of emulated machines, from their next start on: by the disk's id, or `*` for all. */
  disks?: Readonly<Record<string, DiskTrouble>>;
}
