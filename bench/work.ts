import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '#platform/log';
import { openStore } from '#store/open';
import type { Json, Workflow } from '#work/contract';
import { createWork } from '#work/runtime';

// The workflow engine alone, on a durable PostgreSQL of its own: fsync, synchronous_commit and full_page_writes
// are on. `node bench/work.ts`

const dataDir = await mkdtemp(join(tmpdir(), 'ingot-bench-work-'));
const store = await openStore({ dataDir });
const work = createWork({ store, host: 'bench', log: silentLog, limits: { deploy: 250 } });

const begun = new Map<string, number>();
const ended = new Map<string, () => void>();
const free: Workflow<Json> = {
  name: 'free',
  version: 1,
  async run(context) {
    await context.step({
      name: 'one',
      budgetMs: 10_000,
      do: async () => void begun.set(context.workflowId, performance.now()),
    });
    ended.get(context.workflowId)?.();
  },
  failed: async () => {},
};
const limited: Workflow<Json> = { ...free, name: 'limited', limit: 'deploy' };
const waiting: Workflow<Json> = {
  ...free,
  name: 'waiting',
  async run(context) {
    await context.receive('go', 3_600_000);
    ended.get(context.workflowId)?.();
  },
};
for (const workflow of [free, limited, waiting]) work.register(workflow);

const started = performance.now();
await work.start();
line('start of the engine on a fresh database', performance.now() - started, 'ms');

let count = 0;
/** Enqueues in a transaction of its own; gives the milliseconds from the commit to the first step. */
async function one(workflow: Workflow<Json>): Promise<number> {
  const id = `b-${++count}`;
  const end = new Promise<void>((resolve) => ended.set(id, resolve));
  await store.tx((tx) => work.enqueue(tx, workflow, { n: count }, { id, group: '' }));
  const committed = performance.now();
  await end;
  return (begun.get(id) ?? Number.NaN) - committed;
}
const many = (n: number, workflow: Workflow<Json>) => Promise.all(Array.from({ length: n }, () => one(workflow)));

await many(200, free);
const alone: number[] = [];
for (let i = 0; i < 200; i++) alone.push(await one(free));
alone.sort((a, b) => a - b);
line('first step after the commit, one at a time, p50', alone[100], 'ms', 50);
line('first step after the commit, one at a time, p99', alone[198], 'ms');

for (const [name, workflow] of [
  ['no limit', free],
  ['limit of 250', limited],
] as const) {
  const rounds: number[] = [];
  for (let repeat = 0; repeat < 5; repeat++) {
    const from = performance.now();
    for (let round = 0; round < 4; round++) await many(100, workflow);
    rounds.push(performance.now() - from);
  }
  rounds.sort((a, b) => a - b);
  line(`100 workflows x 4 rounds of one recorded step, ${name} (median of 5)`, rounds[2], 'ms', 800);
}

const idle = await cpuWhile(5_000);
line('idle: CPU of the process', idle, '% of a core', 2);

const memory = process.memoryUsage().rss;
const crowd = Array.from({ length: 1_000 }, (_, i) => `crowd-${i}`);
const from = performance.now();
const crowdEnds = crowd.map((id) => new Promise<void>((resolve) => ended.set(id, resolve)));
await Promise.all(crowd.map((id) => store.tx((tx) => work.enqueue(tx, waiting, null, { id, group: '' }))));
while (work.counts().waiting < 1_000) await new Promise((resolve) => setTimeout(resolve, 10));
line('1,000 workflows enqueued and waiting', performance.now() - from, 'ms');
await new Promise((resolve) => setTimeout(resolve, 1_000));
line('1,000 waiting: CPU of the process', await cpuWhile(10_000), '% of a core', 5);
line('1,000 waiting: memory more than before', (process.memoryUsage().rss - memory) / 1e6, 'MB');
const wake = performance.now();
await Promise.all(crowd.map((id) => store.tx((tx) => work.signal(tx, id, 'go', 1))));
await Promise.all(crowdEnds);
line('1,000 woken and ended', performance.now() - wake, 'ms');

await work.stop();
await store.close();
await rm(dataDir, { recursive: true, force: true });

async function cpuWhile(ms: number): Promise<number> {
  const before = process.cpuUsage();
  const at = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 10 / (performance.now() - at);
}

function line(what: string, value: number | undefined, unit: string, target?: number): void {
  const shown = (value ?? Number.NaN).toFixed(value !== undefined && value < 10 ? 2 : 0);
  const verdict = target === undefined ? '' : `  (target ${target}: ${(value ?? 0) <= target ? 'met' : 'MISSED'})`;
  console.log(`${what.padEnd(72)} ${shown.padStart(7)} ${unit}${verdict}`);
}
