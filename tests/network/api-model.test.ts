import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, type NetworkCloud, openNetworkCloud } from './cloud.ts';
import { openServer, type TestServer } from './database.ts';
import { expected, found, northbound, reconcile, type Running, wholeTruth } from './northbound.ts';

// Whatever is asked of the Network API, in any order: nothing fails in an unforeseen way, and OVN becomes what the rows
// say. The rows themselves are judged by the API's own tests.

let cloud: NetworkCloud;
let server: TestServer;
let running: Running;

beforeAll(async () => {
  cloud = await openNetworkCloud({
    physicalNetworks: new Map([['phys', { mtu: 1500, vlans: [{ first: 100, last: 4000 }] }]]),
  });
  server = await openServer();
  running = reconcile(cloud.store, server.remote);
  const unlimited = Object.fromEntries(
    ['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule'].map((name) => [
      name,
      -1,
    ]),
  );
  await cloud.want(200, 'admin', 'PUT', `/quotas/${await adminProject()}`, { quota: unlimited });
}, 120_000);
afterAll(async () => {
  await running.stop();
  await server.stop();
  await cloud.close();
});

const adminProject = async (): Promise<string> =>
  (await cloud.want(200, 'admin', 'GET', '/identity/v3/auth/projects')).projects[0].id;

/** Things that were made, by kind, as far as the model knows; some may be gone. */
type World = Record<string, Json[]>;
const pick = (list: readonly Json[] | undefined, n: number): Json =>
  list === undefined || list.length === 0 ? undefined : list[n % list.length];

let serial = 0;
const collections: Readonly<Record<string, string>> = {
  network: '/networks',
  subnet: '/subnets',
  port: '/ports',
  router: '/routers',
  floatingip: '/floatingips',
  trunk: '/trunks',
  policy: '/qos/policies',
  security_group: '/security-groups',
  security_group_rule: '/security-group-rules',
  port_forwarding: '',
};

/** Asks; remembers what was made. A refusal is fine, a failure is not. */
async function ask(world: World, method: string, path: string, body?: Json): Promise<Json> {
  const reply = await cloud.send('admin', method, path, body);
  if (reply.status >= 500) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${reply.status} ${reply.text}`);
  if (method === 'POST' && reply.status === 201) {
    for (const [kind, one] of Object.entries(reply.json as Record<string, Json>)) (world[kind] ??= []).push(one);
  }
  return reply.status < 300 ? reply.json : undefined;
}

type Step = (world: World, a: number, b: number) => Promise<unknown>;
const change =
  (kind: string, wish: (world: World, a: number, b: number) => Json): Step =>
  async (world, a, b) => {
    const one = pick(world[kind], a);
    if (one !== undefined) await ask(world, 'PUT', `${collections[kind]}/${one.id}`, { [kind]: wish(world, a, b) });
  };
const remove =
  (kind: string): Step =>
  async (world, a) => {
    const one = pick(world[kind], a);
    if (one !== undefined) await ask(world, 'DELETE', `${collections[kind]}/${one.id}`);
  };

const steps: Readonly<Record<string, Step>> = {
  network: (world, a, b) =>
    ask(world, 'POST', '/networks', {
      network: {
        'router:external': a % 3 === 0,
        dns_domain: b % 2 === 0 ? 'example.org.' : '',
        ...(b % 3 === 0 && { 'provider:network_type': 'vlan', 'provider:physical_network': 'phys' }),
        ...(b % 5 === 0 && { qos_policy_id: pick(world['policy'], a)?.id ?? null }),
      },
    }),
  async subnet(world, a, b) {
    const network = pick(world['network'], a);
    if (network === undefined) return;
    serial++;
    const six = {
      ip_version: 6,
      cidr: `fd00:${serial.toString(16)}::/64`,
      ipv6_ra_mode: 'dhcpv6-stateful',
      ipv6_address_mode: 'dhcpv6-stateful',
    };
    const four = { ip_version: 4, cidr: `10.${(serial >> 8) & 255}.${serial & 255}.0/24` };
    await ask(world, 'POST', '/subnets', { subnet: { network_id: network.id, ...(b % 4 === 0 ? six : four) } });
  },
  async port(world, a, b) {
    const network = pick(world['network'], a);
    if (network === undefined) return;
    const group = pick(world['security_group'], b)?.id;
    await ask(world, 'POST', '/ports', {
      port: {
        network_id: network.id,
        ...(group !== undefined && b % 3 === 0 && { security_groups: [group] }),
        ...(b % 7 === 0 && { port_security_enabled: false, security_groups: [] }),
        ...(b % 4 === 0 && { dns_name: `host-${a}` }),
      },
    });
  },
  'security group': (world) => ask(world, 'POST', '/security-groups', { security_group: { name: 'g' } }),
  async rule(world, a, b) {
    const group = pick(world['security_group'], a);
    if (group === undefined) return;
    await ask(world, 'POST', '/security-group-rules', {
      security_group_rule: {
        security_group_id: group.id,
        direction: 'ingress',
        protocol: 'tcp',
        port_range_min: 1 + a,
        port_range_max: 1 + a + b,
      },
    });
  },
  policy: (world) => ask(world, 'POST', '/qos/policies', { policy: {} }),
  async 'policy rule'(world, a, b) {
    const policy = pick(world['policy'], a);
    if (policy === undefined) return;
    const [path, body] =
      b % 2 === 0
        ? [
            'bandwidth_limit_rules',
            { bandwidth_limit_rule: { max_kbps: 100 + b, direction: b % 4 === 0 ? 'egress' : 'ingress' } },
          ]
        : ['dscp_marking_rules', { dscp_marking_rule: { dscp_mark: 46 } }];
    await ask(world, 'POST', `/qos/policies/${policy.id}/${path as string}`, body);
  },
  async router(world, a) {
    const outside = pick(
      world['network']?.filter((one) => one['router:external']),
      a,
    );
    const info = outside === undefined ? null : { network_id: outside.id };
    if ((await ask(world, 'POST', '/routers', { router: { external_gateway_info: info } })) === undefined)
      await ask(world, 'POST', '/routers', { router: {} });
  },
  async leg(world, a, b) {
    const router = pick(world['router'], a);
    const subnet = pick(world['subnet'], b);
    const port = pick(world['port'], b);
    if (router === undefined || subnet === undefined) return;
    const body = b % 3 === 0 && port !== undefined ? { port_id: port.id } : { subnet_id: subnet.id };
    await ask(world, 'PUT', `/routers/${router.id}/add_router_interface`, body);
  },
  async 'leg out'(world, a, b) {
    const router = pick(world['router'], a);
    const subnet = pick(world['subnet'], b);
    if (router === undefined || subnet === undefined) return;
    await ask(world, 'PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id });
  },
  gateway: change('router', (world, a, b) => ({
    external_gateway_info: b % 3 === 0 ? null : { network_id: pick(world['network'], b)?.id, enable_snat: a % 2 === 0 },
  })),
  routes: change('router', (world, _, b) => ({
    routes:
      b % 4 === 0
        ? []
        : [
            {
              destination: `172.16.${b}.0/24`,
              nexthop: pick(world['subnet'], b)?.cidr.replace('0/24', '77') ?? '10.0.0.77',
            },
          ],
  })),
  async floating(world, a, b) {
    const network = pick(
      world['network']?.filter((one) => one['router:external']),
      a,
    );
    const port = pick(world['port'], b);
    if (network === undefined) return;
    const wish = { floating_network_id: network.id, port_id: port?.id ?? null };
    if ((await ask(world, 'POST', '/floatingips', { floatingip: wish })) === undefined)
      await ask(world, 'POST', '/floatingips', { floatingip: { ...wish, port_id: null } });
  },
  'floating move': change('floatingip', (world, _, b) => ({
    port_id: b % 3 === 0 ? null : (pick(world['port'], b)?.id ?? null),
  })),
  async forwarding(world, a, b) {
    const fip = pick(world['floatingip'], a);
    const port = pick(world['port'], b);
    if (fip === undefined || port === undefined) return;
    await ask(world, 'POST', `/floatingips/${fip.id}/port_forwardings`, {
      port_forwarding: { internal_port_id: port.id, internal_port: 80, external_port: 1000 + b, protocol: 'tcp' },
    });
  },
  async trunk(world, a, b) {
    const [parent, sub] = [pick(world['port'], a), pick(world['port'], b)];
    if (parent === undefined || sub === undefined) return;
    await ask(world, 'POST', '/trunks', {
      trunk: {
        port_id: parent.id,
        sub_ports: [{ port_id: sub.id, segmentation_type: 'vlan', segmentation_id: 1 + b }],
      },
    });
  },
  async subport(world, a, b) {
    const [trunk, sub] = [pick(world['trunk'], a), pick(world['port'], b)];
    if (trunk === undefined || sub === undefined) return;
    const verb = b % 3 === 0 ? 'remove' : 'add';
    const one = { port_id: sub.id, ...(verb === 'add' && { segmentation_type: 'vlan', segmentation_id: 1 + b }) };
    await ask(world, 'PUT', `/trunks/${trunk.id}/${verb}_subports`, { sub_ports: [one] });
  },
  'network edit': change('network', (world, a, b) => ({
    mtu: 1200 + b,
    qos_policy_id: pick(world['policy'], a)?.id ?? null,
  })),
  'port edit': change('port', (world, a, b) => ({
    admin_state_up: b % 2 === 0,
    qos_policy_id: b % 3 === 0 ? (pick(world['policy'], a)?.id ?? null) : null,
    ...(b % 5 === 0 && { fixed_ips: [] }),
  })),
  'subnet edit': change('subnet', (_, __, b) => ({ dns_nameservers: b % 5 === 0 ? [] : ['192.0.2.53'] })),
  'router edit': change('router', (_, a, b) => ({ admin_state_up: b % 2 === 0, distributed: a % 2 === 0 })),
  settle: () => running.reconciler.settled(),
};
const removals = ['network', 'subnet', 'port', 'router', 'floatingip', 'trunk', 'policy', 'security_group'];
const all: Readonly<Record<string, Step>> = {
  ...steps,
  ...Object.fromEntries(removals.map((kind) => [`delete ${kind}`, remove(kind)])),
};

const step = (names: readonly string[]) => fc.record({ do: fc.constantFrom(...names), a: fc.nat(30), b: fc.nat(30) });
/** Half of the steps make the ground others stand on. */
const anyStep = fc.oneof(
  { weight: 3, arbitrary: step(['network', 'subnet', 'port', 'router', 'leg', 'floating']) },
  { weight: 3, arbitrary: step(Object.keys(steps)) },
  { weight: 1, arbitrary: step(Object.keys(all)) },
);

test('any sequence of calls leaves OVN equal to the truth', { timeout: 240_000 }, async () => {
  const world: World = {};
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 20, maxLength: 60 }), async (calls) => {
      for (const { do: name, a, b } of calls) await all[name]?.(world, a, b);
      await running.reconciler.settled();
      expect(running.reconciler.status().refused).toEqual({});
      const reader = northbound(server.remote);
      await reader.ready(20_000);
      const wanted = await wholeTruth(cloud.store);
      try {
        expect(found(reader, wanted)).toEqual(expected(wanted));
      } finally {
        await reader.close();
      }
    }),
    // One world grows through all of them, so a failure is shown as it is, not made smaller.
    { numRuns: 8, endOnFailure: true },
  );
  // What was asked was done, not only refused.
  for (const kind of ['network', 'subnet', 'port', 'router', 'floatingip'])
    expect(world[kind]?.length, kind).toBeGreaterThan(2);
});
