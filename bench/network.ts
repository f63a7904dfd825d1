/**
 * The Network API over HTTP with tokens, as tenants use it, beside the Bare Metal API of the same process:
 * `node bench/network.ts [ports]`. OVN is off: how fast rows reach it is in `bench/ovn.ts`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PORTS = Number(process.argv[2] ?? 1000);
const WIDTH = 8;
const dir = await mkdtemp(join(tmpdir(), 'ingot-bench-network-'));
const listen = await freePort();
const program = fileURLToPath(new URL('../bin/ingot.mjs', import.meta.url));
const args = [program, 'up', '--data-dir', dir, '--listen', `127.0.0.1:${listen}`, '--auth', 'keystone'];
const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
await new Promise<void>((resolve, reject) => {
  let said = '';
  child.stdout.on('data', (part) => {
    said += String(part);
    if (said.includes('Ctrl-C')) resolve();
  });
  child.once('exit', () => reject(new Error(`it ended: ${said}`)));
});

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let token = '';

interface Reply {
  headers: Record<string, unknown>;
  // What is asked for is known where it is read.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

function call(method: string, path: string, body?: unknown): Promise<Reply> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'x-auth-token': token, 'content-type': 'application/json', 'content-length': text.length };
  return new Promise((resolve, reject) => {
    const sent = request({ port: listen, host: '127.0.0.1', method, path, agent, headers }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('end', () => {
        const got = Buffer.concat(parts).toString('utf8');
        if ((reply.statusCode ?? 0) >= 300) reject(new Error(`${method} ${path}: ${reply.statusCode} ${got}`));
        else resolve({ headers: reply.headers, body: got === '' ? null : JSON.parse(got) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Times a second, `WIDTH` at once. */
async function rate(times: number, act: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (let i = next++; i < times; i = next++) await act(i);
    }),
  );
  return (times / (performance.now() - started)) * 1000;
}

async function median(times: number, act: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await act();
    took.push(performance.now() - started);
  }
  return took.sort((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

const row = (what: string, figure: string, more = '') =>
  console.log(`${what.padEnd(50)} ${figure.padStart(12)}   ${more}`);
const verdict = (good: boolean, goal: string) => `${good ? 'PASS' : 'FAIL'}: wanted ${goal}`;

try {
  const password = (await readFile(join(dir, 'admin-password'), 'utf8')).trim();
  const user = { name: 'admin', password, domain: { id: 'default' } };
  const scope = { project: { name: 'admin', domain: { id: 'default' } } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope };
  token = String((await call('POST', '/identity/v3/auth/tokens', { auth })).headers['x-subject-token']);
  const project = (await call('GET', '/identity/v3/auth/projects')).body.projects[0].id as string;
  await call('PUT', `/network/v2.0/quotas/${project}`, { quota: { network: -1, subnet: -1, port: -1 } });

  const whole = await median(50, async () => {
    const id = await network('10.1.0.0/24');
    await call('POST', '/network/v2.0/ports', { port: { network_id: id } });
  });
  row('network, subnet and port, median', `${whole.toFixed(1)} ms`, verdict(whole < 100, 'under 100 ms, with OVN'));

  const crowd = await network('10.0.0.0/16');
  const ids: string[] = [];
  const made = await rate(PORTS, async () => {
    ids.push((await call('POST', '/network/v2.0/ports', { port: { network_id: crowd } })).body.port.id);
  });
  row(`${PORTS} ports, each a request, ${WIDTH} at once`, `${made.toFixed(0)} /s`, verdict(made >= 200, '200/s'));
  const bulk = Array.from({ length: 200 }, () => ({ network_id: crowd }));
  const started = performance.now();
  await call('POST', '/network/v2.0/ports', { ports: bulk });
  row('ports, 200 in one request', `${(200_000 / (performance.now() - started)).toFixed(0)} /s`);

  const node = (await call('POST', '/v1/nodes', { driver: 'fake-hardware' })).body.uuid as string;
  const node1 = await rate(2000, () => call('GET', `/v1/nodes/${node}`));
  const port1 = await rate(2000, (i) => call('GET', `/network/v2.0/ports/${ids[i % ids.length]}`));
  row('GET one node', `${node1.toFixed(0)} /s`);
  row('GET one port', `${port1.toFixed(0)} /s`, verdict(port1 >= node1 * 0.9, 'as fast as a node'));
  row('list 1,000 ports', `${(await median(20, () => call('GET', '/network/v2.0/ports?limit=1000'))).toFixed(1)} ms`);
} finally {
  agent.destroy();
  child.kill('SIGTERM');
  await ended;
  await rm(dir, { recursive: true, force: true });
}

async function network(cidr: string): Promise<string> {
  const made = await call('POST', '/network/v2.0/networks', { network: { name: 'bench' } });
  const id = made.body.network.id as string;
  await call('POST', '/network/v2.0/subnets', { subnet: { network_id: id, ip_version: 4, cidr } });
  return id;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
