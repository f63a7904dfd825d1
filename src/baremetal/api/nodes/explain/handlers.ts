import type { Handlers } from '#http/contract';
import { explainBoot } from '../../../app/explain-boot.ts';
import type { BaremetalDeps } from '../../../model/deps.ts';
import { accessOf } from '../../access.ts';
import type { explainRoutes } from './routes.ts';

/** Handler of the explanation. */
export function explainHandlers(deps: BaremetalDeps): Handlers<typeof explainRoutes> {
  return {
    'node.boot.explain': async (context, { params }) => ({
      body: await explainBoot(deps, accessOf(context), params['node_ident'] as string, context.version),
    }),
  };
}
