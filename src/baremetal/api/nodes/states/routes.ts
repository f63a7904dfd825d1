import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { nodeParams } from '../routes.ts';

const anyObject = Type.Object({}, { additionalProperties: true });
const text = (description: string) => Type.String({ description });
const boolean = (description: string) => Type.Union([Type.Boolean(), Type.String()], { description });
const steps = (since: string) =>
  Type.Optional(Type.Union([Type.Array(anyObject, { maxItems: 1000 }), Type.Null()], { 'x-since': since }));
const optionalText = (options: { 'x-since': string }) =>
  Type.Optional(Type.Union([Type.String(), Type.Null()], options));

/** Where a node is and where it shall go. */
export const stateRoutes = [
  {
    id: 'node.states.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/states',
    since: 1,
    policy: 'baremetal:node:get_states',
    guard: 'handler',
    summary: 'Show the states of a node',
    params: nodeParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.states.power',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/power',
    since: 1,
    policy: 'baremetal:node:set_power_state',
    guard: 'handler',
    summary: 'Change the power state',
    params: nodeParams,
    body: Type.Object(
      {
        target: text('power on, power off, rebooting, soft rebooting (1.27) or soft power off (1.27)'),
        timeout: Type.Optional(
          Type.Union([Type.Integer(), Type.String({ pattern: '^-?\\d{1,9}$' }), Type.Null()], {
            'x-since': '1.27',
            description: 'Seconds.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    success: 202,
  },
  {
    id: 'node.states.provision',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/provision',
    since: 1,
    policy: 'baremetal:node:set_provision_state',
    guard: 'handler',
    summary: 'Move a node through its life',
    params: nodeParams,
    body: Type.Object(
      {
        target: text(
          'active, deleted, rebuild, manage (1.4), provide (1.4), inspect (1.6), abort (1.13), clean (1.15), ' +
            'adopt (1.17), rescue (1.38), unrescue (1.38), deploy (1.73), undeploy, unhold (1.85), service (1.87)',
        ),
        configdrive: Type.Optional(Type.Union([Type.String(), anyObject, Type.Null()])),
        clean_steps: steps('1.15'),
        deploy_steps: steps('1.69'),
        service_steps: steps('1.87'),
        rescue_password: optionalText({ 'x-since': '1.38' }),
        disable_ramdisk: Type.Optional(Type.Union([Type.Boolean(), Type.String(), Type.Null()], { 'x-since': '1.70' })),
        runbook: optionalText({ 'x-since': '1.92' }),
      },
      { additionalProperties: false },
    ),
    bodyLimit: 64 * 1024 * 1024,
    success: 202,
  },
  {
    id: 'node.states.raid',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/raid',
    since: 12,
    below: 406,
    policy: 'baremetal:node:set_raid_state',
    guard: 'handler',
    summary: 'Set the RAID a node shall have',
    params: nodeParams,
    body: anyObject,
    success: 204,
  },
  {
    id: 'node.console.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/states/console',
    since: 1,
    policy: 'baremetal:node:get_console',
    guard: 'handler',
    summary: 'Show how to reach the console',
    params: nodeParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.console.set',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/console',
    since: 1,
    policy: 'baremetal:node:set_console_state',
    guard: 'handler',
    summary: 'Turn the console on or off',
    params: nodeParams,
    body: Type.Object({ enabled: boolean('On?') }, { additionalProperties: false }),
    success: 202,
  },
  {
    id: 'node.states.boot-mode',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/boot_mode',
    since: 76,
    policy: 'baremetal:node:set_boot_mode',
    guard: 'handler',
    summary: 'Set the boot mode',
    params: nodeParams,
    body: Type.Object({ target: text('uefi or bios') }, { additionalProperties: false }),
    success: 202,
  },
  {
    id: 'node.states.secure-boot',
    method: 'PUT',
    path: '/v1/nodes/:node_ident/states/secure_boot',
    since: 76,
    policy: 'baremetal:node:set_secure_boot',
    guard: 'handler',
    summary: 'Turn Secure Boot on or off',
    params: nodeParams,
    body: Type.Object({ target: boolean('On?') }, { additionalProperties: false }),
    success: 202,
  },
] as const satisfies readonly Route[];
