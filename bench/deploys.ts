import { systemRandom } from '#kernel/random';
import { selfSigned } from '#kernel/certificate';
import { openRack } from '../tests/baremetal/deploy/rack.ts';
import { INSTANCE } from '../tests/baremetal/deploy/stand-in-images.ts';

// Simulated deploys at once on one conductor: how long machines waited for Ingot, as the sum from each timeline.
// `node bench/deploys.ts [machines]`. The lab (BMCs over HTTPS, agents over HTTPS) and the database run beside the
// conductor on the same cores, and the lab in its process, so that the figures are upper bounds.

const count = Number(process.argv[2] ?? 1000);
const at = (values: readonly number[], share: number) =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const now = Date.now();
const certificate = selfSigned(
  {
    commonName: 'bench',
    organization: 'Ingot Lab',
    names: ['127.0.0.1'],
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 864e5),
  },
  systemRandom,
);
const rack = await openRack({
  machines: 0,
  latencies: { postMs: 20_000, attemptMs: 5, softOffMs: 20 },
  agent: { certificate, latencies: { ramdiskMs: 20_000, writeMs: 20_000, commandMs: 500, jitter: 0.5 } },
  life: { limits: { deploy: count } },
});
const uuids: string[] = [];
for (let i = 0; i < count; i++) {
  await rack.lab.add({ name: `m${i}` });
  uuids.push(await rack.insert(`m${i}`, { instance_info: INSTANCE, resource_class: 'bench' }));
}
process.stdout.write(`${count} machines are enrolled\n`);
const cpu = process.cpuUsage();
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
const used = process.cpuUsage(cpu);
const lines = await rack.life.store.query<{ overhead: number; succeeded: boolean; spans: string }>({
  text: `select overhead_seconds as overhead, succeeded, spans from node_timelines where operation = 'deploy'`,
});
const all = lines.map((line) => line.overhead).sort((a, b) => a - b);
process.stdout.write(
  `${lines.filter((line) => line.succeeded).length} of ${count} deployed in ${wall.toFixed(1)} s, ` +
    `${((used.user + used.system) / 1e6).toFixed(1)} s of processor with the lab's\n` +
    `the machine waited for Ingot: median ${at(all, 0.5).toFixed(2)} s, p90 ${at(all, 0.9).toFixed(2)} s, ` +
    `p99 ${at(all, 0.99).toFixed(2)} s, most ${(all.at(-1) ?? 0).toFixed(2)} s\n`,
);
const parts = new Map<string, number[]>();
for (const line of lines) {
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
await rack.close();
