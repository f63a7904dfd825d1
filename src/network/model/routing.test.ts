import { expect, test } from 'vitest';
import { addRoutes, type Connected, overlapping, refuseRoutes, removeRoutes, routeThrough } from './routing.ts';

const connected: Connected[] = [
  { subnetId: 's1', cidr: '10.0.0.0/24', ip: '10.0.0.1' },
  { subnetId: 's2', cidr: 'fd00::/64', ip: 'fd00::1' },
];

test('a route leads to a neighbour of the router, not to itself', () => {
  const why = (destination: string, nexthop: string) => refuseRoutes([{ destination, nexthop }], connected);
  expect(why('10.1.0.0/16', '10.0.0.9')).toBeUndefined();
  expect(why('fd01::/48', 'fd00::9')).toBeUndefined();
  expect(why('10.1.0.0/16', '10.2.0.9')).toBe('the nexthop is not connected with router');
  expect(why('10.1.0.0/16', '10.0.0.1')).toBe('the nexthop is used by router');
  expect(why('10.1.0.0/16', 'fd00::9')).toContain('version');
  expect(why('10.1.0.0/x', '10.0.0.9')).toContain('CIDR');
});

test('the same route twice is refused, however it is written', () => {
  const routes = [
    { destination: 'fd01::/48', nexthop: 'fd00::9' },
    { destination: 'fd01:0::/48', nexthop: 'fd00:0::9' },
  ];
  expect(refuseRoutes(routes, connected)).toBe('the same route is there twice');
});

test('routes are added once and removed once', () => {
  const one = { destination: '10.1.0.0/16', nexthop: '10.0.0.9' };
  const two = { destination: '10.1.0.0/16', nexthop: '10.0.0.8' };
  expect(addRoutes([one], [one, two, two])).toEqual([one, two]);
  expect(removeRoutes([one, two], [{ ...one, destination: '10.1.2.3/16' }])).toEqual([two]);
  expect(removeRoutes([one], [two])).toEqual([one]);
});

test('a leg that a route needs is known, and one that overlaps', () => {
  const routes = [{ destination: '10.1.0.0/16', nexthop: '10.0.0.9' }];
  expect(routeThrough(routes, '10.0.0.0/24', [])).toBe(routes[0]);
  expect(routeThrough(routes, '10.0.0.0/24', connected)).toBeUndefined();
  expect(routeThrough(routes, '10.5.0.0/24', [])).toBeUndefined();
  expect(overlapping('10.0.0.128/25', connected)?.subnetId).toBe('s1');
  expect(overlapping('10.0.1.0/24', connected)).toBeUndefined();
});
