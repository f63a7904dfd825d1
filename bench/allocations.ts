/**
 * Allocations against 1,000 candidates, all asked for at once, until every one is settled; then lookups and
 * heartbeats of ramdisks. `node tools/run.mjs bench/allocations.ts [candidates]`, about a minute. Ironic 21.4 with MariaDB on two such cores:
 * 4 allocations a second, some for ever `allocating`; 169 lookups and 232 heartbeats a second.
 */
import { goal, tellGoals } from './goals.ts';
import { startProduct } from './product.ts';
import { forAll, measureRamdisks, until } from './ramdisks.ts';

const candidates = Number(process.argv[2] ?? 1000);
const IRONIC = { allocations: 4, lookup: 169, heartbeat: 232 };
/** Machines whose ramdisks call. */
const DEPLOYING = Math.min(200, candidates);
const SECONDS = 5;
const product = await startProduct(16);

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

await forAll(nodes, async (i) => {
  await product.call('POST', '/v1/nodes', { uuid: uuid(1, i), driver: 'fake-hardware', resource_class: 'gold' });
  await product.call('POST', '/v1/ports', { node_uuid: uuid(1, i), address: mac(i) });
});
for (const [verb, state] of [
  ['manage', 'manageable'],
  ['provide', 'available'],
]) {
  await forAll(
    nodes,
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
await forAll(
  asked,
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
const twice = Math.abs(active - candidates) + Math.abs(failed - 50) + Math.abs(taken - candidates);

const machines = nodes.slice(0, DEPLOYING).map((i) => ({ uuid: uuid(1, i), mac: mac(i) }));
const ramdisks = await measureRamdisks(product.call, product.port, machines, SECONDS);
for (const [what, { rate }] of Object.entries(ramdisks)) {
  row(what, rate, what.startsWith('lookup') ? IRONIC.lookup : IRONIC.heartbeat);
}
await product.close();
goal('allocations settled', asked.length / seconds, 'at least', 300, '/s');
goal('nodes given twice, allocations stuck', twice, 'at most', 0, '');
tellGoals();
