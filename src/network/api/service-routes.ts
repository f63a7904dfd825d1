import { Type } from 'typebox';
import type { RuleDefinition } from '#contracts/policy';
import type { Handler, Route } from '#http/contract';
import { RULE_KINDS, type RuleKind } from '../model/qos.ts';
import { ADMIN } from '../model/checks.ts';
import { refusals } from '../refusals.ts';
import type { NetworkRoom } from '../room.ts';
import { readZones } from '../store/agents.ts';

// What is no row of a table: kinds of QoS rules, and availability zones.

const Any = Type.Object({}, { additionalProperties: true });
const common = { since: 0, query: Any, success: 200, method: 'GET' } as const;

export const serviceRoutes: readonly Route[] = [
  {
    ...common,
    id: 'rule_type.list',
    path: '/v2.0/qos/rule-types',
    policy: 'get_rule_type',
    summary: 'Kinds of QoS rules that are enforced',
  },
  {
    ...common,
    id: 'rule_type.get',
    path: '/v2.0/qos/rule-types/:type',
    params: Type.Object({ type: Type.String({ maxLength: 64 }) }),
    policy: 'get_rule_type',
    summary: 'Who enforces a kind of QoS rule, and with what values',
  },
  {
    ...common,
    id: 'availability_zone.list',
    path: '/v2.0/availability_zones',
    policy: 'get_availability_zone',
    summary: 'List availability zones',
  },
];

const ANYBODY = `role:reader or ${ADMIN}`;

export const serviceRules: readonly RuleDefinition[] = [
  { name: 'get_rule_type', check: ANYBODY, description: 'Ask which QoS rules are enforced' },
  { name: 'get_availability_zone', check: ANYBODY, description: 'List availability zones' },
];

/** Handlers of these routes. */
export function serviceHandlers({ store }: NetworkRoom): Record<string, Handler> {
  return {
    'rule_type.list': (_context, { query }) => {
      const all = query['all_rules'] !== undefined && String(query['all_rules']).toLowerCase() !== 'false';
      const kinds = RULE_KINDS.filter(({ enforced }) => all || enforced);
      return { body: { rule_types: kinds.map(({ type }) => ({ type })) } };
    },
    'rule_type.get': (_context, { params }) => {
      const kind = RULE_KINDS.find(({ type }) => type === params['type']);
      if (kind === undefined) throw refusals.QosRuleTypeNotFound(params['type'] ?? '');
      const drivers = kind.enforced ? [{ name: 'ovn', supported_parameters: parametersOf(kind) }] : [];
      return { body: { rule_type: { type: kind.type, drivers } } };
    },
    'availability_zone.list': async (_context, { query }) => {
      const zones = (await readZones(store)).flatMap(({ name, alive }) =>
        ['network', 'router'].map((resource) => ({ name, resource, state: alive ? 'available' : 'unavailable' })),
      );
      const fits = (zone: Readonly<Record<string, string>>) =>
        ['name', 'resource', 'state'].every(
          (key) => query[key] === undefined || [query[key]].flat().includes(zone[key] ?? ''),
        );
      return { body: { availability_zones: zones.filter(fits) } };
    },
  };
}

/** The values a rule of this kind can have. */
function parametersOf({ parameters, directions }: RuleKind): object[] {
  const listed = parameters.map(({ name, values, range }) => ({
    parameter_name: name,
    parameter_type: values === undefined ? 'range' : 'choices',
    parameter_values: values ?? range,
  }));
  if (directions.length > 0)
    listed.push({ parameter_name: 'direction', parameter_type: 'choices', parameter_values: directions });
  return listed;
}
