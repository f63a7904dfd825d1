import { tmpdir } from 'node:os';
import { measureFsync } from '#store/fsync';
import { startProduct } from './product.ts';

// The life of nodes on fake hardware, over HTTP, on a durable PostgreSQL, counting settled work. Ironic's figures are
// those of 21.4 with MariaDB on such a machine (two cores). `node bench/lifecycle.ts [what…]`; with
// INGOT_BENCH_FSYNC_MS=2 in the environment on a disk whose flush takes two milliseconds more.

const wanted = process.argv.slice(2);
const want = (what: string) => wanted.length === 0 || wanted.includes(what);
const CONNECTIONS = 20;
const product = await startProduct(CONNECTIONS);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let round = 0;
/** The nodes of one round have a resource class of their own, so that looking at them is looking at no others. */
const classOf = () => `round-${round}`;

async function enrol(count: number, more: object = {}): Promise<string[]> {
  round++;
  return await pooled(Array.from({ length: count }), async () => {
    const node = (await product.call('POST', '/v1/nodes', {
      driver: 'fake-hardware',
      resource_class: classOf(),
      ...more,
    })) as { uuid: string };
    return node.uuid;
  });
}

/** Runs `fn` for each, as many at once as there are connections. */
async function pooled<T, R>(items: readonly T[], fn: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await fn(items[i] as T);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return results;
}

interface Seen {
  uuid: string;
  provision_state: string;
  power_state: string | null;
  target_power_state: string | null;
}

async function see(): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  const fields = 'fields=uuid,provision_state,power_state,target_power_state&limit=1000';
  let path: string | undefined = `/v1/nodes?${fields}&resource_class=${classOf()}`;
  while (path !== undefined) {
    const page = (await product.call('GET', path)) as { nodes: Seen[]; next?: string };
    for (const node of page.nodes) seen.set(node.uuid, node);
    path = page.next === undefined ? undefined : new URL(page.next).pathname + new URL(page.next).search;
  }
  return seen;
}

/** Waits until all are settled. While `busy` finds a node the others are not looked at: looking costs the product. */
async function settle(
  uuids: readonly string[],
  settled: (node: Seen) => boolean,
  busy: readonly string[] = [],
): Promise<void> {
  for (let pause = 5; ; pause = Math.min(25, pause + 5)) {
    if (!(await anyIn(busy))) {
      const seen = await see();
      if (uuids.every((uuid) => settled(seen.get(uuid) as Seen))) return;
    }
    await sleep(pause);
  }
}

async function anyIn(states: readonly string[]): Promise<boolean> {
  for (const state of states) {
    const query = `fields=uuid&limit=1&resource_class=${classOf()}&provision_state=${encodeURIComponent(state)}`;
    const page = (await product.call('GET', `/v1/nodes?${query}`)) as { nodes: unknown[] };
    if (page.nodes.length > 0) return true;
  }
  return false;
}

const ON_THE_WAY: Record<string, string[]> = {
  manage: ['verifying'],
  provide: ['cleaning'],
  active: ['deploying'],
  deleted: ['deleting', 'cleaning'],
};

async function verb(uuids: readonly string[], target: string, state: string): Promise<number> {
  const from = performance.now();
  await pooled(uuids, (uuid) => product.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target }));
  await settle(uuids, (node) => node.provision_state === state, ON_THE_WAY[target]);
  return performance.now() - from;
}

function line(what: string, value: number, unit: string, target: number, ironic: number, more = false): void {
  const met = more ? value >= target : value <= target;
  const ratio = more ? value / ironic : ironic / value;
  const ours = value.toFixed(value < 10 ? 2 : 0);
  console.log(
    `${what.padEnd(58)} ${ours.padStart(7)} ${unit.padEnd(4)} target ${target}: ${met ? 'met   ' : 'MISSED'}` +
      `  Ironic ${ironic} ${unit}, ${ratio.toFixed(1)} times`,
  );
}

async function memory(when: string): Promise<void> {
  const { program, database } = await product.memory();
  const all = program + database;
  console.log(
    `memory (PSS) ${when}: ${all.toFixed(0)} MB = program ${program.toFixed(0)} + database ${database.toFixed(0)}` +
      `  target 300: ${all <= 300 ? 'met' : 'MISSED'}`,
  );
}

const disk = await measureFsync(tmpdir());
console.log(
  `fsync here: ${disk.medianMs.toFixed(2)} ms in the middle, ${disk.worstMs.toFixed(2)} at worst; ` +
    `delayed by ${process.env['INGOT_BENCH_FSYNC_MS'] ?? 0} ms`,
);
await memory('at the start');

/** What a piece of the bench cost in CPU: says more than the clock where others use the machine too. */
async function costing(what: string, count: number, fn: () => Promise<void>): Promise<void> {
  const before = await product.cpu();
  await fn();
  const after = await product.cpu();
  const each = (a: number, b: number) => ((b - a) / 1000 / count).toFixed(2);
  console.log(
    `  CPU for each ${what}: program ${each(before.cpu, after.cpu)} ms + database ${each(before.database, after.database)} ms`,
  );
}

if (want('idle')) {
  await sleep(3_000);
  const before = await product.cpu();
  const at = performance.now();
  await sleep(10_000);
  const after = await product.cpu();
  const share = (a: number, b: number) => (b - a) / 10 / (performance.now() - at);
  const [program, database] = [share(before.cpu, after.cpu), share(before.database, after.database)];
  console.log(
    `idle: CPU ${program.toFixed(1)} % program + ${database.toFixed(1)} % database  target 2: ${program + database <= 2 ? 'met' : 'MISSED'}`,
  );
}

if (want('life')) {
  const rounds: number[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const uuids = await enrol(100);
    await costing('node', 100, async () => {
      const phases = [
        await verb(uuids, 'manage', 'manageable'),
        await verb(uuids, 'provide', 'available'),
        await verb(uuids, 'active', 'active'),
        await verb(uuids, 'deleted', 'available'),
      ];
      const total = phases.reduce((a, b) => a + b, 0);
      console.log(`  turn ${turn}: ${phases.map((ms) => ms.toFixed(0)).join(' + ')} = ${total.toFixed(0)} ms`);
      if (turn > 0) rounds.push(total);
    });
  }
  rounds.sort((a, b) => a - b);
  line('100 nodes: manage, provide, active, deleted', (rounds[2] ?? 0) / 1000, 's', 1.5, 16);
}

if (want('available')) {
  const uuids = await enrol(1_000);
  const from = performance.now();
  await verb(uuids, 'manage', 'manageable');
  await verb(uuids, 'provide', 'available');
  line('1,000 nodes made available', (performance.now() - from) / 1000, 's', 8, 62);
  await memory('after 1,000 made available');
}

if (want('power')) {
  const uuids = await enrol(500);
  const rates: number[] = [];
  for (const target of ['power on', 'power off', 'power on', 'power off']) {
    await costing('action', 500, async () => {
      const from = performance.now();
      await pooled(uuids, (uuid) => product.call('PUT', `/v1/nodes/${uuid}/states/power`, { target }));
      await settle(uuids, (node) => node.power_state === target && node.target_power_state === null);
      rates.push((500 / (performance.now() - from)) * 1000);
    });
  }
  console.log(`  rounds of 500: ${rates.map((rate) => rate.toFixed(0)).join(', ')} per s`);
  rates.sort((a, b) => a - b);
  line('power actions settled per second', rates[2] ?? 0, '/s', 1_000, 45, true);
}

if (want('waiting')) {
  const uuids = await enrol(1_000, { driver_info: { fake_delay_s: { 'deploy.deploy': 60 } } });
  await verb(uuids, 'manage', 'manageable');
  await verb(uuids, 'provide', 'available');
  const began = performance.now();
  await verb(uuids, 'active', 'wait call-back');
  console.log(`  1,000 deploys began and wait: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await sleep(1_000);
  const before = await product.cpu();
  const at = performance.now();
  await sleep(10_000);
  const after = await product.cpu();
  const percent = (after.cpu - before.cpu) / 10 / (performance.now() - at);
  console.log(
    `1,000 deploying at once: CPU of the wait ${percent.toFixed(1)} % of a core  target 5: ${percent <= 5 ? 'met' : 'MISSED'}`,
  );
  await memory('with 1,000 deploying');
  await settle(uuids, (node) => node.provision_state === 'active');
  console.log(
    `  1,000 active ${((performance.now() - began) / 1000).toFixed(1)} s after they began (60 s of it waiting)`,
  );
}

await memory('at the end');
await product.close();
