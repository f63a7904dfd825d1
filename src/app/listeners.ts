import type { Authoriser, Door, RequestAudit, UpgradeTaker } from '#http/contract';
import type { EventSource } from '#http/event-hub';
import { createServer, type ServerOptions } from '#http/server';
import type { Clock } from '#kernel/clock';
import { type Address, API_LISTENER, cannotListen, type Listener, parseAddress, tryListening } from '#platform/address';
import type { Log } from '#platform/log';
import type { Metrics } from '#platform/metrics';
import type { Config } from '#platform/settings';
import type { Shutdown } from '#platform/shutdown';
import { type CertificateFiles, certificateFiles, followCertificate, readCertificate } from './certificates.ts';
import { hasRole } from './room-settings.ts';

/** What a process listens for. */
export interface ListenersParts {
  config: Config;
  log: Log;
  clock: Clock;
  metrics: Metrics;
  shutdown: Shutdown;
  authoriser: Authoriser;
  audit: RequestAudit;
  events: EventSource;
  /** WebSockets of the API. */
  upgrade: UpgradeTaker;
  ready(): Promise<{ ready: boolean; reasons: readonly string[] }>;
  /** The API's. */
  doors: readonly Door[];
  /** What ramdisks and firmware call, when they have a listener of their own. */
  ramdiskDoors: readonly Door[];
  /** What BMCs call, on a listener of their own. */
  eventDoors: readonly Door[];
  /** What machines fetch disks from at a conductor without the API. */
  imageDoors: readonly Door[];
  /** A socket for the API that listens already, in place of the address in the settings. */
  apiFd: number | undefined;
}

/** Where it listens; null what it does not have. */
export interface Listening {
  api: Address | null;
  ramdisk: Address | null;
  events: Address | null;
  images: Address | null;
  status: Address | null;
}

interface Planned {
  kind: keyof Listening;
  listener: Listener;
  at: Address;
  tls: CertificateFiles | undefined;
}

/** Milliseconds a request may take when the process stops. */
const REQUESTS_MS = 20_000;

function plan(config: Config): Planned[] {
  const { api, conductor, general } = config;
  const planned: Planned[] = [];
  const add = (kind: Planned['kind'], listener: Listener, listen: string | null, tls?: CertificateFiles) => {
    if (listen !== null) planned.push({ kind, listener, at: parseAddress(listen), tls });
  };
  if (hasRole(config, 'api')) {
    add('api', API_LISTENER, api.listen, certificateFiles(api.tls_cert, api.tls_key, 'api.'));
    const ramdiskTls = certificateFiles(api.ramdisk_tls_cert, api.ramdisk_tls_key, 'api.ramdisk_');
    add('ramdisk', { name: 'The door of ramdisks', flag: '--ramdisk-listen' }, api.ramdisk_listen, ramdiskTls);
  }
  if (hasRole(config, 'conductor')) {
    const tls = certificateFiles(conductor.events_tls_cert, conductor.events_tls_key, 'conductor.events_');
    add('events', { name: 'The door of BMCs', flag: '--events-listen' }, conductor.events_listen, tls);
  }
  if (hasRole(config, 'conductor') && !hasRole(config, 'api')) {
    add('images', { name: 'The door of images', flag: '--image-listen' }, config.image.listen);
  }
  add('status', { name: 'The door of probes', flag: '--status-listen' }, general.status_listen);
  return planned;
}

/** A start that cannot listen, or has no usable certificate, shall say so before it makes a database. Throws. */
export async function tryListeners(config: Config, apiFd: number | undefined): Promise<void> {
  for (const { kind, at, listener, tls } of plan(config)) {
    if (tls !== undefined) await readCertificate(tls);
    if (kind !== 'api' || apiFd === undefined) await tryListening(at, listener);
  }
}

/**
 * Opens what the settings ask for: the API, what ramdisks call, images of a lone conductor, and what probes ask. They stop together, first of
 * all, when the process stops. Throws `CannotListen` with the reason in words.
 */
export async function openListeners(parts: ListenersParts): Promise<Listening> {
  const listening: Listening = { api: null, ramdisk: null, events: null, images: null, status: null };
  for (const planned of plan(parts.config)) {
    const { kind, listener, at, tls } = planned;
    const certificate = tls === undefined ? undefined : await readCertificate(tls);
    const server = await createServer({
      ...optionsOf(parts, kind),
      ...(certificate === undefined ? {} : { tls: certificate }),
    });
    parts.shutdown.add({
      name: `requests (${kind})`,
      order: 10,
      timeoutMs: REQUESTS_MS + 2000,
      stop: async () => void (await server.close(REQUESTS_MS)),
    });
    const { apiFd } = parts;
    const where = kind === 'api' && apiFd !== undefined ? { fd: apiFd } : at;
    listening[kind] = await server.listen(where).catch((error: unknown) => {
      throw cannotListen(at, error, listener);
    });
    if (tls === undefined || certificate === undefined) continue;
    const { clock, log, shutdown } = parts;
    const stop = followCertificate(tls, certificate, (next) => server.renew(next), clock, log.child({ room: 'http' }));
    shutdown.add({ name: `certificate (${kind})`, order: 10, timeoutMs: 1000, stop });
  }
  return listening;
}

function optionsOf(parts: ListenersParts, kind: Planned['kind']): ServerOptions {
  const { config, log, clock, metrics, authoriser, audit, ready, events } = parts;
  const shared = { authoriser, metrics, clock, log: log.child({ room: 'http' }), name: kind === 'api' ? 'main' : kind };
  switch (kind) {
    case 'api': {
      const origin = config.api.public_url === null ? {} : { publicUrl: config.api.public_url };
      return { ...shared, doors: parts.doors, audit, operations: { ready, events }, upgrade: parts.upgrade, origin };
    }
    case 'ramdisk':
      return { ...shared, doors: parts.ramdiskDoors };
    case 'events':
      return { ...shared, doors: parts.eventDoors };
    case 'images':
      return { ...shared, doors: parts.imageDoors };
    case 'status':
      // Whoever may reach this address may read all of it: that is what it is for.
      return { ...shared, doors: [], operations: { ready, metricsFor: () => true, statusOnly: true } };
  }
}
