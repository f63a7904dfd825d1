import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Door } from '#http/contract';
import { type ApiServer, createServer } from '#http/server';
import { createIdentity, type Identity } from '#identity/index';
import { createHasher } from '#identity/passwords/hash';
import { type Clock, systemClock } from '#kernel/clock';
import { systemRandom } from '#kernel/random';
import { type Address, addressText, cannotListen, parseAddress, tryListening } from '#platform/address';
import type { Log } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import type { Config, Role } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import { requireSpace } from '#platform/space';
import { type OpenStore, openStore } from '#store/index';
import { openSealer } from '#store/seal';
import type { WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';

/** What the program is made of, given by whoever starts it. */
export interface AppParts {
  config: Config;
  log: Log;
  shutdown: Shutdown;
  clock?: Clock;
}

/** A running Ingot. */
export interface App {
  /** Where the API listens; null in a process without it. */
  readonly address: Address | null;
  /** As clients reach it: `http://127.0.0.1:6385`. */
  readonly url: string | null;
  /** The file with the first administrator's password, when this installation has one. */
  readonly passwordFile: string | null;
  readonly store: OpenStore;
}

/** Milliseconds each part may take to stop. A request or a step that runs may finish in its time. */
const REQUESTS_MS = 20_000;
const WORK_MS = 15_000;
const DATABASE_MS = 30_000;

/** Connections of the engine and of the change feed; with the default pool the product has 14. */
const ENGINE_CONNECTIONS = 3;

/**
 * Builds the rooms and plugs them together: database, secrets, work, services, then the door. Stops them in the
 * opposite order, through `shutdown`. Throws IngotErrors whose message says what to do; whatever had started by
 * then is left to `shutdown.run`.
 */
export async function startApp(parts: AppParts): Promise<App> {
  const { config, log, shutdown } = parts;
  const clock = parts.clock ?? systemClock;
  const dataDir = config.general.data_dir;
  const listen = parseAddress(config.api.listen);
  const metrics = createMetrics();
  shutdown.add({ name: 'metrics', order: 99, timeoutMs: 1000, stop: () => metrics.close() });

  if (hasRole(config, 'api')) await tryListening(listen);
  if (config.database.url === null) await requireSpace(dataDir);
  const store = await startStore(config, log, clock);
  shutdown.add({ name: 'database', order: 90, timeoutMs: DATABASE_MS, stop: () => store.close() });
  shutdown.signal.throwIfAborted();
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const sealer = await openSealer(store, dataDir, clock);

  const isApi = hasRole(config, 'api');
  const isConductor = hasRole(config, 'conductor');
  const work = createWork({
    store,
    role: isConductor ? 'conductor' : 'api',
    host: config.conductor.host ?? hostname(),
    groups: [config.conductor.group],
    engineConnections: ENGINE_CONNECTIONS,
    clock,
    log: log.child({ room: 'work' }),
  });

  const passwordFile = await firstLogin(config);
  const identity = await startIdentity({ ...parts, clock, store, sealer, listen });
  shutdown.add({ name: 'identity', order: 30, timeoutMs: 5000, stop: () => identity.close() });

  const doors: Door[] = [...identity.doors];
  shutdown.signal.throwIfAborted();
  await work.start();
  shutdown.add({ name: 'work', order: 20, timeoutMs: WORK_MS, stop: () => work.stop({ drainMs: WORK_MS - 3000 }) });

  shutdown.signal.throwIfAborted();
  const server = await createServer({
    doors: isApi ? doors : [],
    authoriser: identity.authoriser,
    log: log.child({ room: 'http' }),
    metrics,
    clock,
    operations: { ready: () => readiness(store, isConductor ? work : undefined) },
    origin: config.api.public_url === null ? {} : { publicUrl: config.api.public_url },
  });
  shutdown.add({
    name: 'requests',
    order: 10,
    timeoutMs: REQUESTS_MS + 2000,
    stop: () => server.close(REQUESTS_MS).then(() => {}),
  });
  const address = isApi ? await openDoor(server, listen) : null;
  return { address, url: address && publicUrl(config, address), passwordFile, store };
}

/** Opens the database and makes all tables, the work engine's as well. For commands that run no service. */
export async function prepareDatabase(config: Config, log: Log, clock: Clock): Promise<OpenStore> {
  const store = await startStore(config, log, clock);
  try {
    // A process that only enqueues makes the engine's tables as well, and runs nothing.
    const work = createWork({ store, role: 'api', host: hostname(), clock, log });
    await work.start();
    await work.stop();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function startStore(config: Config, log: Log, clock: Clock): Promise<OpenStore> {
  const url = config.database.url?.reveal();
  return openStore({
    ...(url === undefined ? { dataDir: config.general.data_dir } : { databaseUrl: url }),
    maxConnections: config.database.pool,
    clock,
    log: log.child({ room: 'store' }),
  });
}

interface IdentityNeeds extends AppParts {
  clock: Clock;
  store: OpenStore;
  sealer: Awaited<ReturnType<typeof openSealer>>;
  listen: Address;
}

function startIdentity({ config, log, clock, store, sealer, listen }: IdentityNeeds): Promise<Identity> {
  const dataDir = config.general.data_dir;
  return createIdentity({
    store,
    clock,
    log: log.child({ room: 'identity' }),
    sealer,
    config: {
      strategy: config.auth.strategy,
      listening: [listen.host],
      force: config.auth.allow_none_anywhere,
      htpasswdFile: htpasswdFile(config),
      publicUrl: publicUrl(config, listen),
      dataDir,
    },
    rules: [],
  });
}

function htpasswdFile(config: Config): string {
  return config.auth.htpasswd ?? join(config.general.data_dir, 'htpasswd');
}

/**
 * With `http_basic` and no file of passwords yet: makes `admin`, its password in `admin-password`. Gives the path of
 * the password when there is one.
 */
async function firstLogin(config: Config): Promise<string | null> {
  if (config.auth.strategy !== 'http_basic' || config.auth.htpasswd !== null) return null;
  const passwordFile = join(config.general.data_dir, 'admin-password');
  if (!(await exists(htpasswdFile(config)))) {
    const password = config.auth.admin_password?.reveal() ?? systemRandom.bytes(18).toString('base64url');
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await chmod(passwordFile, 0o600);
    await writeFile(htpasswdFile(config), `admin:${await createHasher().hash(password)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  }
  return (await exists(passwordFile)) ? passwordFile : null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Does this process do it? */
function hasRole(config: Config, role: Exclude<Role, 'all'>): boolean {
  return config.general.roles.includes('all') || config.general.roles.includes(role);
}

async function readiness(store: OpenStore, conductor: WorkRuntime | undefined) {
  const reasons: string[] = [];
  const problem = store.embedded?.problem();
  if (problem !== undefined) reasons.push(problem);
  else await store.query({ name: 'app.ready', text: 'select 1' });
  if (conductor !== undefined && !conductor.lease.held) reasons.push('this conductor has lost its lease');
  return { ready: reasons.length === 0, reasons };
}

/** Opens the port. Throws `CannotListen` with the reason in words. */
async function openDoor(server: ApiServer, at: Address): Promise<Address> {
  return server.listen(at).catch((error: unknown) => {
    throw cannotListen(at, error);
  });
}

function publicUrl(config: Config, { host, port }: Address): string {
  if (config.api.public_url !== null) return config.api.public_url;
  // Who listens on every address is reached on this host by its own name for itself.
  return `http://${addressText({ host: { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host, port })}`;
}
