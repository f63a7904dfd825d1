import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import autocannon from 'autocannon';

/**
 * What the HTTP room costs beside bare `node:http` doing the same, in the same run. Each server has a thread of its
 * own, so its CPU time per request is exact even where the load generator is the bottleneck.
 * `node bench/http.ts [seconds per round]`
 */
const seconds = Number(process.argv[2] ?? 3);

interface Round {
  rate: number;
  cpuMicros: number;
  p50: number;
}

class Target {
  readonly worker: Worker;
  readonly name: string;
  port = 0;

  constructor(name: string) {
    this.name = name;
    this.worker = new Worker(new URL('./http-server.ts', import.meta.url), { workerData: name });
  }

  async ready(): Promise<void> {
    const [{ port }] = (await once(this.worker, 'message')) as [{ port: number }];
    this.port = port;
  }

  async cpu(): Promise<number> {
    this.worker.postMessage('cpu');
    const [{ cpu }] = (await once(this.worker, 'message')) as [{ cpu: { user: number; system: number } }];
    return cpu.user + cpu.system;
  }

  async round(options: Partial<autocannon.Options>, duration: number): Promise<Round> {
    const before = await this.cpu();
    const result = await autocannon({ url: `http://127.0.0.1:${this.port}`, duration, ...options });
    const used = (await this.cpu()) - before;
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${this.name}: ${result.non2xx} refused, ${result.errors} broken`);
    return { rate: result.requests.average, cpuMicros: used / result.requests.total, p50: result.latency.p50 };
  }
}

const targets = [new Target('bare'), new Target('ours')];
await Promise.all(targets.map((target) => target.ready()));

const body = JSON.stringify({ name: 'node-1', extra: { text: 'y'.repeat(1000), list: [1, 2, 3] } });
const headers = {
  'x-auth-token': 'x'.repeat(200),
  'x-openstack-ironic-api-version': '1.100',
  accept: 'application/json',
};
const shapes: [string, Partial<autocannon.Options>][] = [
  [
    'GET  1.5 kB',
    { path: '/v1/nodes/1be26c0b-03f2-4d2e-ae87-c02d7f33c123', connections: 16, pipelining: 4, headers } as never,
  ],
  ['GET  ?fields', { path: '/v1/nodes/x?fields=uuid,name', connections: 16, pipelining: 4, headers } as never],
  [
    'POST 1.0 kB',
    {
      path: '/v1/nodes',
      method: 'POST',
      body,
      connections: 16,
      pipelining: 4,
      headers: { ...headers, 'content-type': 'application/json' },
    } as never,
  ],
];
for (const [name, shape] of shapes) {
  const options = { ...shape, url: '' } as Record<string, unknown>;
  delete options['url'];
  const results: Record<string, Round> = {};
  for (const target of targets) {
    const url = { url: `http://127.0.0.1:${target.port}${(shape as { path: string }).path}` };
    await target.round({ ...options, ...url }, 1);
    results[target.name] = await target.round({ ...options, ...url }, seconds);
  }
  const { bare, ours } = results as { bare: Round; ours: Round };
  const show = (round: Round) =>
    `${Math.round(round.rate)} req/s seen, ${round.cpuMicros.toFixed(1)} µs CPU each = ${Math.round(1e6 / round.cpuMicros)} req/s a core`;
  console.log(`${name}  bare ${show(bare)}`);
  console.log(`${' '.repeat(name.length)}  ours ${show(ours)}; ratio ${(bare.cpuMicros / ours.cpuMicros).toFixed(2)}`);
}
for (const target of targets) await target.worker.terminate();
