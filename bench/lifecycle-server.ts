import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createBaremetal, createDrivers } from '#baremetal/index';
import { DEFAULT_API_CONFIG } from '#baremetal/model/config';
import { DEFAULT_CONDUCTOR_CONFIG } from '#baremetal/model/conductor-config';
import { createServer } from '#http/server';
import { systemClock } from '#kernel/clock';
import { createLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { openStore } from '#store/open';
import { openSealer } from '#store/seal';
import { createWork } from '#work/runtime';

// The product as one process, without identity: API, conductor, embedded PostgreSQL with everything durable.
// Says one line of JSON when it serves: { port, database } and answers `cpu` on stdin with what it used so far.

const dataDir = await mkdtemp(join(tmpdir(), 'ingot-bench-life-'));
const log = createLog({ level: 'warn', write: (line) => process.stderr.write(line) });
const store = await openStore({ dataDir, log });
const sealer = await openSealer(store, dataDir, systemClock);
// A disk of another kind: PostgreSQL waits this long, under its lock, before each flush of its log.
const slowMs = Number(process.env['INGOT_BENCH_FSYNC_MS'] ?? 0);
if (slowMs > 0 && store.embedded !== undefined) {
  const admin = new pg.Client({ connectionString: store.embedded.adminUrl });
  await admin.connect();
  await admin.query(`alter system set commit_delay = ${Math.round(slowMs * 1000)}`);
  await admin.query('alter system set commit_siblings = 0');
  await admin.query('select pg_reload_conf()');
  await admin.end();
}
const everyMs = Number(process.env['INGOT_BENCH_POLL_MS'] ?? DEFAULT_CONDUCTOR_CONFIG.powerSync.everyMs);
const streams = Number(process.env['INGOT_BENCH_STREAMS'] ?? DEFAULT_CONDUCTOR_CONFIG.powerSync.listeners);
const powerSync = { ...DEFAULT_CONDUCTOR_CONFIG.powerSync, everyMs, listeners: streams };
const config = { ...DEFAULT_CONDUCTOR_CONFIG, powerSync, enabledHardwareTypes: ['fake-hardware', 'redfish'] };
const drivers = createDrivers({ store, clock: systemClock, sealer, log, config });
const work = createWork({
  store,
  log,
  host: 'bench',
  drivers: drivers.drivers,
  info: drivers.info,
  limits: { deploy: 1_000 },
});
const room = createBaremetal({
  store,
  work,
  clock: systemClock,
  log,
  sealer,
  config: { api: DEFAULT_API_CONFIG, conductor: config },
  drivers,
});
await work.start();
await room.start({ conductor: true });
const caller = {
  userId: 'bench',
  userName: 'bench',
  projectId: 'bench',
  domainId: null,
  system: true,
  roles: new Set(['admin']),
  auditId: null,
};
const server = await createServer({
  doors: [...room.doors],
  authoriser: { authenticate: () => caller, allows: () => true },
  log,
  metrics: createMetrics(),
  clock: systemClock,
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ port, database: store.embedded?.pid() })}\n`);

process.stdin.on('data', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ cpu: user + system, counts: work.counts() })}\n`);
});
process.stdin.on('end', async () => {
  await server.close(500);
  await room.stop(500);
  await work.stop({ drainMs: 500 });
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(0);
});
