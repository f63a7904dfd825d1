import type { Door, Handler, Route } from './contract.ts';

/** A route with the handler that serves it. */
export interface BoundRoute {
  door: Door;
  route: Route;
  handler: Handler;
}

/**
 * Joins route tables with their handlers. Throws one Error that lists everything wrong: a route without a
 * handler, a handler without a route, an id or a method and path used twice, an empty policy,
 * a name shared.
 */
export function bindDoors(doors: readonly Door[]): BoundRoute[] {
  const wrong: string[] = [];
  const bound: BoundRoute[] = [];
  const ids = new Set<string>();
  const places = new Set<string>();
  const names = new Set<string>();
  for (const door of doors) {
    if (names.has(door.name)) wrong.push(`two doors are called ${door.name}`);
    names.add(door.name);
    if (door.prefix !== '' && !/^(\/[\w.-]+)+$/.test(door.prefix)) {
      wrong.push(`door ${door.name}: prefix '${door.prefix}' must be like /identity, without a slash at the end`);
    }
    const own = new Set<string>();
    for (const route of door.routes) {
      const name = `${door.name}: ${route.id}`;
      const key = `${door.name}/${route.id}`;
      own.add(route.id);
      if (ids.has(key)) wrong.push(`${name} is there twice`);
      ids.add(key);
      const place = `${route.method} ${door.prefix}${route.path.replace(/:\w+/g, ':')}`;
      if (places.has(place)) wrong.push(`${name}: ${place} is there twice`);
      places.add(place);
      if (!route.path.startsWith('/')) wrong.push(`${name}: the path must begin with /`);
      if (route.policy === '') wrong.push(`${name}: the policy is empty; null makes a route public`);
      if (route.policy === null && route.guard !== undefined) wrong.push(`${name}: a public route has no guard`);
      const handler = Object.hasOwn(door.handlers, route.id) ? door.handlers[route.id] : undefined;
      if (handler === undefined) wrong.push(`${name} has no handler`);
      else bound.push({ door, route, handler });
    }
    for (const id of Object.keys(door.handlers)) {
      if (!own.has(id)) wrong.push(`${door.name}: handler ${id} has no route`);
    }
  }
  if (wrong.length > 0) throw new Error(`The API's tables do not fit together:\n  ${wrong.join('\n  ')}`);
  return bound;
}
