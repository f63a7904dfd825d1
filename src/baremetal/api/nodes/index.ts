import type { Handler, Route } from '#http/contract';
import type { BaremetalDeps } from '../../model/deps.ts';
import { attributeHandlers } from './attributes/handlers.ts';
import { attributeRoutes } from './attributes/routes.ts';
import { foundHandlers } from './found/handlers.ts';
import { foundRoutes } from './found/routes.ts';
import { nodeHandlers } from './handlers.ts';
import { managementHandlers } from './management/handlers.ts';
import { managementRoutes } from './management/routes.ts';
import { nodeRoutes } from './routes.ts';
import { stateHandlers } from './states/handlers.ts';
import { stateRoutes } from './states/routes.ts';
import { explainHandlers } from './explain/handlers.ts';
import { explainRoutes } from './explain/routes.ts';
import { workHandlers } from './work/handlers.ts';
import { workRoutes } from './work/routes.ts';

/** Everything under `/v1/nodes`, as data. */
export const allNodeRoutes: readonly Route[] = [
  ...nodeRoutes,
  ...stateRoutes,
  ...managementRoutes,
  ...attributeRoutes,
  ...foundRoutes,
  ...explainRoutes,
  ...workRoutes,
];

/** The handlers of those. */
export function allNodeHandlers(deps: BaremetalDeps): Record<string, Handler> {
  return {
    ...nodeHandlers(deps),
    ...stateHandlers(deps),
    ...managementHandlers(deps),
    ...attributeHandlers(deps),
    ...foundHandlers(deps),
    ...explainHandlers(deps),
    ...workHandlers(deps),
  };
}
