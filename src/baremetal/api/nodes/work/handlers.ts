import type { Handlers } from '#http/contract';
import { dropBaseline, listProofs, listTimelines, planFor, showBaseline } from '../../../app/show-work.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import type { Document } from '../../../model/node.ts';
import { accessOf } from '../../access.ts';
import type { workRoutes } from './routes.ts';

const USUAL = 20;

/** Handlers of timelines and proofs. */
export function workHandlers(deps: BaremetalDeps): Handlers<typeof workRoutes> {
  return {
    'node.timeline.list': async (context, { params, query }) => ({
      body: await listTimelines(deps, accessOf(context), params['node_ident'] as string, context.version, {
        limit: (query['limit'] as number | undefined) ?? USUAL,
        operation: (query['operation'] as string | undefined) ?? null,
      }),
    }),
    'node.proofs.list': async (context, { params, query }) => ({
      body: {
        proofs: await listProofs(
          deps,
          accessOf(context),
          params['node_ident'] as string,
          context.version,
          (query['limit'] as number | undefined) ?? USUAL * 5,
        ),
      },
    }),
    'node.baseline.show': async (context, { params }) => ({
      body: { ...(await showBaseline(deps, accessOf(context), params['node_ident'] as string, context.version)) },
    }),
    'node.baseline.delete': async (context, { params }) => {
      await dropBaseline(deps, accessOf(context), params['node_ident'] as string, context.version);
      return {};
    },
    'node.deploy-plan': async (context, { params, body }) => {
      const actor = {
        requestId: context.requestId,
        userId: context.caller.userId,
        projectId: context.caller.projectId,
      };
      const { instance_info: instance = {} } = body as { instance_info?: Document };
      const ident = params['node_ident'] as string;
      return { body: { ...(await planFor(deps, accessOf(context), actor, ident, context.version, instance)) } };
    },
  };
}
