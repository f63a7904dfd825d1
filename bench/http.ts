import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import autocannon, { type Options } from 'autocannon';

/**
 * What the HTTP room costs beside bare `node:http` doing the same, in the same run. Each server has a thread of its
 * own, so its CPU time per request is exact even where the load generator is the bottleneck.
 * `node bench/http.ts [seconds per round]`
 */
const seconds = Number(process.argv[2] ?? 3);

interface Round {
  rate: number;
  cpuMicros: number;
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

  async round(path: string, options: Omit<Options, 'url'>): Promise<Round> {
    const before = await this.cpu();
    const result = await autocannon({
      connections: 16,
      pipelining: 4,
      ...options,
      url: `http://127.0.0.1:${this.port}${path}`,
    });
    const used = (await this.cpu()) - before;
    if (result.non2xx > 0 || result.errors > 0) {
      throw new Error(`${this.name}: ${result.non2xx} refused, ${result.errors} broken`);
    }
    return { rate: result.requests.average, cpuMicros: used / result.requests.total };
  }
}

const targets = [new Target('bare'), new Target('ours')];
await Promise.all(targets.map((target) => target.ready()));

const headers = {
  'x-auth-token': 'x'.repeat(200),
  'x-openstack-ironic-api-version': '1.100',
  accept: 'application/json',
};
const body = JSON.stringify({ name: 'node-1', extra: { text: 'y'.repeat(1000), list: [1, 2, 3] } });
const shapes: [name: string, path: string, options: Omit<Options, 'url'>][] = [
  ['GET  1.5 kB', '/v1/nodes/1be26c0b-03f2-4d2e-ae87-c02d7f33c123', { headers }],
  ['GET  fields', '/v1/nodes/x?fields=uuid,name', { headers }],
  ['POST 1.0 kB', '/v1/nodes', { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } }],
];
const show = ({ rate, cpuMicros }: Round) =>
  `${Math.round(rate)} req/s seen, ${cpuMicros.toFixed(1)} µs CPU each = ${Math.round(1e6 / cpuMicros)} req/s a core`;
for (const [name, path, options] of shapes) {
  const results: Round[] = [];
  for (const target of targets) {
    await target.round(path, { ...options, duration: 1 });
    results.push(await target.round(path, { ...options, duration: seconds }));
  }
  const [bare, ours] = results as [Round, Round];
  console.log(`${name}  bare ${show(bare)}`);
  console.log(`${' '.repeat(name.length)}  ours ${show(ours)}; ratio ${(bare.cpuMicros / ours.cpuMicros).toFixed(2)}`);
}
for (const target of targets) await target.worker.terminate();
