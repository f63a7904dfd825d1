import type { Handler, Route } from '#http/contract';

/**
 * Keystone answers HEAD wherever it answers GET: same status and headers, no body. Adds a HEAD route beside each
 * GET that has none of its own.
 */
export function withHead(routes: readonly Route[]): {
  routes: readonly Route[];
  handlers: (given: Record<string, Handler>) => Record<string, Handler>;
} {
  const own = new Set(routes.filter((route) => route.method === 'HEAD').map((route) => route.path));
  const added = routes
    .filter((route) => route.method === 'GET' && !own.has(route.path))
    .map((route): Route => ({ ...route, id: `${route.id}.head`, method: 'HEAD' }));
  return {
    routes: [...routes, ...added],
    handlers: (given) => {
      const handlers = { ...given };
      for (const { id } of added) {
        const get = given[id.slice(0, -'.head'.length)];
        if (get === undefined) continue;
        handlers[id] = async (context, input) => {
          const { body: _body, json: _json, ...head } = await get(context, input);
          return head;
        };
      }
      return handlers;
    },
  };
}
