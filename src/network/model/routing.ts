import { parseAddress } from '#kernel/addresses';
import { overlap, prefixKey, readDestination, sameAddress, within } from './prefix.ts';

// What a router's routes and interfaces may be. Pure: the facts come from the database.

/** A static route, as the API writes it. */
export interface Route {
  destination: string;
  nexthop: string;
}

/** A subnet a router has a leg in. */
export interface Connected {
  subnetId: string;
  cidr: string;
  /** The router's own address there. */
  ip: string;
}

/** A router has at most this many routes of its own, as Neutron's default is. */
export const MOST_ROUTES = 30;

const keyOf = (route: Route): string => `${prefixKey(route.destination)} ${prefixKey(route.nexthop)}`;

/** Why a list of routes cannot be; undefined when it can. */
export function refuseRoutes(routes: readonly Route[], connected: readonly Connected[]): string | undefined {
  const seen = new Set<string>();
  for (const route of routes) {
    const destination = readDestination(route.destination);
    const nexthop = parseAddress(route.nexthop);
    if (destination === undefined || nexthop === undefined) return 'a route has a destination (CIDR) and a nexthop';
    if (destination.version !== nexthop.version)
      return `${route.nexthop} is not of the version of ${route.destination}`;
    if (seen.has(keyOf(route))) return 'the same route is there twice';
    seen.add(keyOf(route));
    if (!connected.some(({ cidr }) => within(route.nexthop, cidr))) return 'the nexthop is not connected with router';
    if (connected.some(({ ip }) => sameAddress(ip, route.nexthop))) return 'the nexthop is used by router';
  }
  return undefined;
}

/** Routes with more of them; those that are there stay where they are. */
export function addRoutes(now: readonly Route[], more: readonly Route[]): Route[] {
  const known = new Set(now.map(keyOf));
  const fresh = more.filter((route) => !known.has(keyOf(route)) && known.add(keyOf(route)));
  return [...now, ...fresh];
}

/** Routes without some of them. What is not there is no error: taking it away twice is fine. */
export function removeRoutes(now: readonly Route[], gone: readonly Route[]): Route[] {
  const away = new Set(gone.map(keyOf));
  return now.filter((route) => !away.has(keyOf(route)));
}

/** The first route that needs a leg in `cidr`, given the legs that stay. */
export function routeThrough(routes: readonly Route[], cidr: string, staying: readonly Connected[]): Route | undefined {
  return routes.find(({ nexthop }) => within(nexthop, cidr) && !staying.some((other) => within(nexthop, other.cidr)));
}

/** The subnet a router has a leg in already that `cidr` has addresses in common with. */
export function overlapping(cidr: string, connected: readonly Connected[]): Connected | undefined {
  return connected.find((one) => overlap(one.cidr, cidr));
}
