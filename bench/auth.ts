import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon, { type Request } from 'autocannon';
import { baremetalRules } from '#baremetal/api/policy';
import { createIdentity } from '#identity/index';
import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { silentLog } from '#platform/log';
import { openSealer } from '#store/seal';
import { openTestStore } from '#store/testing';
import { login, PASSWORD } from './keystone-login.ts';
import { goal, tellGoals } from './goals.ts';

/**
 * What logging in costs. First the pieces alone: a remembered token, a new one, a policy decision. Then the whole
 * product with Keystone tokens beside the same without authentication, in turns, on the same machine.
 * `node tools/run.mjs bench/auth.ts 4 10000` (seconds per round, nodes; about two and a half minutes); `pieces` in the
 * place of both: the pieces alone.
 */
const piecesOnly = process.argv[2] === 'pieces';
const seconds = piecesOnly ? 0 : Number(process.argv[2] ?? 4);
const count = Number(process.argv[3] ?? 2_000);
const VERSION = { 'x-openstack-ironic-api-version': '1.110' };

function row(what: string, value: number, unit: string, notes = ''): void {
  const digits = value < 10 ? 3 : value < 100 ? 1 : 0;
  process.stdout.write(`${what.padEnd(38)}${value.toFixed(digits).padStart(9)} ${unit.padEnd(4)} ${notes}\n`);
}

async function pieces(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-bench-auth-'));
  const { store, close } = await openTestStore();
  const identity = await createIdentity({
    store,
    clock: systemClock,
    log: silentLog,
    sealer: await openSealer(store, dataDir, systemClock),
    rules: [baremetalRules],
    config: {
      strategy: 'keystone',
      listening: [],
      publicUrl: 'http://localhost',
      dataDir,
      adminPassword: new Secret(PASSWORD),
      services: [{ type: 'baremetal', name: 'ironic', path: '/' }],
    },
  });
  await identity.bootstrap();
  const issue = identity.doors.find((door) => door.name === 'identity')?.handlers['token.issue'];
  if (issue === undefined) throw new Error('no identity door');
  const context = { baseUrl: 'http://localhost', source: '127.0.0.1', caller: null, allows: () => true };
  const login = async (identityPart: object) => {
    const input = { params: {}, query: { nocatalog: '1' }, headers: {}, body: { auth: { identity: identityPart } } };
    const reply = await issue(context as never, input);
    return reply.headers?.['X-Subject-Token'] ?? '';
  };
  const user = { name: 'admin', domain: { id: 'default' }, password: PASSWORD };
  const first = await login({ methods: ['password'], password: { user } });
  const { authoriser, policy } = identity;

  const many = 300_000;
  const caller = await authoriser.authenticate({ 'x-auth-token': first }, '127.0.0.1');
  // As in a request: the text of the header is a new one each time, so its hash has to be computed.
  const bytes = Buffer.from(first);
  let started = performance.now();
  for (let i = 0; i < many; i++) {
    const found = authoriser.authenticate({ 'x-auth-token': bytes.toString('latin1') }, '127.0.0.1');
    if (found instanceof Promise) await found;
  }
  const seen = ((performance.now() - started) / many) * 1000;
  goal('a token seen before', seen, 'at most', 200, 'µs');
  row('a token seen before', seen, 'µs', `of ${first.length} characters; wanted: under 200`);

  // Tokens nobody has seen: of a user and scope that are known (the usual case: a client logs in again), and then of
  // one that is not (once for each user and scope in each process, and after each change to them).
  const met: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 20; round++) {
    const fresh: string[] = [];
    for (let i = 0; i < 25; i++) fresh.push(await login({ methods: ['token'], token: { id: first } }));
    await store.tx(async (tx) => {
      await tx.query({ text: `insert into identity_changes (kind, subject) values ('all', '')` });
      tx.changed('identity', 'all');
    });
    for (const [i, token] of fresh.entries()) {
      started = performance.now();
      const found = authoriser.authenticate({ 'x-auth-token': token }, '127.0.0.1');
      if (found instanceof Promise) await found;
      (i === 0 ? unknown : met).push(performance.now() - started);
    }
  }
  const middle = (all: number[]) => (all.sort((a, b) => a - b)[all.length >> 1] ?? 0) * 1000;
  const mean = (met.reduce((sum, one) => sum + one, 0) / met.length) * 1000;
  goal('a new token of a known user', middle(met), 'at most', 200, 'µs');
  row(
    'a new token of a known user',
    middle(met),
    'µs',
    `signature, no statement; mean ${mean.toFixed(0)}; wanted: under 200`,
  );
  row('a new token of an unknown user', middle(unknown), 'µs', 'changes, signature and one statement');

  const target = { owner: 'p', lessee: 'q' };
  started = performance.now();
  for (let i = 0; i < many; i++) policy.allows('baremetal:node:get', caller, target);
  row('a policy decision', ((performance.now() - started) / many) * 1e6, 'ns', 'baremetal:node:get as admin');
  const nobody = { ...caller, system: false, adminProject: false, roles: new Set(['reader']) };
  started = performance.now();
  for (let i = 0; i < many; i++) policy.allows('baremetal:node:get', nobody, target);
  row('a refusal', ((performance.now() - started) / many) * 1e6, 'ns', 'all branches looked at');

  started = performance.now();
  for (let i = 0; i < 200; i++) await login({ methods: ['token'], token: { id: first } });
  row('exchange a token', (performance.now() - started) / 200, 'ms');
  started = performance.now();
  for (let i = 0; i < 10; i++) await login({ methods: ['password'], password: { user } });
  row('log in with a password', (performance.now() - started) / 10, 'ms', 'scrypt, N = 16384');
  await identity.close();
  await close();
  await rm(dataDir, { recursive: true, force: true });
}

/** A product in a process of its own. */
interface Running {
  url: string;
  headers: Record<string, string>;
  uuids: string[];
  /** Milliseconds of CPU it and its database have used. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

async function startProduct(auth: 'none' | 'keystone', port: number): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), `ingot-bench-${auth}-`));
  const program = fileURLToPath(new URL('../bin/ingot.mjs', import.meta.url));
  const args = ['up', '--data-dir', dataDir, '--listen', `127.0.0.1:${port}`, '--auth', auth, '--lab', 'none'];
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...(auth === 'none' ? {} : { INGOT_AUTH_ADMIN_PASSWORD: PASSWORD }) },
  });
  let said = '';
  for await (const part of child.stdout ?? []) {
    said += String(part);
    if (said.includes('API ')) break;
  }
  child.stdout?.resume();
  const url = `http://127.0.0.1:${port}`;
  const headers: Record<string, string> = { ...VERSION };
  if (auth === 'keystone') {
    headers['x-auth-token'] = await login(url);
  }
  const uuids: string[] = [];
  let next = 0;
  const enrol = async () => {
    while (next < count) {
      const i = next++;
      const reply = await fetch(`${url}/v1/nodes`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ driver: 'fake-hardware', name: `n${i}`, extra: { rack: `r${i % 40}` } }),
      });
      if (reply.status !== 201) throw new Error(`enrol: ${reply.status} ${await reply.text()}`);
      uuids.push(((await reply.json()) as { uuid: string }).uuid);
    }
  };
  await Promise.all(Array.from({ length: 16 }, enrol));
  return {
    url,
    headers,
    uuids,
    cpuMs: () => cpuOf(dataDir),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function cpuOf(dataDir: string): Promise<number> {
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

/** Requests a second, and CPU microseconds for each. */
async function measure(product: Running, make: (request: Request) => Request): Promise<{ rate: number; cost: number }> {
  const before = await product.cpuMs();
  const result = await autocannon({
    url: product.url,
    connections: 8,
    duration: seconds,
    requests: [{ setupRequest: make }],
  });
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.non2xx} refused, ${result.errors} broken`);
  const used = (await product.cpuMs()) - before;
  return { rate: result.requests.total / result.duration, cost: (used * 1000) / result.requests.total };
}

async function compare(): Promise<void> {
  const port = 18_000 + (process.pid % 1000);
  const [none, tokens] = await Promise.all([startProduct('none', port), startProduct('keystone', port + 1)]);
  try {
    const any = (product: Running) => product.uuids[Math.floor(Math.random() * product.uuids.length)] ?? '';
    let value = 0;
    const kinds: [string, (product: Running) => (request: Request) => Request][] = [
      ['GET one', (p) => (r) => ({ ...r, method: 'GET', path: `/v1/nodes/${any(p)}`, headers: p.headers })],
      ['list 1,000', (p) => (r) => ({ ...r, method: 'GET', path: '/v1/nodes?limit=1000', headers: p.headers })],
      [
        'PATCH',
        (p) => (r) => ({
          ...r,
          method: 'PATCH',
          path: `/v1/nodes/${any(p)}`,
          headers: { ...p.headers, 'content-type': 'application/json' },
          body: JSON.stringify([{ op: 'add', path: '/extra/bench', value: value++ }]),
        }),
      ],
    ];
    for (const [what, make] of kinds) {
      // In turns, and the best of three: the machine may be busy with other things.
      const best = { none: { rate: 0, cost: Infinity }, tokens: { rate: 0, cost: Infinity } };
      for (let round = 0; round < 3; round++) {
        for (const [name, product] of [
          ['none', none],
          ['tokens', tokens],
        ] as const) {
          const got = await measure(product, make(product));
          best[name].rate = Math.max(best[name].rate, got.rate);
          best[name].cost = Math.min(best[name].cost, got.cost);
        }
      }
      const more = (best.tokens.cost / best.none.cost - 1) * 100;
      const added = best.tokens.cost - best.none.cost;
      const slower = (best.none.rate / best.tokens.rate - 1) * 100;
      goal(`${what}: with tokens, slower by`, slower, 'at most', 15, '%');
      if (what === 'GET one') goal('validating a token adds', added, 'at most', 200, 'µs of CPU');
      row(`${what}, no authentication`, best.none.rate, '/s', `${Math.round(best.none.cost)} µs CPU each`);
      row(
        `${what}, with tokens`,
        best.tokens.rate,
        '/s',
        `${Math.round(best.tokens.cost)} µs CPU each: ${more.toFixed(1)} % (${added.toFixed(0)} µs) more; wanted: within 15 %`,
      );
    }
  } finally {
    await none.stop();
    await tokens.stop();
  }
}

await pieces();
if (!piecesOnly) await compare();
tellGoals();
