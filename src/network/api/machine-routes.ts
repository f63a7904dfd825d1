import { Type } from 'typebox';
import type { RuleDefinition } from '#contracts/policy';
import type { Route } from '#http/contract';
import { ADMIN } from '../model/checks.ts';

// What only this network service tells: where rules of security groups hold, and how machines are cabled.

const Text = Type.Union([Type.String(), Type.Null()]);
const Number = Type.Union([Type.Integer(), Type.Null()]);

export const machineRoutes = [
  {
    id: 'port.enforcement',
    method: 'GET',
    path: '/v2.0/ports/:id/security-group-enforcement',
    params: Type.Object({ id: Type.String({ maxLength: 255 }) }),
    since: 0,
    guard: 'handler',
    policy: 'get_port',
    summary: 'Where each rule of the security groups of a port is enforced',
    success: 200,
    response: Type.Object({
      security_group_enforcement: Type.Object({
        port_id: Type.String(),
        strict: Type.Boolean({ description: 'The port is bound to a machine only where all of its rules hold.' }),
        rules: Type.Array(
          Type.Object({
            security_group_rule_id: Type.String(),
            security_group_id: Type.String(),
            direction: Type.String(),
            enforcement: Type.String({ description: '`stateful`, `stateless`, or `none`.' }),
            reason: Type.String(),
          }),
        ),
      }),
    }),
  },
  {
    id: 'machine_link.list',
    method: 'GET',
    path: '/v2.0/machine-links',
    since: 0,
    policy: 'get_machine_link',
    summary: 'Switch ports that machines hang on: what they shall carry, what was read back, whom machines heard',
    success: 200,
    response: Type.Object({
      machine_links: Type.Array(
        Type.Object({
          machine_id: Type.String(),
          switch_id: Type.String(),
          port_id: Type.String(),
          switch_info: Text,
          switch: Text,
          state: Type.String(),
          found: Text,
          error: Text,
          differences: Type.Array(Type.Object({ what: Type.String(), wanted: Type.String(), found: Type.String() })),
          ports: Type.Array(
            Type.Object({ id: Type.String(), network_id: Type.String(), purpose: Text, status: Type.String() }),
          ),
        }),
      ),
      neighbours: Type.Array(
        Type.Object({
          machine_id: Type.String(),
          mac_address: Type.String(),
          nic: Type.String(),
          switch_id: Type.String(),
          port_id: Type.String(),
          switch_info: Text,
          vlan: Number,
          frame_size: Number,
          heard_at: Type.String(),
        }),
      ),
      networks: Type.Array(
        Type.Object({
          id: Type.String(),
          name: Type.String(),
          mtu: Type.Integer(),
          physical_network: Text,
          vlan: Number,
          machines: Type.Integer(),
          dhcp: Type.Array(Type.String(), { description: 'Who answers: `ovn`, `dnsmasq`.' }),
          hosts: Type.Integer({ description: 'Live hosts of OVN that reach the physical network.' }),
        }),
      ),
    }),
  },
] as const satisfies readonly Route[];

export const machineRules: readonly RuleDefinition[] = [
  { name: 'get_machine_link', check: `${ADMIN} or rule:network_reader`, description: 'See how machines are cabled' },
];
