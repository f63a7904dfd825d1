import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newUuid } from '#kernel/ids';
import { byUuid } from '#protocols/ovsdb/operations';
import { NamedUuid, type Row } from '#protocols/ovsdb/values';
import { openTestStore, type TestStore } from '#store/testing';
import { openServer, type TestServer, until } from './database.ts';
import { CHASSIS, expected, found, northbound, reconcile, type Running, wholeTruth } from './northbound.ts';
import { put, putDefaultGroup, putLeg, putNetwork, putPort, putRule, putSubnet } from './truth.ts';

let db: TestStore;
let server: TestServer;
let running: Running | undefined;

beforeAll(async () => {
  db = await openTestStore();
});
afterAll(async () => {
  await db.close();
});
beforeEach(async () => {
  await db.store.query({
    text: 'truncate net_networks, net_security_groups, net_routers, net_address_groups, net_qos_policies, net_dirty cascade',
  });
  server = await openServer();
  return async () => {
    await running?.stop();
    running = undefined;
    await server.stop();
  };
});

/** OVN's northbound database, as somebody else sees it, is what the truth wants. */
async function expectEqual(): Promise<void> {
  const reader = northbound(server.remote);
  await reader.ready(20_000);
  const wanted = await wholeTruth(db.store);
  try {
    expect(found(reader, wanted)).toEqual(expected(wanted));
  } finally {
    await reader.close();
  }
}

async function putWorld() {
  const { store } = db;
  const group = await putDefaultGroup(store);
  const inside = await putNetwork(store, { name: 'inside' });
  const subnet = await putSubnet(store, inside, '10.0.0.0/24');
  const outside = await putNetwork(store, {
    name: 'outside',
    external: true,
    segment: { type: 'flat', physical: 'phys' },
  });
  const outer = await putSubnet(store, outside, '192.0.2.0/24', { enable_dhcp: false });
  const router = await put(store, 'net_routers', { project_id: 'p1', name: 'r', gateway_network_id: outside });
  await putLeg(store, router, inside, subnet, '10.0.0.1', 'fa:16:3e:00:00:01');
  await putLeg(store, router, outside, outer, '192.0.2.10', 'fa:16:3e:00:00:02', 'gateway');
  const port = await putPort(store, inside, {
    mac: 'fa:16:3e:00:00:03',
    ips: [{ subnet, ip: '10.0.0.3' }],
    groups: [group],
    more: { dns_name: 'vm', extra_dhcp_opts: JSON.stringify([{ opt_name: 'bootfile-name', opt_value: 'x.efi' }]) },
  });
  const holder = await putPort(store, outside, {
    mac: 'fa:16:3e:00:00:04',
    ips: [{ subnet: outer, ip: '192.0.2.20' }],
    more: { device_owner: 'network:floatingip' },
  });
  await put(store, 'net_floating_ips', {
    project_id: 'p1',
    floating_network_id: outside,
    floating_ip: '192.0.2.20',
    floating_port_id: holder,
    fixed_port_id: port,
    fixed_ip: '10.0.0.3',
    router_id: router,
  });
  return { group, inside, subnet, outside, router, port };
}

test('a world, as rows of OVN', async () => {
  const world = await putWorld();
  running = reconcile(db.store, server.remote);
  await running.reconciler.settled();
  expect(running.reconciler.status()).toMatchObject({ state: 'in sync', refused: {}, backlog: 0 });
  await expectEqual();
  const port = [...running.nb.cache.table('Logical_Switch_Port').values()].find((row) => row['name'] === world.port);
  expect(port).toMatchObject({
    addresses: new Set(['fa:16:3e:00:00:03 10.0.0.3']),
    port_security: new Set(['fa:16:3e:00:00:03 10.0.0.3']),
    enabled: true,
  });
  const options = running.nb.cache.row('DHCP_Options', port?.['dhcpv4_options'] as string)?.['options'] as Map<
    string,
    string
  >;
  expect(options.get('bootfile_name')).toBe('"x.efi"');
  const nats = [...running.nb.cache.table('NAT').values()].map((row) => [
    row['type'],
    row['external_ip'],
    row['logical_ip'],
  ]);
  expect(nats.sort()).toEqual([
    ['dnat_and_snat', '192.0.2.20', '10.0.0.3'],
    ['snat', '192.0.2.10', '10.0.0.0/24'],
  ]);
  // Nothing more to do, and nothing is done.
  const { transactions } = running.reconciler.status();
  running.reconciler.resync();
  await running.reconciler.settled();
  expect(running.reconciler.status().transactions).toBe(transactions);
  expect(await db.store.query({ text: 'select * from net_dirty' })).toEqual([]);
});

test('changes are carried one by one; deleting everything leaves nothing of ours, and all of others', async () => {
  running = reconcile(db.store, server.remote);
  await running.reconciler.settled();
  const foreign = {
    op: 'insert',
    table: 'Logical_Switch',
    row: { name: 'theirs', external_ids: { neutron: 'x' } },
  } as const;
  await running.nb.transact([foreign]);
  const world = await putWorld();
  await running.reconciler.settled();
  await expectEqual();
  await db.store.query({
    text: 'update net_networks set mtu = 1400, revision = revision + 1 where id = $1',
    values: [world.inside],
  });
  await putRule(db.store, world.group, { protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
  await running.reconciler.settled();
  await expectEqual();
  for (const table of [
    'floating_ips',
    'ports',
    'routers',
    'subnets',
    'networks',
    'security_group_rules',
    'security_groups',
  ]) {
    await db.store.query({ text: `delete from net_${table}` });
  }
  await running.reconciler.settled();
  await expectEqual();
  const names = [...running.nb.cache.table('Logical_Switch').values()].map((row) => row['name']);
  expect(names).toEqual(['theirs']);
  expect(running.nb.cache.table('DHCP_Options').size + running.nb.cache.table('ACL').size).toBe(7);
});

test('what somebody else breaks is repaired, a row or a column or a membership', async () => {
  await putWorld();
  running = reconcile(db.store, server.remote);
  await running.reconciler.settled();
  const vandal = northbound(server.remote);
  await vandal.ready(20_000);
  const all = { where: [] } as const;
  await vandal.transact([
    { op: 'delete', table: 'Logical_Switch', ...all },
    { op: 'update', table: 'ACL', ...all, row: { action: 'allow' } },
    { op: 'update', table: 'Port_Group', ...all, row: { ports: [] } },
    { op: 'update', table: 'Logical_Router', ...all, row: { nat: [], static_routes: [] } },
    { op: 'delete', table: 'DHCP_Options', ...all },
  ]);
  const gone = (row: Row | undefined) => row === undefined;
  await until(() => !gone([...vandal.cache.table('Logical_Switch').values()][1]), 'the switches to come back');
  await running.reconciler.settled();
  await expectEqual();
  await vandal.close();
});

test('the second of two waits, and takes over when the first is killed', async () => {
  const first = reconcile(db.store, server.remote);
  await first.reconciler.settled();
  running = reconcile(db.store, server.remote);
  await until(() => running?.nb.connected === true, 'a connection');
  expect(running.reconciler.status().state).toBe('standby');
  await putWorld();
  await first.stop();
  await until(() => running?.reconciler.status().state === 'in sync', 'the second to take over');
  await running.reconciler.settled();
  await expectEqual();
});

test('the bridge of an overlay moves when its chassis dies', async () => {
  let chassis = CHASSIS;
  running = reconcile(db.store, server.remote, { chassis: () => chassis });
  await db.store.tx(async (tx) => {
    const network = await putNetwork(tx);
    const dynamic = {
      network_id: network,
      network_type: 'vlan',
      physical_network: 'phys',
      segmentation_id: 50,
      dynamic: true,
    };
    const segment = await put(tx, 'net_segments', dynamic);
    const more = { vnic_type: 'baremetal', host_id: 'node', bound_segment_id: segment };
    await putPort(tx, network, { mac: 'fa:16:3e:00:00:01', more });
  });
  await running.reconciler.settled();
  const on = () => {
    const ports = [...(running?.nb.cache.table('Logical_Switch_Port').values() ?? [])];
    const bridge = ports.find((row) => row['type'] === 'l2gateway');
    const options = bridge?.['options'];
    return options instanceof Map ? options.get('l2gateway-chassis') : undefined;
  };
  const home = on();
  // c3 is no gateway.
  expect(['c1', 'c2']).toContain(home);
  chassis = CHASSIS.map((one) => (one.name === home ? { ...one, alive: false } : one));
  await running.reconciler.chassisChanged();
  await running.reconciler.settled();
  expect(['c1', 'c2'].filter((name) => name !== home)).toEqual([on()]);
});

test('an object OVN refuses does not hold up the others', async () => {
  running = reconcile(db.store, server.remote);
  await running.reconciler.settled();
  // The name of a port that is to come is taken by somebody else.
  const id = newUuid();
  const [, theirs] = await running.nb.transact([
    { op: 'insert', table: 'Logical_Switch_Port', name: 'p', row: { name: id } },
    { op: 'insert', table: 'Logical_Switch', row: { name: 'theirs', ports: [new NamedUuid('p')] } },
  ]);
  const good = newUuid();
  await db.store.tx(async (tx) => {
    const network = await putNetwork(tx);
    await putPort(tx, network, { mac: 'fa:16:3e:00:00:01', more: { id } });
    await putPort(tx, network, { mac: 'fa:16:3e:00:00:02', more: { id: good } });
  });
  await running.reconciler.settled();
  const { refused } = running.reconciler.status();
  expect(refused).toEqual({ [`port:${id}`]: expect.stringContaining('constraint violation') });
  const names = [...running.nb.cache.table('Logical_Switch_Port').values()].map((row) => row['name']);
  expect(names).toContain(good);
  // Its next change tries again.
  await running.nb.transact([{ op: 'delete', table: 'Logical_Switch', where: byUuid(theirs?.uuid as string) }]);
  await db.store.query({ text: `update net_ports set name = 'again' where id = $1`, values: [id] });
  await running.reconciler.settled();
  await expectEqual();
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('network', 'subnet', 'port', 'machine', 'group', 'rule', 'leg', 'floating'),
      a: fc.nat(30),
      b: fc.nat(30),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('edit', 'member', 'dhcp', 'bind', 'network edit'),
      a: fc.nat(30),
      b: fc.nat(30),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('delete port', 'delete subnet', 'delete network', 'delete group', 'delete router'),
      a: fc.nat(30),
      b: fc.nat(30),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('vandal', 'crash', 'server crash', 'settle'),
      a: fc.nat(30),
      b: fc.nat(30),
    }),
  },
);

test('any changes of truth, with vandals and crashes in between: OVN becomes what is wanted', async () => {
  const { store } = db;
  const ids = async (table: string) =>
    (await store.query<{ id: string }>({ text: `select id from ${table} order by seq` })).map(({ id }) => id);
  const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
  let serial = 0;
  const mac = () =>
    `fa:16:3e:00:${(++serial >> 8).toString(16).padStart(2, '0')}:${(serial & 255).toString(16).padStart(2, '0')}`;
  const ip = (cidr: string) => (
    ++serial, cidr.replace(/0\/24$/, String(2 + (serial % 250))).replace(/\/64$/, (serial + 16).toString(16))
  );
  const subnetsOf = (network: string) =>
    store.query<{ id: string; cidr: string }>({
      text: 'select id, cidr from net_subnets where network_id = $1',
      values: [network],
    });

  const steps: Record<string, (a: number, b: number) => Promise<unknown>> = {
    network: (a) =>
      putNetwork(store, {
        external: a % 5 === 0,
        segment:
          a % 3 === 0
            ? { type: 'vlan', physical: 'phys', id: 100 + (++serial % 3000) }
            : { type: 'geneve', id: ++serial },
      }),
    async subnet(a, b) {
      const network = pick(await ids('net_networks'), a);
      const cidr = b % 4 === 0 ? `fd00:${(++serial).toString(16)}::/64` : `10.${++serial >> 8}.${serial & 255}.0/24`;
      const v6 = { ipv6_ra_mode: 'dhcpv6-stateful', ipv6_address_mode: 'dhcpv6-stateful' };
      if (network !== undefined) await putSubnet(store, network, cidr, cidr.includes(':') ? v6 : {});
    },
    async port(a, b) {
      const network = pick(await ids('net_networks'), a);
      if (network === undefined) return;
      const subnet = pick(await subnetsOf(network), b);
      const group = pick(await ids('net_security_groups'), b);
      const ips = subnet === undefined ? [] : [{ subnet: subnet.id, ip: ip(subnet.cidr) }];
      const options = JSON.stringify(
        b % 3 === 0
          ? [
              { opt_name: 'mtu', opt_value: String(1000 + b) },
              { opt_name: '67', opt_value: 'x' },
            ]
          : [],
      );
      const more = {
        port_security_enabled: b % 5 !== 0,
        dns_name: b % 2 === 0 ? 'host' : '',
        extra_dhcp_opts: options,
      };
      await store.tx((tx) =>
        putPort(tx, network, { mac: mac(), ips, groups: group === undefined ? [] : [group], more }),
      );
    },
    async machine(a, b) {
      const network = pick(await ids('net_networks'), a);
      if (network === undefined) return;
      const subnet = pick(await subnetsOf(network), b);
      const group = pick(await ids('net_security_groups'), b);
      await store.tx(async (tx) => {
        const dynamic = {
          network_id: network,
          network_type: 'vlan',
          physical_network: 'phys',
          segmentation_id: 100 + (++serial % 3000),
          dynamic: true,
          segment_index: 1,
        };
        const [known] = await tx.query<{ id: string }>({
          text: 'select id from net_segments where network_id = $1 and dynamic',
          values: [network],
        });
        const [physical] = await tx.query<{ id: string }>({
          text: `select id from net_segments where network_id = $1 and network_type = 'vlan' and not dynamic`,
          values: [network],
        });
        const segment = physical?.id ?? known?.id ?? (await put(tx, 'net_segments', dynamic));
        const more = { vnic_type: 'baremetal', host_id: 'node', vif_type: 'other', bound_segment_id: segment };
        const ips = subnet === undefined ? [] : [{ subnet: subnet.id, ip: ip(subnet.cidr) }];
        await putPort(tx, network, { mac: mac(), ips, groups: group === undefined ? [] : [group], more });
      });
    },
    group: () => putDefaultGroup(store),
    async rule(a, b) {
      const group = pick(await ids('net_security_groups'), a);
      if (group !== undefined)
        await putRule(store, group, { protocol: 'tcp', port_range_min: ++serial, port_range_max: serial + b });
    },
    async leg(a, b) {
      const network = pick(await ids('net_networks'), a);
      const subnet = network === undefined ? undefined : pick(await subnetsOf(network), b);
      const known = pick(await ids('net_routers'), b);
      if (network === undefined || subnet === undefined) return;
      await store.tx(async (tx) => {
        const router = known ?? (await put(tx, 'net_routers', { project_id: 'p1', name: 'r' }));
        const [gateway] = await tx.query({
          text: `select from net_router_ports where router_id = $1 and kind = 'gateway'`,
          values: [router],
        });
        await putLeg(
          tx,
          router,
          network,
          subnet.id,
          ip(subnet.cidr),
          mac(),
          gateway === undefined && b % 2 === 0 ? 'gateway' : 'interface',
        );
      });
    },
    async floating(a, b) {
      const router = pick(await ids('net_routers'), a);
      const ports = await store.query<{ id: string; network_id: string; ip: string; subnet_id: string }>({
        text: `select p.id, p.network_id, host(f.ip) as ip, f.subnet_id from net_ports p join net_fixed_ips f on f.port_id = p.id
                where p.device_owner = '' and family(f.ip) = 4 order by p.seq`,
      });
      const port = pick(ports, b);
      if (router === undefined || port === undefined) return;
      await store
        .tx(async (tx) => {
          const holder = await putPort(tx, port.network_id, {
            mac: mac(),
            more: { device_owner: 'network:floatingip' },
          });
          const row = {
            project_id: 'p1',
            floating_network_id: port.network_id,
            floating_ip: `192.0.2.${++serial % 250}`,
            floating_port_id: holder,
            router_id: router,
            fixed_port_id: port.id,
            fixed_ip: port.ip,
          };
          await put(tx, 'net_floating_ips', row);
        })
        .catch(() => {});
    },
    async edit(a, b) {
      const port = pick(await ids('net_ports'), a);
      const text = `update net_ports set name = $2, admin_state_up = $3, allowed_address_pairs = $4 where id = $1`;
      const pairs = JSON.stringify(b % 3 === 0 ? [{ ip_address: '10.99.0.0/16' }] : []);
      if (port !== undefined) await store.query({ text, values: [port, `n${b}`, b % 2 === 0, pairs] });
    },
    async member(a, b) {
      const port = pick(await ids('net_ports'), a);
      const group = pick(await ids('net_security_groups'), b);
      if (port === undefined || group === undefined) return;
      const values = [port, group];
      const gone = await store.query({
        text: 'delete from net_port_security_groups where port_id = $1 and group_id = $2 returning 1',
        values,
      });
      if (gone.length === 0) await put(store, 'net_port_security_groups', { port_id: port, group_id: group });
    },
    async 'network edit'(a, b) {
      const network = pick(await ids('net_networks'), a);
      const text = 'update net_networks set mtu = $2, dns_domain = $3 where id = $1';
      await store.query({ text, values: [network ?? newUuid(), 1300 + b, b % 3 === 0 ? 'example.org.' : ''] });
    },
    async dhcp(a) {
      const subnet = pick(await ids('net_subnets'), a);
      await store.query({
        text: 'update net_subnets set enable_dhcp = not enable_dhcp where id = $1',
        values: [subnet ?? newUuid()],
      });
    },
    async bind(a, b) {
      const port = pick(await ids('net_ports'), a);
      const text = `update net_ports set host_id = $2, vnic_type = case when $3 then 'normal' else vnic_type end where id = $1`;
      await store.query({ text, values: [port ?? newUuid(), b % 2 === 0 ? '' : 'c1', b % 7 === 0] });
    },
    'delete port': async (a) => {
      const port = pick(await ids('net_ports'), a);
      await store.query({ text: 'delete from net_ports where id = $1', values: [port ?? newUuid()] }).catch(() => {});
    },
    'delete subnet': async (a) => {
      const subnet = pick(await ids('net_subnets'), a);
      await store
        .query({ text: 'delete from net_subnets where id = $1', values: [subnet ?? newUuid()] })
        .catch(() => {});
    },
    'delete network': async (a) => {
      const network = pick(await ids('net_networks'), a);
      await store
        .query({ text: 'delete from net_networks where id = $1', values: [network ?? newUuid()] })
        .catch(() => {});
    },
    'delete group': async (a) => {
      const group = pick(await ids('net_security_groups'), a);
      await store
        .tx(async (tx) => {
          const values = [group ?? newUuid()];
          await tx.query({ text: 'delete from net_port_security_groups where group_id = $1', values });
          await tx.query({ text: 'delete from net_security_group_rules where remote_group_id = $1', values });
          await tx.query({ text: 'delete from net_security_groups where id = $1', values });
        })
        .catch(() => {});
    },
    'delete router': async (a) => {
      const router = pick(await ids('net_routers'), a);
      const values = [router ?? newUuid()];
      await store.query({ text: 'update net_floating_ips set router_id = null where router_id = $1', values });
      await store
        .query({
          text: 'delete from net_ports where id in (select port_id from net_router_ports where router_id = $1)',
          values,
        })
        .catch(() => {});
      await store.query({ text: 'delete from net_routers where id = $1', values });
    },
    async vandal(a) {
      const tables = ['Logical_Switch', 'Logical_Router', 'Port_Group', 'DHCP_Options', 'Address_Set', 'DNS'];
      const table = pick(tables, a) as string;
      await running?.nb.transact([{ op: 'delete', table, where: [] }]).catch(() => {});
    },
    async crash() {
      await running?.nb.close();
      await running?.stop();
      running = reconcile(store, server.remote);
    },
    async 'server crash'() {
      await server.kill();
      await server.restart();
    },
    settle: () => running?.reconciler.settled() ?? Promise.resolve(),
  };

  running = reconcile(store, server.remote);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (all) => {
      for (const one of all) await steps[one.do]?.(one.a, one.b);
      await running?.reconciler.settled();
      expect(running?.reconciler.status().refused).toEqual({});
      await expectEqual();
    }),
    { numRuns: 12, endOnFailure: true },
  );
});
