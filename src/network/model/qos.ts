import type { QosRuleType } from './truth.ts';

// Rules of QoS policies. Pure.

type Direction = 'egress' | 'ingress' | 'any';

/** One kind of rule, with what it takes and whether somebody enforces it. */
export interface RuleKind {
  type: QosRuleType;
  /** `bandwidth_limit_rule`; a policy has at most one of a kind and direction. */
  resource: string;
  directions: readonly Direction[];
  /** OVN enforces it on ports. The others can be written down, and are refused where they would have to hold. */
  enforced: boolean;
}

export const RULE_KINDS: readonly RuleKind[] = [
  { type: 'bandwidth_limit', resource: 'bandwidth_limit_rule', directions: ['egress', 'ingress'], enforced: true },
  { type: 'dscp_marking', resource: 'dscp_marking_rule', directions: [], enforced: true },
  { type: 'minimum_bandwidth', resource: 'minimum_bandwidth_rule', directions: ['egress', 'ingress'], enforced: false },
  { type: 'packet_rate_limit', resource: 'packet_rate_limit_rule', directions: ['egress', 'ingress'], enforced: false },
  {
    type: 'minimum_packet_rate',
    resource: 'minimum_packet_rate_rule',
    directions: ['egress', 'ingress', 'any'],
    enforced: false,
  },
];

/** Marks DSCP can have in a rule, as Neutron takes them. */
export const DSCP_MARKS = [0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56] as const;

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
