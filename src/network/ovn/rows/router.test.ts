import { expect, test } from 'vitest';
import type { Chassis, Router, Subnet } from '../../model/truth.ts';
import { routerRows } from './router.ts';

const chassis = (name: string, more: Partial<Chassis> = {}): Chassis => ({
  name,
  hostname: name,
  gateway: true,
  physicalNetworks: ['phys'],
  zones: [],
  alive: true,
  ...more,
});
const outer: Subnet = {
  id: 's',
  version: 4,
  cidr: '192.0.2.0/24',
  gateway: '192.0.2.1',
  ovnDhcp: false,
  enableDhcp: false,
  dns: [],
  hostRoutes: [],
  raMode: null,
  addressMode: null,
};
const router: Router = {
  id: 'r',
  name: 'r',
  adminUp: true,
  snat: true,
  distributed: false,
  zones: [],
  routes: [],
  ports: [
    {
      id: 'p',
      kind: 'gateway',
      mac: 'fa:16:3e:00:00:01',
      networkId: 'n',
      networkMtu: 1500,
      physical: true,
      addresses: [{ ip: '192.0.2.10', subnet: outer }],
    },
  ],
  floatingIps: [],
  forwardings: [],
};
/** Hosts the gateway may be on, in any order. */
const hosts = (one: Router, all: readonly Chassis[]) =>
  routerRows(one, all)
    .filter(({ table }) => table === 'Gateway_Chassis')
    .map(({ columns }) => columns['chassis_name'])
    .sort();

test('a gateway is on living gateway hosts; where none lives, nothing moves', () => {
  const all = [chassis('a'), chassis('b', { alive: false }), chassis('c', { gateway: false })];
  expect(hosts(router, all)).toEqual(['a']);
  expect(
    hosts(
      router,
      all.map((one) => ({ ...one, alive: false })),
    ),
  ).toEqual(['a', 'b']);
  expect(hosts(router, [chassis('c', { gateway: false })])).toEqual(['c']);
});

test('a gateway keeps to the zones its router asks for, as long as a gateway host is there', () => {
  const all = [chassis('a', { zones: ['z1'] }), chassis('b', { zones: ['z2', 'z3'] })];
  expect(hosts({ ...router, zones: ['z3'] }, all)).toEqual(['b']);
  expect(hosts({ ...router, zones: ['z9'] }, all)).toEqual(['a', 'b']);
});
