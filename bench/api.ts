import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon, { type Options, type Request } from 'autocannon';
import pg from 'pg';
import { measureFsync } from '#store/fsync';
import { login, PASSWORD } from './keystone-login.ts';
import { tellGoals } from './goals.ts';
import { forAll, measureRamdisks, until } from './ramdisks.ts';

/**
 * Reads, edits and enrolment of the Bare Metal API with 10,000 nodes, then what ramdisks ask, on the whole product in a process of its own
 * with Keystone tokens and everything durable, beside bare `node:http` and bare `pg` in the same run.
 * `node tools/run.mjs bench/api.ts [seconds per round] [nodes]`; with INGOT_BENCH_FSYNC_MS=2 in the environment on a disk whose
 * flush takes two milliseconds more.
 */
const seconds = Number(process.argv[2] ?? 5);
const count = Number(process.argv[3] ?? 10_000);
/** Of every request; the token is added once there is one. */
const VERSION: Record<string, string> = { 'x-openstack-ironic-api-version': '1.110' };
/** What Ironic 21.4 with MariaDB did on two such cores. */
const IRONIC = { get: 320, patch: 54, enrol: 55, list: 113, detail: 218, lookup: 169, heartbeat: 232 };

const dataDir = await mkdtemp(join(tmpdir(), 'ingot-bench-api-'));
const port = 17_000 + (process.pid % 1000);
const product = await startProduct();
const url = `http://127.0.0.1:${port}`;
VERSION['x-auth-token'] = await login(url);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const fsyncMs = Number(process.env['INGOT_BENCH_FSYNC_MS'] ?? 0);
if (fsyncMs > 0) await slowDown(fsyncMs);
const disk = await measureFsync(dataDir);
console.log(`fsync here: ${disk.medianMs.toFixed(2)} ms in the middle; delayed by ${fsyncMs} ms`);

/** A disk of another kind: PostgreSQL waits this long, under its lock, before each flush of its log. */
async function slowDown(ms: number): Promise<void> {
  const { admin } = JSON.parse(await readFile(join(dataDir, 'database.json'), 'utf8')) as { admin: string };
  const client = new pg.Client({ host: join(dataDir, 'run'), user: 'postgres', password: admin, database: 'ingot' });
  await client.connect();
  await client.query(`alter system set commit_delay = ${Math.round(ms * 1000)}`);
  await client.query('alter system set commit_siblings = 0');
  await client.query('select pg_reload_conf()');
  await client.end();
}

async function startProduct(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../bin/ingot.mjs', import.meta.url));
  const args = ['up', '--data-dir', dataDir, '--listen', `127.0.0.1:${port}`, '--auth', 'keystone', '--lab', 'none'];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, INGOT_AUTH_ADMIN_PASSWORD: PASSWORD },
  });
  let said = '';
  for await (const part of child.stdout) {
    said += String(part);
    if (said.includes('API ')) break;
  }
  child.stdout.resume();
  return child;
}

function call(method: string, path: string, body?: unknown): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined
        ? VERSION
        : { ...VERSION, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(`${url}${path}`, { method, agent, headers }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('end', () => {
        const got = Buffer.concat(parts);
        if ((reply.statusCode ?? 500) >= 300)
          reject(new Error(`${method} ${path}: ${reply.statusCode} ${got.toString().slice(0, 300)}`));
        else resolve(got);
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

function node(i: number) {
  return {
    driver: 'fake-hardware',
    name: `node-${String(i).padStart(5, '0')}`,
    resource_class: 'baremetal',
    properties: { cpus: '8', memory_mb: '65536', local_gb: '1000', cpu_arch: 'x86_64', capabilities: 'boot_mode:uefi' },
    driver_info: { fake_address: `https://10.1.${i >> 8}.${i & 255}`, fake_username: 'admin', fake_password: 'secret' },
    extra: { rack: `r${i % 40}`, unit: i % 42, asset: `A-${i}` },
  };
}
const mac = (i: number) =>
  `02:${[24, 16, 8, 0].map((s) => ((i >> s) & 255).toString(16).padStart(2, '0')).join(':')}:01`;

/** Runs `work` for i in [from, to), sixteen at a time. Gives how many a second. */
async function inParallel(from: number, to: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = from;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next < to) await work(next++);
    }),
  );
  return ((to - from) / (performance.now() - started)) * 1000;
}

async function rate(target: string, options: Partial<Options> = {}): Promise<number> {
  const result = await autocannon({ connections: 16, duration: seconds, headers: VERSION, ...options, url: target });
  if (result.errors > 0 || result.non2xx > 0)
    throw new Error(`${target}: ${result.non2xx} refused, ${result.errors} broken`);
  return result.requests.total / result.duration;
}

/** Median and worst milliseconds of one request after another. */
async function latency(work: () => Promise<unknown>, times: number): Promise<{ p50: number; best: number }> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await work();
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  return { p50: took[times >> 1] ?? 0, best: took[0] ?? 0 };
}

async function bareRate(body: string): Promise<number> {
  const child = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)), { stdio: 'ignore' });
  child.send(body);
  const [barePort] = (await once(child, 'message')) as [number];
  const result = await rate(`http://127.0.0.1:${barePort}/`);
  child.disconnect();
  return result;
}

/** What PostgreSQL alone does with the statement: six clients of the same driver in this process. */
async function pgRate(text: string, values: () => unknown[]): Promise<number> {
  const { ingot } = JSON.parse(await readFile(join(dataDir, 'database.json'), 'utf8')) as { ingot: string };
  const clients = Array.from(
    { length: 6 },
    () => new pg.Client({ host: join(dataDir, 'run'), user: 'ingot', password: ingot, database: 'ingot' }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  let done = 0;
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        await client.query({ name: 'bench', text, values: values() });
        done++;
      }
    }),
  );
  await Promise.all(clients.map((client) => client.end()));
  return done / seconds;
}

/** Milliseconds of CPU the product and its database have used; the machine may be busy with other things. */
async function cpuMs(): Promise<number> {
  const postmaster = (await readFile(join(dataDir, 'pg', 'postmaster.pid'), 'utf8')).split('\n', 1)[0];
  let ticks = 0;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[1] === postmaster || command.includes(dataDir)) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}

/** CPU microseconds of product and database for each of `times` pieces of work. */
async function cost<T>(work: () => Promise<T>, times: (result: T) => number): Promise<[T, string]> {
  const before = await cpuMs();
  const result = await work();
  const used = ((await cpuMs()) - before) * 1000;
  return [result, `${Math.round(used / times(result))} µs CPU each`];
}

const fixed = (value: number, digits = 0) => value.toFixed(digits).padStart(8);
function row(what: string, value: number, unit: string, notes: string): void {
  process.stdout.write(`${what.padEnd(34)}${fixed(value, unit === 'ms' ? 1 : 0)} ${unit.padEnd(4)} ${notes}\n`);
}
const times = (a: number, b: number) => `${(a / b).toFixed(1)} times`;

try {
  const uuids: string[] = new Array(count);
  const [enrolled, enrolCost] = await cost(
    () =>
      inParallel(0, count, async (i) => {
        const { uuid } = JSON.parse((await call('POST', '/v1/nodes', node(i))).toString()) as { uuid: string };
        uuids[i] = uuid;
        await call('POST', '/v1/ports', { node_uuid: uuid, address: mac(i) });
      }),
    () => count,
  );
  row('enrol a node with a port', enrolled, '/s', `${times(enrolled, IRONIC.enrol)} Ironic, ${enrolCost}`);

  const any = () => uuids[Math.floor(Math.random() * uuids.length)] as string;
  const one = (await call('GET', `/v1/nodes/${uuids[0]}`)).toString();
  const bare = await bareRate(one);
  const random = (make: (request: Request) => Request): Partial<Options> => ({ requests: [{ setupRequest: make }] });
  const [get, getCost] = await cost(
    () =>
      rate(
        url,
        random((r) => ({ ...r, method: 'GET', path: `/v1/nodes/${any()}` })),
      ),
    (r) => r * seconds,
  );
  const select = await pgRate('select * from nodes where uuid = $1', () => [any()]);
  row(
    'GET one, 16 connections',
    get,
    '/s',
    `${times(get, IRONIC.get)} Ironic, ${(get / bare).toFixed(2)} of bare http, ${(get / select).toFixed(2)} of bare pg, ${getCost}`,
  );
  const single = await latency(() => call('GET', `/v1/nodes/${any()}`), 2000);
  row('GET one, 1 connection, p50', single.p50, 'ms', '');

  const page = await latency(() => call('GET', '/v1/nodes?limit=1000'), 60);
  row('list 1,000', page.p50, 'ms', `best ${page.best.toFixed(1)}, ${times(IRONIC.list, page.p50)} Ironic`);
  const detail = await latency(() => call('GET', '/v1/nodes?limit=1000&detail=true'), 60);
  row(
    'list 1,000 with detail',
    detail.p50,
    'ms',
    `best ${detail.best.toFixed(1)}, ${times(IRONIC.detail, detail.p50)} Ironic`,
  );
  const all = await latency(async () => {
    let next: string | undefined = '/v1/nodes?limit=1000';
    while (next !== undefined) {
      const body: { next?: string } = JSON.parse((await call('GET', next)).toString());
      next = body.next?.slice(url.length);
    }
  }, 9);
  row(`all ${count} by pages of 1,000`, all.p50, 'ms', '');

  let i = 0;
  const patch = (r: Request): Request => ({
    ...r,
    method: 'PATCH',
    path: `/v1/nodes/${any()}`,
    headers: { ...VERSION, 'content-type': 'application/json' },
    body: JSON.stringify([{ op: 'add', path: '/extra/bench', value: i++ }]),
  });
  const [patched, patchCost] = await cost(
    () => rate(url, random(patch)),
    (r) => r * seconds,
  );
  const updated = await pgRate('update nodes set extra = $2, updated_at = now() where uuid = $1', () => [
    any(),
    '{"bench":1}',
  ]);
  row(
    'PATCH, 16 connections',
    patched,
    '/s',
    `${times(patched, IRONIC.patch)} Ironic, ${(patched / updated).toFixed(2)} of bare pg, ${patchCost}`,
  );
  const edit = await latency(
    () => call('PATCH', `/v1/nodes/${any()}`, [{ op: 'add', path: '/extra/bench', value: i++ }]),
    500,
  );
  row('PATCH, 1 connection, p50', edit.p50, 'ms', '');

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const text = (await call(method, path, body)).toString();
    return text === '' ? null : JSON.parse(text);
  };
  const machines = uuids.slice(0, 200).map((uuid, at) => ({ uuid, mac: mac(at) }));
  for (const [target, reached] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ]) {
    await forAll(machines, async ({ uuid }) => {
      await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target });
      const there = async () =>
        ((await ask('GET', `/v1/nodes/${uuid}`)) as { provision_state: string }).provision_state === reached;
      await until(`node ${uuid} is ${reached}`, there);
    });
  }
  const ramdisks = await measureRamdisks(ask, port, machines, seconds, cpuMs);
  for (const [what, { rate: a, cpu, client }] of Object.entries(ramdisks)) {
    const ironic = what.startsWith('lookup') ? IRONIC.lookup : IRONIC.heartbeat;
    row(what, a, '/s', `${times(a, ironic)} Ironic, ${cpu} µs CPU each, ${client} of the client`);
  }
  tellGoals();
} finally {
  agent.destroy();
  product.kill('SIGTERM');
  await once(product, 'exit');
  await rm(dataDir, { recursive: true, force: true });
}
