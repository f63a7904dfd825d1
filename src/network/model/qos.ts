import type { QosRuleType } from './truth.ts';

// Rules of QoS policies. Pure.

type Direction = 'egress' | 'ingress' | 'any';

/** What a rule says. */
export interface RuleParameter {
  /** `max_kbps`; also the column. */
  name: string;
  /** The only values it can have. */
  values?: readonly (number | string)[];
  range?: { start: number; end: number };
  /** May be left out; it is 0 then. */
  optional?: boolean;
}

/** One kind of rule, with what it takes and whether somebody enforces it. */
export interface RuleKind {
  type: QosRuleType;
  /** `bandwidth_limit_rule`; a policy has at most one of a kind and direction. */
  resource: string;
  directions: readonly Direction[];
  parameters: readonly RuleParameter[];
  /** OVN enforces it on ports. The others can be written down, and are refused where they would have to hold. */
  enforced: boolean;
}

/** Marks DSCP can have in a rule, as Neutron takes them. */
const DSCP_MARKS = [0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56] as const;

const rate = (name: string, optional = false): RuleParameter => ({
  name,
  range: { start: 0, end: 2_147_483_647 },
  optional,
});

export const RULE_KINDS: readonly RuleKind[] = [
  {
    type: 'bandwidth_limit',
    resource: 'bandwidth_limit_rule',
    directions: ['egress', 'ingress'],
    parameters: [rate('max_kbps'), rate('max_burst_kbps', true)],
    enforced: true,
  },
  {
    type: 'dscp_marking',
    resource: 'dscp_marking_rule',
    directions: [],
    parameters: [{ name: 'dscp_mark', values: DSCP_MARKS }],
    enforced: true,
  },
  {
    type: 'minimum_bandwidth',
    resource: 'minimum_bandwidth_rule',
    directions: ['egress', 'ingress'],
    parameters: [rate('min_kbps')],
    enforced: false,
  },
  {
    type: 'packet_rate_limit',
    resource: 'packet_rate_limit_rule',
    directions: ['egress', 'ingress'],
    parameters: [rate('max_kpps'), rate('max_burst_kpps', true)],
    enforced: false,
  },
  {
    type: 'minimum_packet_rate',
    resource: 'minimum_packet_rate_rule',
    directions: ['egress', 'ingress', 'any'],
    parameters: [rate('min_kpps')],
    enforced: false,
  },
];

/** A rule of a policy, as rules are compared. */
export interface RuleFacts {
  id: string;
  type: QosRuleType;
  direction: Direction | null;
  max_kbps: number | null;
  min_kbps: number | null;
  max_kpps: number | null;
  min_kpps: number | null;
}

/** The rule of a policy that stands against a new or changed one: of the same kind, or with limits that cross. */
export function conflict(others: readonly RuleFacts[], rule: RuleFacts): RuleFacts | undefined {
  return others.find((other) => {
    if (other.id === rule.id) return false;
    if (other.type === rule.type) {
      if (other.direction === rule.direction) return true;
      // `any` counts both directions together; with one of them besides, it would say two things.
      return rule.type === 'minimum_packet_rate' && (other.direction === 'any' || rule.direction === 'any');
    }
    if (other.direction !== rule.direction) return false;
    return crossed(other, rule) || crossed(rule, other);
  });
}

/** A minimum above a maximum. */
const crossed = (most: RuleFacts, least: RuleFacts): boolean =>
  (most.max_kbps !== null && least.min_kbps !== null && least.min_kbps > most.max_kbps) ||
  (most.max_kpps !== null && least.min_kpps !== null && least.min_kpps > most.max_kpps);
