/**
 * Allocations against 1,000 candidates, all asked for at once, until every one is settled; then lookups and
 * heartbeats of ramdisks. `node bench/allocations.ts [candidates]`. Ironic 21.4 with MariaDB on two such cores:
 * 4 allocations a second, some for ever `allocating`; 169 lookups and 232 heartbeats a second.
 */
import { startProduct } from './product.ts';

const candidates = Number(process.argv[2] ?? 1000);
const IRONIC = { allocations: 4, lookup: 169, heartbeat: 232 };
const product = await startProduct(16);

async function many<T>(
  items: readonly T[],
  width: number,
  act: (item: T, i: number) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < items.length; i = next++) await act(items[i] as T, i);
    }),
  );
  return (performance.now() - started) / 1000;
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not happen within 30 s`);
}

async function count(path: string, list: string): Promise<number> {
  let url: string | undefined = path;
  let n = 0;
  while (url !== undefined) {
    const page = (await product.call('GET', url)) as Record<string, unknown[]> & { next?: string };
    n += page[list]?.length ?? 0;
    url = page.next === undefined ? undefined : page.next.replace(/^https?:\/\/[^/]+/, '');
  }
  return n;
}

const uuid = (kind: number, i: number) => `0000000${kind}-0000-4000-8000-${String(i).padStart(12, '0')}`;
const mac = (i: number) =>
  `52:54:00:${[i >> 16, (i >> 8) & 255, i & 255].map((b) => b.toString(16).padStart(2, '0')).join(':')}`;
const nodes = Array.from({ length: candidates }, (_, i) => i);
const row = (what: string, rate: number, ironic: number, more = '') =>
  console.log(
    `${what.padEnd(40)} ${rate.toFixed(0).padStart(6)} /s   ${(rate / ironic).toFixed(0)} times Ironic${more}`,
  );

await many(nodes, 16, async (i) => {
  await product.call('POST', '/v1/nodes', { uuid: uuid(1, i), driver: 'fake-hardware', resource_class: 'gold' });
  await product.call('POST', '/v1/ports', { node_uuid: uuid(1, i), address: mac(i) });
});
for (const [verb, state] of [
  ['manage', 'manageable'],
  ['provide', 'available'],
]) {
  await many(
    nodes,
    16,
    async (i) => void (await product.call('PUT', `/v1/nodes/${uuid(1, i)}/states/provision`, { target: verb })),
  );
  await until(
    `all ${state}`,
    async () => (await count(`/v1/nodes?provision_state=${state}&limit=1000`, 'nodes')) === candidates,
  );
}

// More are asked for than there are nodes, so that some must fail: none may wait for ever.
const asked = Array.from({ length: candidates + 50 }, (_, i) => i);
const started = performance.now();
await many(
  asked,
  16,
  async (i) => void (await product.call('POST', '/v1/allocations', { uuid: uuid(2, i), resource_class: 'gold' })),
);
await until(
  'all settled',
  async () => (await count('/v1/allocations?state=allocating&limit=1000', 'allocations')) === 0,
);
const seconds = (performance.now() - started) / 1000;
const active = await count('/v1/allocations?state=active&limit=1000', 'allocations');
const failed = await count('/v1/allocations?state=error&limit=1000', 'allocations');
const taken = await count('/v1/nodes?associated=true&limit=1000', 'nodes');
row(
  'allocations asked for and settled',
  asked.length / seconds,
  IRONIC.allocations,
  `   ${active} active, ${failed} failed, ${taken} nodes taken`,
);
if (active !== candidates || failed !== 50 || taken !== candidates) throw new Error('double bookings, or some stuck');

await many(nodes.slice(0, 200), 16, async (i) => {
  await product.call('PATCH', `/v1/nodes/${uuid(1, i)}`, [
    { op: 'add', path: '/driver_info/fake_delay_s', value: { deploy: 120, 'deploy.deploy': 120 } },
  ]);
  await product.call('PUT', `/v1/nodes/${uuid(1, i)}/states/provision`, { target: 'active' });
});
const tokens = new Map<number, string>();
await until(
  'all deploying',
  async () => (await count('/v1/nodes?provision_state=available&limit=1000', 'nodes')) <= candidates - 200,
);
await many(nodes.slice(0, 200), 16, async (i) => {
  const found = (await product.call('GET', `/v1/lookup?addresses=${mac(i)}`)) as { config: { agent_token: string } };
  tokens.set(i, found.config.agent_token);
});
const rounds = Array.from({ length: 12_000 }, (_, i) => i % 200);
const lookups = await many(rounds, 16, async (i) => void (await product.call('GET', `/v1/lookup?addresses=${mac(i)}`)));
row('lookup', rounds.length / lookups, IRONIC.lookup);
const beats = await many(rounds, 16, async (i) => {
  const body = { callback_url: `https://10.0.0.${i % 250}:9999`, agent_token: tokens.get(i), agent_version: '11.0' };
  await product.call('POST', `/v1/heartbeat/${uuid(1, i)}`, body);
});
row('heartbeat', rounds.length / beats, IRONIC.heartbeat);
await product.close();
