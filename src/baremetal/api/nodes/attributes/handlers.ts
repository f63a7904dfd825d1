import type { Handlers } from '#http/contract';
import { listChildren } from '../../../app/list-children.ts';
import { setMaintenance } from '../../../app/maintenance.ts';
import { changeTraits, listTraits } from '../../../app/traits.ts';
import { attachVif, detachVif, listVifs } from '../../../app/vifs.ts';
import { errors } from '../../../errors.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import { isLogicalName } from '../../../model/names.ts';
import { checkTrait } from '../../../model/traits.ts';
import { accessOf } from '../../access.ts';
import { readUuid, shown } from '../../input/value.ts';
import { VIF_RULES } from '../../versions/nodes.ts';
import type { attributeRoutes } from './routes.ts';

/** Handlers of maintenance, traits, VIFs and children. */
export function attributeHandlers(deps: BaremetalDeps): Handlers<typeof attributeRoutes> {
  const identOf = (params: Record<string, string>) => params['node_ident'] as string;
  return {
    'node.maintenance.set': async (context, { params, body }) => {
      const reason = (body as { reason?: string | null } | undefined)?.reason ?? null;
      await setMaintenance(deps, accessOf(context), identOf(params), context.version, true, reason);
      return {};
    },
    'node.maintenance.clear': async (context, { params }) => {
      await setMaintenance(deps, accessOf(context), identOf(params), context.version, false, null);
      return {};
    },

    'node.trait.list': async (context, { params }) => ({
      body: { traits: await listTraits(deps, accessOf(context), identOf(params), context.version) },
    }),
    'node.trait.replace': async (context, { params, body }) => {
      const { traits } = body as { traits?: string[] };
      if (traits === undefined) throw oneOrAll();
      for (const trait of traits) checkTrait('body', trait);
      await changeTraits(deps, accessOf(context), identOf(params), context.version, { set: traits });
      return {};
    },
    'node.trait.clear': async (context, { params }) => {
      await changeTraits(deps, accessOf(context), identOf(params), context.version, { clear: true });
      return {};
    },
    'node.trait.add': async (context, { params, body }) => {
      const trait = params['trait'] as string;
      checkTrait('trait', trait);
      if (body !== undefined && !isEmpty(body)) {
        if (Object.hasOwn(body as object, 'traits')) throw oneOrAll();
        throw errors.Invalid('No body should be provided when adding a trait');
      }
      const ident = identOf(params);
      await changeTraits(deps, accessOf(context), ident, context.version, { add: trait });
      return { headers: { Location: `${context.baseUrl}/v1/nodes/${encodeURIComponent(ident)}/traits/${trait}` } };
    },
    'node.trait.remove': async (context, { params }) => {
      const remove = params['trait'] as string;
      await changeTraits(deps, accessOf(context), identOf(params), context.version, { remove });
      return {};
    },

    'node.vif.list': async (context, { params }) => ({
      body: { vifs: await listVifs(deps, accessOf(context), identOf(params), context.version) },
    }),
    'node.vif.attach': async (context, { params, body }) => {
      const vif = body as { id: string; port_uuid?: unknown; portgroup_uuid?: unknown };
      checkVifId(vif.id);
      const placed = context.version >= VIF_RULES.port;
      const port = placed ? vif.port_uuid : undefined;
      const portgroup = placed ? vif.portgroup_uuid : undefined;
      if (port !== undefined && portgroup !== undefined) {
        throw errors.Invalid('Cannot specify both port_uuid and portgroup_uuid');
      }
      const place = {
        ...(port === undefined ? {} : { port: readUuid('port_uuid', port) }),
        ...(portgroup === undefined ? {} : { portgroup: readUuid('portgroup_uuid', portgroup) }),
      };
      await attachVif(deps, accessOf(context), identOf(params), context.version, vif.id, place);
      return {};
    },
    'node.vif.detach': async (context, { params }) => {
      const id = params['vif_id'] as string;
      checkVifId(id);
      await detachVif(deps, accessOf(context), identOf(params), context.version, id);
      return {};
    },

    'node.child.list': async (context, { params }) => {
      const { uuid, children } = await listChildren(deps, accessOf(context), identOf(params), context.version);
      const links = { href: `${context.baseUrl}/v1/nodes?parent_node=${uuid}`, rel: 'children' };
      return { body: { children, links } };
    },
  };
}

function isEmpty(body: unknown): boolean {
  return body === null || (typeof body === 'object' && Object.keys(body).length === 0);
}

function oneOrAll() {
  return errors.Invalid(
    'A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> with no body, or all node ' +
      'traits may be replaced via PUT /v1/nodes/<node identifier>/traits with the list of traits specified in the ' +
      'request body.',
  );
}

function checkVifId(id: string): void {
  if (!isLogicalName(id, 10)) throw errors.InvalidParameterValue(`Expected UUID or name for id: ${shown(id)}`);
}
