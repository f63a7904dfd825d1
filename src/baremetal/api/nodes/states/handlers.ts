import type { Handlers } from '#http/contract';
import { setConsole, setFirmwareState, showConsole } from '../../../app/call-driver.ts';
import { setTargetRaid } from '../../../app/raid-config.ts';
import { requestPower } from '../../../app/request-power.ts';
import { requestProvision } from '../../../app/request-provision.ts';
import { errors } from '../../../errors.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import { accessOf } from '../../access.ts';
import { readBoolean, shown } from '../../input/value.ts';
import { NODE_STATES, POWER_RULES } from '../../versions/nodes.ts';
import { sinceOf } from '../../versions/resource.ts';
import { showOne } from '../shown.ts';
import { readProvision } from './provision-body.ts';
import type { stateRoutes } from './routes.ts';

/** Handlers of `/v1/nodes/{node}/states`. */
export function stateHandlers(deps: BaremetalDeps): Handlers<typeof stateRoutes> {
  const located = (baseUrl: string, ident: string, what: string) => ({
    headers: { Location: `${baseUrl}/v1/nodes/${encodeURIComponent(ident)}/states${what}` },
  });
  const identOf = (params: Record<string, string>) => params['node_ident'] as string;

  return {
    'node.states.show': async (context, { params }) => {
      const fields = Object.entries(NODE_STATES)
        .filter(([, spec]) => sinceOf(spec) <= context.version)
        .map(([name]) => name);
      return await showOne(deps, context, identOf(params), 'baremetal:node:get_states', fields);
    },

    'node.states.power': async (context, { params, body }) => {
      const { target, timeout } = body as { target: string; timeout?: number | string | null };
      const { version } = context;
      const seconds = timeout === undefined || timeout === null ? undefined : Number(timeout);
      const soft = target === 'soft rebooting' || target === 'soft power off';
      if ((soft && version < POWER_RULES.soft) || (seconds && version < POWER_RULES.timeout))
        throw errors.NotAcceptable();
      if (seconds !== undefined && seconds < 1) throw errors.Invalid('timeout has to be positive integer');
      const ident = identOf(params);
      await requestPower(deps, accessOf(context), ident, version, target, seconds);
      return located(context.baseUrl, ident, '');
    },

    'node.states.provision': async (context, { params, body }) => {
      const ident = identOf(params);
      const { request, runbookByTraits } = readProvision(body as Record<string, unknown>, context.version);
      await requestProvision(deps, accessOf(context), { ident, version: context.version, request, runbookByTraits });
      return located(context.baseUrl, ident, '');
    },

    'node.states.raid': async (context, { params, body }) => {
      await setTargetRaid(deps, accessOf(context), identOf(params), context.version, body as Record<string, unknown>);
      return {};
    },

    'node.console.show': async (context, { params }) => {
      const on = { ident: identOf(params), version: context.version, rule: 'baremetal:node:get_console' };
      return { body: await showConsole(deps, accessOf(context), on, context.baseUrl) };
    },

    'node.console.set': async (context, { params, body }) => {
      const ident = identOf(params);
      const enabled = readBoolean('enabled', (body as { enabled: unknown }).enabled);
      const on = { ident, version: context.version, rule: 'baremetal:node:set_console_state' };
      await setConsole(deps, accessOf(context), on, enabled);
      return located(context.baseUrl, ident, '/console');
    },

    'node.states.boot-mode': async (context, { params, body }) => {
      const ident = identOf(params);
      const { target } = body as { target: string };
      if (target !== 'uefi' && target !== 'bios') {
        throw errors.InvalidParameterValue(
          `Invalid boot mode ${shown(target)} requested for node. Allowed boot modes are: bios, uefi`,
        );
      }
      const on = { ident, version: context.version, rule: 'baremetal:node:set_boot_mode' };
      await setFirmwareState(deps, accessOf(context), on, { bootMode: target });
      return located(context.baseUrl, ident, '');
    },

    'node.states.secure-boot': async (context, { params, body }) => {
      const ident = identOf(params);
      const secureBoot = readBoolean('target', (body as { target: unknown }).target);
      const on = { ident, version: context.version, rule: 'baremetal:node:set_secure_boot' };
      await setFirmwareState(deps, accessOf(context), on, { secureBoot });
      return located(context.baseUrl, ident, '');
    },
  };
}
