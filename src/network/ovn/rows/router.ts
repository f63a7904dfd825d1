import type { Chassis, Router, RouterPort } from '../../model/truth.ts';
import { living, order } from './chassis.ts';
import { Ref, unitKey, type WantedRow } from './wanted.ts';

const routerRef = (id: string): Ref => new Ref('Logical_Router', unitKey('router', id));

/** All rows of a router. */
export function routerRows(router: Router, chassis: readonly Chassis[]): WantedRow[] {
  const unit = unitKey('router', router.id);
  const gateway = router.ports.find((port) => port.kind === 'gateway');
  return [
    {
      table: 'Logical_Router',
      key: unit,
      columns: {
        name: `ingot-${router.id}`,
        enabled: router.adminUp,
        options: { always_learn_from_arp_request: 'false', dynamic_neigh_routers: 'true' },
      },
      ids: { 'ingot:name': router.name },
    },
    ...router.ports.flatMap((port) => legRows(router, port, chassis, gateway !== undefined)),
    ...routes(router, gateway),
    ...(gateway === undefined ? [] : [...snat(router, gateway), ...floating(router), ...forwardings(router)]),
  ];
}

function legRows(router: Router, port: RouterPort, chassis: readonly Chassis[], central: boolean): WantedRow[] {
  const key = `${unitKey('router', router.id)}/leg/${port.id}`;
  const gateway = port.kind === 'gateway';
  const v6 = port.addresses.find(({ subnet }) => subnet.version === 6);
  const mode = v6?.subnet.raMode ?? null;
  const rows: WantedRow[] = [
    {
      table: 'Logical_Router_Port',
      key,
      columns: {
        name: `lrp-${port.id}`,
        mac: port.mac,
        networks: port.addresses.map(({ ip, subnet }) => `${ip}/${subnet.cidr.split('/')[1] ?? ''}`),
        options: {
          ...(gateway && { gateway_mtu: String(port.networkMtu) }),
          // Frames of a VLAN must leave where the router's own MAC lives, or switches see it on many ports.
          ...(!gateway && port.physical && central && !router.distributed && { 'reside-on-redirect-chassis': 'true' }),
        },
        ipv6_ra_configs:
          gateway || mode === null
            ? {}
            : {
                address_mode: mode.replace('-', '_'),
                send_periodic: 'true',
                mtu: String(port.networkMtu),
                ...(v6 !== undefined && v6.subnet.dns.length > 0 && { rdnss: v6.subnet.dns[0] as string }),
              },
      },
      in: [{ row: routerRef(router.id), column: 'ports' }],
    },
  ];
  if (!gateway) return rows;
  const members = order(router.id, living(gatewaysFor(router, chassis)));
  return [
    ...rows,
    ...members.map(
      (one, i): WantedRow => ({
        table: 'Gateway_Chassis',
        key: `${key}/${one.name}`,
        columns: { name: `lrp-${port.id}_${one.name}`, chassis_name: one.name, priority: 100 - i },
        in: [{ row: new Ref('Logical_Router_Port', key), column: 'gateway_chassis' }],
      }),
    ),
  ];
}

/** Hosts a router's gateway may be on: gateways in its zones, or the next best where there are none. */
function gatewaysFor({ zones }: Router, chassis: readonly Chassis[]): readonly Chassis[] {
  const gateways = chassis.filter((one) => one.gateway);
  const fit = gateways.length > 0 ? gateways : chassis;
  const near = fit.filter((one) => one.zones.some((zone) => zones.includes(zone)));
  return near.length > 0 ? near : fit;
}

function routes(router: Router, gateway: RouterPort | undefined): WantedRow[] {
  const route = (key: string, prefix: string, nexthop: string, leg?: string): WantedRow => ({
    table: 'Logical_Router_Static_Route',
    key: `${unitKey('router', router.id)}/route/${key}`,
    columns: { ip_prefix: prefix, nexthop, output_port: leg === undefined ? null : `lrp-${leg}` },
    in: [{ row: routerRef(router.id), column: 'static_routes' }],
  });
  const defaults = new Map<string, WantedRow>();
  for (const { subnet } of gateway?.addresses ?? []) {
    if (subnet.gateway === null || gateway === undefined) continue;
    const prefix = subnet.version === 4 ? '0.0.0.0/0' : '::/0';
    defaults.set(prefix, route(prefix, prefix, subnet.gateway, gateway.id));
  }
  const own = router.routes.map(({ destination, nexthop }) => {
    // A route of the tenant's own to everywhere takes the place of the gateway's.
    defaults.delete(destination);
    return route(`${destination} ${nexthop}`, destination, nexthop);
  });
  return [...defaults.values(), ...own];
}

const nat = (router: Router, key: string, columns: WantedRow['columns']): WantedRow => ({
  table: 'NAT',
  key: `${unitKey('router', router.id)}/${key}`,
  columns,
  in: [{ row: routerRef(router.id), column: 'nat' }],
});

/** What leaves tenants' networks wears the router's address; one rule a subnet. */
function snat(router: Router, gateway: RouterPort): WantedRow[] {
  const outside = gateway.addresses.find(({ subnet }) => subnet.version === 4)?.ip;
  if (!router.snat || outside === undefined) return [];
  const inside = router.ports
    .filter((port) => port.kind === 'interface')
    .flatMap((port) => port.addresses.filter(({ subnet }) => subnet.version === 4).map(({ subnet }) => subnet.cidr));
  return [...new Set(inside)].map((cidr) =>
    nat(router, `snat/${cidr}`, { type: 'snat', external_ip: outside, logical_ip: cidr }),
  );
}

function floating(router: Router): WantedRow[] {
  return router.floatingIps.map((one) =>
    nat(router, `fip/${one.id}`, {
      type: 'dnat_and_snat',
      external_ip: one.ip,
      logical_ip: one.fixedIp,
      // Translated on the chassis of the virtual machine; machines' addresses always are on the gateway chassis.
      external_mac: router.distributed && one.onChassis ? one.mac : null,
      logical_port: router.distributed && one.onChassis ? one.fixedPortId : null,
    }),
  );
}

/** Forwarded ports are load balancers with one backend, one for each protocol and address. */
function forwardings(router: Router): WantedRow[] {
  const vips = new Map<string, Record<string, string>>();
  for (const { ip, protocol, externalPort, internalIp, internalPort } of router.forwardings) {
    const key = `${protocol}/${ip}`;
    const entry = vips.get(key) ?? {};
    entry[`${ip}:${externalPort}`] = `${internalIp}:${internalPort}`;
    vips.set(key, entry);
  }
  return [...vips].map(([key, entries]) => ({
    table: 'Load_Balancer',
    key: `${unitKey('router', router.id)}/pf/${key}`,
    columns: {
      name: `pf-${router.id}-${key.replace('/', '-')}`,
      protocol: key.split('/')[0] as string,
      vips: entries,
      options: { hairpin_snat_ip: key.split('/')[1] as string },
    },
    in: [{ row: routerRef(router.id), column: 'load_balancer' }],
  }));
}
