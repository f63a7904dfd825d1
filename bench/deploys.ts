import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { insertRedfish, openRack } from '../tests/baremetal/deploy/rack.ts';
import { INSTANCE } from '../tests/baremetal/deploy/stand-in-images.ts';
import { goal, tellGoals } from './goals.ts';

// Simulated deploys at once on one conductor: how long machines waited for Ingot, as the sum from each timeline.
// `node bench/deploys.ts [machines] [cold]`. The lab (BMCs over HTTPS, agents over HTTPS) and the database run beside the
// conductor on the same cores, in processes of their own.

const count = Number(process.argv[2] ?? 1000);
const at = (values: readonly number[], share: number) =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const rack = await openRack({ machines: 0, life: { limits: { deploy: count } } });
const lab = spawn(
  process.execPath,
  [fileURLToPath(new URL('./deploys-rack.ts', import.meta.url)), rack.url, String(count)],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const lines = createInterface({ input: lab.stdout });
const said = async <T>() => JSON.parse(((await once(lines, 'line')) as [string])[0]) as T;
const machines = await said<{ url: string; macs: string[] }[]>();
const uuids: string[] = [];
for (const { url, macs } of machines)
  uuids.push(await insertRedfish(rack.life, url, macs, { instance_info: INSTANCE, resource_class: 'bench' }));
process.stdout.write(`${count} machines are enrolled\n`);
// A conductor at work looks at each machine's power every minute, and so has a session with its BMC. `cold`: one that has
// just started.
if (process.argv[3] !== 'cold') {
  await Promise.all(uuids.map((uuid) => rack.life.power(uuid, 'power off')));
  for (let left = -1; left !== 0; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [row] = await rack.life.store.query<{ left: number }>({
      text: `select count(*)::int as left from nodes where power_state is distinct from 'power off' or intent_id is not null`,
    });
    left = row?.left ?? 0;
  }
  process.stdout.write('the power of each was looked at\n');
}

interface Used {
  /** Seconds of processor. */
  conductor: number;
  lab: number;
  database: number;
  /** What the conductor asked for. */
  transactions: number;
  connections: number;
  reads: number;
  writes: number;
  logins: number;
}

/** What the conductor with its API, the lab and the database have used so far. */
async function processor(): Promise<Used> {
  const answer = said<{ cpu: number; connections: number; reads: number; writes: number; logins: number }>();
  lab.stdin.write('cpu\n');
  const { cpu, ...asked } = await answer;
  const { user, system } = process.cpuUsage();
  const [row] = await rack.life.store.query<{ commits: number }>({
    text: 'select xact_commit::int as commits from pg_stat_database where datname = current_database()',
  });
  return {
    conductor: (user + system) / 1e6,
    lab: cpu / 1e6,
    database: await databaseSeconds(),
    transactions: row?.commits ?? 0,
    ...asked,
  };
}

/** Of the tests' shared server, and all its children that live or ended. */
async function databaseSeconds(): Promise<number> {
  let ticks = 0;
  const parents = new Map<number, { parent: number; ticks: number }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const used = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
    parents.set(Number(name), { parent: Number(fields[1]), ticks: used });
  }
  const [server] = await rack.life.store.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
  const postmaster = parents.get(server?.pid ?? 0)?.parent;
  for (const [pid, one] of parents) if (pid === postmaster || one.parent === postmaster) ticks += one.ticks;
  return ticks / 100;
}

const before = await processor();
const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
const began = performance.now();
await Promise.all(uuids.map((uuid) => rack.life.verb(uuid, 'active')));
process.stdout.write(`asked for all in ${Math.round(performance.now() - began)} ms\n`);
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [row] = await rack.life.store.query<{ left: number; failed: number }>({
    text: `select count(*) filter (where provision_state not in ('active', 'deploy failed'))::int as left,
      count(*) filter (where provision_state = 'deploy failed')::int as failed from nodes`,
  });
  if (row?.failed) process.stdout.write(`${row.failed} failed\n`);
  if (row?.left === 0) break;
}
const wall = (performance.now() - began) / 1000;
const after = await processor();
const timelines = await rack.life.store.query<{ overhead: number; succeeded: boolean; spans: string }>({
  text: `select overhead_seconds as overhead, succeeded, spans from node_timelines where operation = 'deploy'`,
});
const all = timelines.map((line) => line.overhead).sort((a, b) => a - b);
const used = (what: keyof typeof before) =>
  `${(after[what] - before[what]).toFixed(1)} s (${(((after[what] - before[what]) * 1000) / count).toFixed(0)} ms each)`;
const each = (what: keyof Used) => ((after[what] - before[what]) / count).toFixed(1);
process.stdout.write(
  `${timelines.filter((line) => line.succeeded).length} of ${count} deployed in ${wall.toFixed(1)} s\n` +
    `processor: conductor and API ${used('conductor')}, database ${used('database')}, lab ${used('lab')}; ` +
    `the conductor's event loop was late by p99 ${(loop.percentile(99) / 1e6).toFixed(0)} ms, ` +
    `at most ${(loop.max / 1e6).toFixed(0)} ms\n` +
    `each: ${each('reads')} reads, ${each('writes')} writes and ${each('logins')} logins of its BMC, ` +
    `${each('connections')} connections to BMC and agent, ${each('transactions')} transactions\n` +
    `the machine waited for Ingot: median ${at(all, 0.5).toFixed(2)} s, p90 ${at(all, 0.9).toFixed(2)} s, ` +
    `p99 ${at(all, 0.99).toFixed(2)} s, most ${(all.at(-1) ?? 0).toFixed(2)} s\n`,
);
const parts = new Map<string, number[]>();
for (const line of timelines) {
  for (const span of JSON.parse(line.spans) as { on: string; what: string; seconds: number }[]) {
    const key = `${span.on} ${span.what}`;
    parts.set(key, [...(parts.get(key) ?? []), span.seconds]);
  }
}
for (const [what, seconds] of parts) {
  const sorted = seconds.sort((a, b) => a - b);
  process.stdout.write(
    `  ${what.padEnd(44)} median ${at(sorted, 0.5).toFixed(3)} s, p99 ${at(sorted, 0.99).toFixed(3)} s\n`,
  );
}
goal('waited for Ingot, p99', at(all, 0.99), 'at most', 5, 's');
lab.stdin.end();
await rack.close();
tellGoals();
