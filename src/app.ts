import { mkdir } from 'node:fs/promises';
import { baremetalQuotas, captureNotes, createBaremetal, createDrivers, policyTargets } from '#baremetal/index';
import { createBoot } from '#boot/index';
import { baremetalRules } from '#baremetal/api/policy';
import { createConsole } from '#console/index';
import { createIdentity, refuseOpenDoors } from '#identity/index';
import { createImage, imageQuotas } from '#image/index';
import { imageRules } from '#image/api/policy';
import { networkRules } from '#network/api/rules';
import { createNetwork } from '#network/index';
import { type Clock, systemClock } from '#kernel/clock';
import { parseAddress } from '#platform/address';
import type { Log } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import type { Config } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import { requireSpace } from '#platform/space';
import { type OpenStore, openStore } from '#store/index';
import { openSealer } from '#store/seal';
import type { WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { bootSettings } from './app/boot-settings.ts';
import { openListeners, tryListeners } from './app/listeners.ts';
import { type LoginFiles, makeFirstPassword, writeLoginFiles } from './app/login-files.ts';
import { networkSettings, startNetworks } from './app/networks.ts';
import { makeMachineNetworks } from './app/machine-networks.ts';
import { makeSwitches } from './app/switches.ts';
import { type Switches, switchRules } from '#network/switch/index';
import { nodeEvents } from './app/node-events.ts';
import {
  baremetalSettings,
  conductorHost,
  consoleSettings,
  eventsUrl,
  hasRole,
  identitySettings,
  publicUrl,
  ramdiskAddress,
  ramdiskUrl,
  reachableText,
} from './app/room-settings.ts';
import { imageRoomSettings } from './app/image-settings.ts';

/** What the program is made of, given by whoever starts it. */
export interface AppParts {
  config: Config;
  log: Log;
  shutdown: Shutdown;
  clock?: Clock;
  /** A socket for the API that listens already, in place of the address in the settings. */
  listenFd?: number;
}

/** A running Ingot. */
export interface App {
  /** As clients reach the API: `http://127.0.0.1:6385`; null in a process without it. */
  readonly url: string | null;
  /** As ramdisks reach what they call; null in a process without it. */
  readonly ramdiskUrl: string | null;
  /** Where `/healthcheck` and `/metrics` are answered alone; null when nowhere. */
  readonly statusUrl: string | null;
  readonly login: LoginFiles;
}

/** Milliseconds each part may take to stop. A step that runs may finish in its time. */
const WORK_MS = 12_000;
const CONSOLES_MS = 8_000;
const DATABASE_MS = 30_000;

/** Connections of the engine; with the default pool and the change feed's one the product has 14. */
const ENGINE_CONNECTIONS = 3;

/**
 * Builds the rooms and plugs them together: database, secrets, work, services, then the door. They stop in the
 * opposite order, through `shutdown`. Throws IngotErrors whose message says what to do; whatever had started by
 * then is left to `shutdown.run`.
 */
export async function startApp(parts: AppParts): Promise<App> {
  const { config, log, shutdown } = parts;
  const clock = parts.clock ?? systemClock;
  const dataDir = config.general.data_dir;
  const listen = parseAddress(config.api.listen);
  const isApi = hasRole(config, 'api');
  const isConductor = hasRole(config, 'conductor');
  const roomLog = (room: string) => log.child({ room });

  // Before anything is made: a setting that is refused leaves no database behind.
  if (config.auth.strategy === 'none' && !config.auth.allow_none_anywhere) refuseOpenDoors([listen.host]);
  await tryListeners(config, parts.listenFd);
  if (config.database.url === null) await requireSpace(dataDir);
  const store = await startStore(config, log, clock);
  shutdown.add({ name: 'database', order: 90, timeoutMs: DATABASE_MS, stop: () => store.close() });
  // What the first start changes shall be told to others, too.
  await store.changes.listening();
  shutdown.signal.throwIfAborted();

  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const sealer = await openSealer(store, dataDir, clock);
  const metrics = createMetrics();
  shutdown.add({ name: 'metrics', order: 80, timeoutMs: 1000, stop: () => metrics.close() });

  await makeFirstPassword(config);
  const identity = await createIdentity({
    store,
    clock,
    log: roomLog('identity'),
    sealer,
    config: identitySettings(config, listen),
    rules: [baremetalRules, imageRules, networkRules, switchRules],
    quotas: [...baremetalQuotas, ...imageQuotas],
    targets: policyTargets(store),
  });
  shutdown.add({ name: 'identity', order: 30, timeoutMs: 5000, stop: () => identity.close() });
  await identity.bootstrap();

  const settings = baremetalSettings(config);
  // As machines reach this process: known once it listens, and asked for only when a machine is written.
  let machinesUrl = '';
  const images = createImage({
    store,
    clock,
    log: roomLog('image'),
    config: imageRoomSettings(config, clock, () => machinesUrl),
    quotas: identity.quotas,
    captures: captureNotes(conductorHost(config)),
  });
  await images.start();
  shutdown.add({ name: 'images', order: 25, timeoutMs: 5000, stop: () => images.close() });
  const callback = ramdiskUrl(config, publicUrl(config, listen), ramdiskAddress(config));
  const boot = createBoot({ store, sealer, clock, log: roomLog('boot'), config: bootSettings(config, callback) });
  // Switches are built after what tells of them: they share their readings out over the conductors of the engine.
  let switches: Switches | undefined;
  const machineNetworks = makeMachineNetworks({
    store,
    clock,
    log: roomLog('network'),
    config,
    switches: () => switches?.service,
  });
  shutdown.add({ name: 'networks of machines', order: 23, timeoutMs: 8000, stop: () => machineNetworks.stop() });
  const drivers = createDrivers({
    store,
    clock,
    sealer,
    networks: machineNetworks.service,
    log: roomLog('drivers'),
    config: settings.conductor,
    images: images.service,
    ...(config.boot.interface !== null || config.boot.elsewhere ? { boot: boot.service } : {}),
  });
  const work = createWork({
    store,
    role: isConductor ? 'conductor' : 'api',
    host: conductorHost(config),
    groups: settings.conductor.groups,
    drivers: drivers.drivers,
    info: drivers.info,
    engineConnections: ENGINE_CONNECTIONS,
    clock,
    log: roomLog('work'),
  });
  // As BMCs reach this process: known once it listens.
  let bmcsUrl: string | null = null;
  const takesEvents = isConductor && config.conductor.events_listen !== null;
  const baremetal = createBaremetal({
    store,
    work,
    clock,
    log: roomLog('baremetal'),
    sealer,
    config: settings,
    drivers,
    quotas: identity.quotas,
    boot: boot.service,
    words: { search: (...asked) => consoles.words.search(...asked) },
    ramdisksApart: config.api.ramdisk_listen !== null,
    ...(takesEvents ? { eventsUrl: () => bmcsUrl } : {}),
  });
  switches = makeSwitches({ store, sealer, clock, log: roomLog('switches'), work, config });
  const origin = config.api.public_url === null ? {} : { publicUrl: config.api.public_url };
  const consoles = createConsole({
    store,
    work,
    machines: baremetal.consoles,
    authoriser: identity.authoriser,
    sealer,
    clock,
    log: roomLog('console'),
    metrics,
    config: consoleSettings(config),
    origin,
    scheme: config.api.tls_cert === null ? 'http' : 'https',
  });
  const network = createNetwork({
    store,
    clock,
    log: roomLog('network'),
    config: networkSettings(config),
    switches: () => switches?.service,
    ...(machineNetworks.settle === undefined ? {} : { settle: machineNetworks.settle }),
  });
  const doors = isApi
    ? [...baremetal.doors, ...consoles.doors, ...images.doors, ...network.doors, switches.door, ...identity.doors]
    : [];
  // Machines fetch disks at the listener that is theirs; without one, at the API.
  const apart = config.api.ramdisk_listen !== null;
  if (isApi && !apart) doors.push(...images.ramdiskDoors);
  identity.checkDoors(doors);

  shutdown.signal.throwIfAborted();
  await work.start();
  shutdown.add({ name: 'work', order: 22, timeoutMs: WORK_MS + 5000, stop: () => work.stop({ drainMs: WORK_MS }) });
  if (hasRole(config, 'boot')) {
    shutdown.add({ name: 'boot', order: 24, timeoutMs: 8000, stop: () => boot.stop() });
    await boot.start();
  }
  await baremetal.start({ conductor: isConductor });
  shutdown.add({ name: 'bare metal', order: 20, timeoutMs: WORK_MS + 2000, stop: () => baremetal.stop(WORK_MS) });

  if (isConductor) {
    const { instances } = baremetal;
    await startNetworks({ store, clock, log: roomLog('network'), config, shutdown, instances });
  }
  if (isConductor) switches.start();
  if (isConductor) await machineNetworks.start();
  shutdown.add({ name: 'switches', order: 21, timeoutMs: 8000, stop: () => switches.stop() });
  await consoles.start({ conductor: isConductor, api: isApi });
  shutdown.add({ name: 'consoles', order: 18, timeoutMs: CONSOLES_MS, stop: () => consoles.stop() });
  shutdown.add({ name: 'console sessions', order: 8, timeoutMs: 1000, stop: () => consoles.endSessions() });

  shutdown.signal.throwIfAborted();
  const listening = await openListeners({
    config,
    log,
    clock,
    metrics,
    shutdown,
    authoriser: identity.authoriser,
    audit: identity.audit,
    events: nodeEvents(store),
    ready: () => readiness(store, isConductor ? work : undefined),
    doors,
    ramdiskDoors: [...baremetal.ramdiskDoors, ...images.ramdiskDoors],
    eventDoors: baremetal.eventDoors,
    imageDoors: images.ramdiskDoors,
    apiFd: parts.listenFd,
    upgrade: consoles.upgrade,
  });
  bmcsUrl = listening.events === null ? null : eventsUrl(config, listening.events);
  const statusUrl = listening.status === null ? null : `http://${reachableText(listening.status)}`;
  if (listening.api === null) {
    if (listening.images !== null) machinesUrl = `http://${reachableText(listening.images)}`;
    return { url: null, ramdiskUrl: null, statusUrl, login: { passwordFile: null, cloudsFile: null } };
  }
  const url = publicUrl(config, listening.api);
  const forRamdisks = ramdiskUrl(config, url, listening.ramdisk);
  machinesUrl = forRamdisks;
  return { url, ramdiskUrl: forRamdisks, statusUrl, login: await writeLoginFiles(config, url) };
}

/** Opens the database and makes all tables, the work engine's as well. For commands that run no service. */
export async function prepareDatabase(config: Config, log: Log, clock: Clock): Promise<OpenStore> {
  const store = await startStore(config, log, clock);
  try {
    // A process that only enqueues makes the engine's tables as well, and runs nothing.
    const work = createWork({ store, role: 'api', host: conductorHost(config), clock, log });
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

async function readiness(store: OpenStore, conductor: WorkRuntime | undefined) {
  const reasons: string[] = [];
  const problem = store.embedded?.problem();
  if (problem !== undefined) reasons.push(problem);
  else await store.query({ name: 'app.ready', text: 'select 1' });
  if (conductor !== undefined && !conductor.lease.held) reasons.push('this conductor has lost its lease');
  return { ready: reasons.length === 0, reasons };
}
