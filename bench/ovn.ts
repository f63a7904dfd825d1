import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import { newUuid } from '#kernel/ids';
import { run, start } from '#kernel/run';
import { announceChange } from '#network/ovn/index';
import { LOCK, OvnReconciler } from '#network/ovn/reconciler';
import { NB_TABLES } from '#network/ovn/rows/wanted';
import { silentLog } from '#platform/log';
import { OvsdbClient } from '#protocols/ovsdb/index';
import { openStore } from '#store/open';
import type { Tx } from '#store/contract';

// How fast the truth of networks reaches OVN's northbound database: a real one, and a durable PostgreSQL of its own.
// `node bench/ovn.ts [ports]`

const PORTS = Number(process.argv[2] ?? 10_000);
const dir = await mkdtemp(join(tmpdir(), 'ingot-bench-ovn-'));
const store = await openStore({ dataDir: join(dir, 'pg') });
await run('ovsdb-tool', ['create', join(dir, 'nb.db'), '/usr/share/ovn/ovn-nb.ovsschema'], { timeoutMs: 10_000 });
const remote = `unix:${join(dir, 'nb.sock')}`;
const server = start(
  'setpriv',
  ['--pdeathsig', 'KILL', 'ovsdb-server', join(dir, 'nb.db'), `--remote=p${remote}`, `--unixctl=${join(dir, 'ctl')}`],
  { stdio: 'ignore' },
);
const nb = new OvsdbClient({ remote, database: 'OVN_Northbound', tables: NB_TABLES, lock: LOCK });
await nb.ready(10_000);
const reconciler = new OvnReconciler({ store, nb, chassis: () => [], clock: systemClock, log: silentLog });
reconciler.start();
await reconciler.settled();

let serial = 0;
const hex = (n: number) => n.toString(16).padStart(2, '0');
const mac = () =>
  `fa:16:${hex((++serial >> 24) & 255)}:${hex((serial >> 16) & 255)}:${hex((serial >> 8) & 255)}:${hex(serial & 255)}`;
const query = (tx: Tx, text: string, ...values: unknown[]) => tx.query({ text, values });

async function network(tx: Tx, cidr: string): Promise<{ network: string; subnet: string }> {
  const [net, subnet] = [newUuid(), newUuid()];
  await query(tx, `insert into net_networks (id, project_id) values ($1, 'p')`, net);
  await query(tx, `insert into net_segments (id, network_id, network_type) values ($1, $2, 'geneve')`, newUuid(), net);
  await query(
    tx,
    `insert into net_subnets (id, project_id, network_id, ip_version, cidr, gateway_ip) values ($1, 'p', $2, 4, $3, $4)`,
    subnet,
    net,
    cidr,
    cidr.replace(/0\/\d+$/, '1'),
  );
  announceChange(tx);
  return { network: net, subnet };
}
async function port(tx: Tx, at: { network: string; subnet: string }, ip: string, group: string): Promise<string> {
  const id = newUuid();
  await query(
    tx,
    `insert into net_ports (id, project_id, network_id, mac_address) values ($1, 'p', $2, $3)`,
    id,
    at.network,
    mac(),
  );
  await query(tx, 'insert into net_fixed_ips (port_id, subnet_id, ip) values ($1, $2, $3)', id, at.subnet, ip);
  await query(tx, 'insert into net_port_security_groups (port_id, group_id) values ($1, $2)', id, group);
  announceChange(tx);
  return id;
}
const group = newUuid();
await store.tx(async (tx) => {
  await query(tx, `insert into net_security_groups (id, project_id, name) values ($1, 'p', 'default')`, group);
  for (const direction of ['ingress', 'egress']) {
    const text = `insert into net_security_group_rules (id, project_id, group_id, direction, ethertype) values ($1, 'p', $2, $3, 'IPv4')`;
    await query(tx, text, newUuid(), group, direction);
  }
  announceChange(tx);
});
await reconciler.settled();

/** Resolves when a port of this name is in the northbound database. */
const seen = new Map<string, () => void>();
nb.onChange((changes) => {
  for (const { table, row, old } of changes)
    if (table === 'Logical_Switch_Port' && old === null) seen.get(String(row?.['name']))?.();
});

const alone: number[] = [];
for (let i = 0; i < 50; i++) {
  const began = performance.now();
  const id = await store.tx(async (tx) => port(tx, await network(tx, `10.${i}.0.0/24`), `10.${i}.0.5`, group));
  if (![...nb.cache.table('Logical_Switch_Port').values()].some((row) => row['name'] === id)) {
    await new Promise<void>((resolve) => {
      seen.set(id, resolve);
    });
  }
  alone.push(performance.now() - began);
}
alone.sort((a, b) => a - b);
line('network, subnet and port: from the call to OVN, median', alone[25], 'ms');
line('the slowest of 50', alone[49], 'ms');

const shared = await store.tx((tx) => network(tx, '10.200.0.0/16'));
await reconciler.settled();
let began = performance.now();
let next = 0;
const address = (n: number) => `10.200.${n >> 8}.${n & 255}`;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (let n = ++next; n <= 1_000; n = ++next) await store.tx((tx) => port(tx, shared, address(n + 1), group));
  }),
);
const committed = performance.now() - began;
await reconciler.settled();
line(
  '1,000 ports, each a transaction, 8 at once: rate until all are in OVN',
  1_000_000 / (performance.now() - began),
  '/s',
);
line('of that, until the last was committed', committed, 'ms');

for (let n = 0; n < PORTS / 500; n++) {
  await store.tx(async (tx) => {
    const at = await network(tx, `10.201.${2 * n}.0/23`);
    const text = `
      with p as (insert into net_ports (id, project_id, network_id, mac_address)
        select gen_random_uuid(), 'p', $1, ('02' || lpad(to_hex($4 * 1000 + g), 10, '0'))::macaddr from generate_series(1, 500) g returning id),
      n as (select id, row_number() over () as g from p),
      f as (insert into net_fixed_ips (port_id, subnet_id, ip) select id, $2, '10.0.0.0'::inet + g from n)
      insert into net_port_security_groups (port_id, group_id) select id, $3 from n`;
    await query(tx, text, at.network, at.subnet, group, n);
  });
}
began = performance.now();
await reconciler.settled();
line(`${PORTS} ports at once: until all are in OVN`, performance.now() - began, 'ms');
const lags: number[] = [];
let last = performance.now();
const stopLag = systemClock.every(5, () => {
  lags.push(performance.now() - last - 5);
  last = performance.now();
});
const before = process.cpuUsage();
reconciler.resync();
await reconciler.settled();
const used = process.cpuUsage(before);
line(`everything compared (${nb.cache.size} rows), nothing to do`, reconciler.status().fullSyncMs ?? 0, 'ms');
line('of that, our own processor time', (used.user + used.system) / 1000, 'ms');
line('the longest the event loop stood still meanwhile', Math.max(...lags), 'ms');
stopLag();
await nb.transact([
  { op: 'delete', table: 'Logical_Switch', where: [] },
  { op: 'delete', table: 'DHCP_Options', where: [] },
]);
began = performance.now();
await reconciler.settled();
line('all switches deleted by somebody: until all is back', performance.now() - began, 'ms');
line('memory (RSS)', process.memoryUsage().rss / 1e6, 'MB');

await reconciler.stop();
await nb.close();
server.kill();
await store.close();
await rm(dir, { recursive: true, force: true });

function line(what: string, value: number | undefined, unit: string): void {
  process.stdout.write(`${what.padEnd(75)} ${(value ?? Number.NaN).toFixed(1).padStart(10)} ${unit}\n`);
}
