import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The product in a process of its own, as benches see it. */
export interface Product {
  /** Where it listens, on 127.0.0.1. */
  port: number;
  /** Sends a request; gives the parsed body. Throws when the answer is no 2xx. */
  call(method: string, path: string, body?: unknown, version?: string): Promise<unknown>;
  /** Microseconds of CPU used so far by the process and by its database, and what the engine has in hand. */
  cpu(): Promise<{ cpu: number; database: number; counts: { running: number; waiting: number } }>;
  /** Proportional set size in MB of the process and of its database. */
  memory(): Promise<{ program: number; database: number }>;
  close(): Promise<void>;
}

const FLAGS = ['--max-semi-space-size=16', '--max-old-space-size=200', '--disable-warning=DeprecationWarning'];

/** Starts the server of `bench/lifecycle-server.ts` with the flags the product runs with. */
export async function startProduct(connections: number): Promise<Product> {
  const program = fileURLToPath(new URL('./lifecycle-server.ts', import.meta.url));
  const child = spawn(process.execPath, [...FLAGS, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  const lines = createInterface({ input: child.stdout });
  const line = async () => JSON.parse(((await once(lines, 'line')) as [string])[0]);
  const { port, database } = (await line()) as { port: number; database: number };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const call = (method: string, path: string, body?: unknown, version = '1.110') =>
    new Promise<unknown>((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers: Record<string, string | number> = { 'x-openstack-ironic-api-version': version };
      if (text !== undefined) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = Buffer.byteLength(text);
      }
      const sent = request({ port, host: '127.0.0.1', method, path, agent, headers }, (reply) => {
        const parts: Buffer[] = [];
        reply.on('data', (part: Buffer) => parts.push(part));
        reply.on('end', () => {
          const got = Buffer.concat(parts).toString('utf8');
          const { statusCode = 0 } = reply;
          if (statusCode >= 300) reject(new Error(`${method} ${path}: ${statusCode} ${got}`));
          else resolve(got === '' ? null : JSON.parse(got));
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  return {
    port,
    call,
    async cpu() {
      child.stdin.write('cpu\n');
      const answer = await line();
      const pids = [database, ...(await childrenOf(database))];
      const used = await Promise.all(pids.map(ticks));
      return { ...answer, database: used.reduce((a, b) => a + b, 0) * 10_000 };
    },
    async memory() {
      const pids = [database, ...(await childrenOf(database))];
      const sizes = await Promise.all(pids.map(pss));
      return { program: await pss(child.pid ?? 0), database: sizes.reduce((a, b) => a + b, 0) };
    },
    async close() {
      agent.destroy();
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** Ticks (1/100 s) of CPU of a process and of those of its children that ended. */
async function ticks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
}

async function pss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

async function childrenOf(parent: number): Promise<number[]> {
  const out: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) out.push(Number(name));
  }
  return out;
}
