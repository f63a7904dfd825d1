import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { run } from '#kernel/run';
import type { DnsmasqEvent } from '#protocols/dnsmasq/log';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { BootConfig, RemoteFile } from './config.ts';
import { Dnsmasq } from './dhcp/dnsmasq.ts';
import { DhcpFiles } from './dhcp/files.ts';
import { placeOn } from './dhcp/place.ts';
import { baseUrl, defaultRange, defaultRange6, dnsmasqConfig, netmaskOf, type Place } from './model/dhcp.ts';
import { Answers, prepareOffer } from './serve/answers.ts';
import { openListener, type Told } from './serve/listener.ts';
import { nodeMedium, ownMedia } from './serve/media.ts';
import { SightingCollector } from './sightings.ts';
import { beat, type BootHost, endBeat } from './store/hosts.ts';
import { type Offers, nodesByMac, pruneOffers, TOPIC } from './store/offers.ts';
import { pruneSightings } from './store/sightings.ts';

const BEAT_MS = 10_000;
const RESCAN_MS = 15_000;
const PRUNE_MS = 600_000;

export interface ServerParts {
  store: Store;
  offers: Offers;
  clock: Clock;
  log: Log;
  config: BootConfig;
  remote: RemoteFile;
  /** The interface's name; the caller looked that it is set. */
  interface: string;
}

/** What a boot host runs: HTTP on the provisioning network, dnsmasq, and files that follow the rows. */
export class BootServer {
  readonly #parts: ServerParts;
  readonly #place: Place;
  readonly #folder: string;
  readonly #stop = new AbortController();
  readonly #answers: Answers;
  /** Where the interface has an IPv6 address. */
  readonly #answers6: Answers | null;
  readonly #seen: SightingCollector;
  readonly #ends: (() => void)[] = [];
  readonly #listeners: Server[] = [];
  #files: DhcpFiles | null = null;
  #dnsmasq: Dnsmasq | null = null;
  #work: Promise<void> = Promise.resolve();
  #media: string | null = null;
  readonly #made = new Set<string>();
  #making: Promise<void> | null = null;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#place = placeOn(parts.interface, parts.config.httpPort);
    this.#folder = join(parts.config.dataDir, 'dnsmasq');
    const answers = (base: string) =>
      new Answers(parts.offers, parts.config, base, parts.clock, parts.remote, this.#stop.signal);
    this.#answers = answers(baseUrl(this.#place));
    this.#answers6 = this.#place.address6 === null ? null : answers(baseUrl(this.#place, true));
    this.#seen = new SightingCollector(parts.store, parts.clock, parts.log);
  }

  /** How others are told of this host. */
  get host(): BootHost {
    const { config } = this.#parts;
    const base = baseUrl(this.#place);
    const { listen, url } = config.media;
    const mediaUrl = url ?? (listen === null ? base : `http://${listen.host}:${listen.port}`);
    const problem = this.#dnsmasq?.problem ?? null;
    return {
      host: hostname(),
      baseUrl: base,
      mediaUrl,
      facts: { dhcp: config.dhcp, media: this.#media, problems: problem === null ? [] : [problem] },
    };
  }

  /** Opens the listeners and starts dnsmasq. Throws what keeps either from it. */
  async start(): Promise<void> {
    const { config, store, clock, log } = this.#parts;
    this.#media = await missingTools();
    const told: Told = (seen) => this.#told(seen);
    const common = { answers: this.#answers, told, log };
    const { address6 } = this.#place;
    this.#listeners.push(
      await openListener({ ...common, host: this.#place.address, port: config.httpPort, mediaOnly: false }),
    );
    if (address6 !== null && this.#answers6 !== null) {
      const six = { ...common, answers: this.#answers6, host: address6, port: config.httpPort, mediaOnly: false };
      this.#listeners.push(await openListener(six));
    }
    if (config.media.listen !== null)
      this.#listeners.push(await openListener({ ...common, ...config.media.listen, mediaOnly: true }));
    await this.#startDhcp();
    this.#ends.push(
      store.changes.subscribe(TOPIC, ({ id }) => this.#changed(id)),
      clock.every(BEAT_MS, () => void this.#beat()),
      clock.every(RESCAN_MS, () => this.#changed('*')),
      clock.every(PRUNE_MS, () => void this.#prune()),
    );
    this.#changed('*');
    await this.#beat();
    log.info(
      { interface: this.#place.interface, url: baseUrl(this.#place), dhcp: config.dhcp },
      'boots are served on the provisioning network',
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    this.#stop.abort(new Error('the boot service stops'));
    for (const server of this.#listeners.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await this.#work;
    await this.#making;
    await this.#dnsmasq?.stop();
    await this.#seen.close();
    await endBeat(this.#parts.store, hostname()).catch(() => {});
  }

  async #startDhcp(): Promise<void> {
    const { config, clock, log, offers, store } = this.#parts;
    if (config.dhcp === 'off') return;
    const { user, confined } = await dnsmasqUser();
    this.#files = new DhcpFiles(this.#folder, config, this.#place, this.#parts.remote);
    this.#seen.know(await nodesByMac(store));
    await this.#files.reset(await offers.all());
    const [first = '', last = ''] = config.range?.split('-') ?? [];
    const range = config.range === null ? defaultRange(this.#place) : { first, last };
    const [first6 = '', last6 = ''] = config.range6?.split('-') ?? [];
    const text = dnsmasqConfig(this.#place, {
      mode: config.dhcp,
      range: { ...range, netmask: netmaskOf(this.#place.prefix) },
      range6: config.range6 === null ? defaultRange6(this.#place) : { first: first6, last: last6 },
      leaseS: config.leaseS,
      routers: config.routers,
      nameservers: config.nameservers,
      discovery: config.discovery,
      hosts: this.#files.hosts,
      options: this.#files.options,
      tftp: this.#files.tftp,
      leases: join(this.#folder, 'leases'),
      user,
    });
    const heard = (event: DnsmasqEvent) => this.#heard(event);
    this.#dnsmasq = new Dnsmasq({ folder: this.#folder, config: text, debug: confined, clock, log, heard });
    await this.#dnsmasq.start();
  }

  /** One after the other, so that files never go back in time. */
  #changed(id: string): void {
    this.#answers.forget();
    this.#answers6?.forget();
    this.#work = this.#work
      .then(() => this.#follow(id))
      .catch((error: unknown) =>
        this.#parts.log.warn({ err: error }, 'the files of boots could not be brought up to date'),
      );
  }

  async #follow(id: string): Promise<void> {
    const { offers, store } = this.#parts;
    if (this.#stop.signal.aborted) return;
    this.#seen.know(await nodesByMac(store));
    const files = this.#files;
    await files?.loaders();
    if (id === '*') {
      this.#makeOwnMedia();
      const all = await offers.all();
      for (const offer of all) await files?.put(offer);
      const alive = new Set(all.map((offer) => offer.nodeUuid));
      for (const uuid of files?.known() ?? []) if (!alive.has(uuid)) await files?.remove(uuid);
      return;
    }
    const offer = await offers.ofNode(id);
    if (offer === null) await files?.remove(id);
    else {
      await files?.put(offer);
      await this.#warmMedium(offer);
    }
  }

  /** The medium of a ramdisk that is new here: made before the first machine waits for it, and beside all else. */
  #makeOwnMedia(): void {
    const { config, log } = this.#parts;
    if (this.#making !== null || this.#media !== null || !config.methods.includes('virtual-media')) return;
    this.#making = ownMedia(config, this.#made, this.#stop.signal)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) log.warn({ err: error }, 'a boot medium could not be made ahead');
      })
      .finally(() => {
        this.#making = null;
      });
  }

  /** The BMC should not have to wait for the medium to be made. */
  async #warmMedium(offer: NonNullable<Awaited<ReturnType<Offers['ofNode']>>>): Promise<void> {
    const { config, remote } = this.#parts;
    if (offer.request.method !== 'virtual-media' || this.#media !== null) return;
    const boot = await prepareOffer(offer, config, remote, baseUrl(this.#place));
    if (boot.kind === 'linux' && boot.loaders !== null) await nodeMedium(offer, boot, config, this.#stop.signal);
  }

  #heard(event: DnsmasqEvent): void {
    if (event.kind === 'tftp') {
      const file = event.file.startsWith(this.#folder)
        ? event.file.slice(join(this.#folder, 'tftp').length + 1)
        : event.file;
      this.#seen.note({ method: 'pxe', what: `TFTP ${file} ${event.what}`, address: event.address });
      return;
    }
    if (event.mac !== null && event.address !== null && /^DHCP(ACK|REPLY)$/.test(event.what))
      this.#seen.leased(event.mac, event.address);
    this.#seen.note({
      method: 'dhcp',
      what: event.detail === '' ? event.what : `${event.what} ${event.detail}`.slice(0, 200),
      ...(event.mac === null ? {} : { mac: event.mac }),
      ...(event.address === null ? {} : { address: event.address }),
    });
  }

  #told({ answer, path, verb, address, bytes, whole }: Parameters<Told>[0]): void {
    const what =
      answer === null
        ? `${verb} ${path.replace(/\/b\/[^/]+/, '/b/…')}: nothing there`
        : `${verb} ${answer.what}${whole ? '' : ' cut off'}`;
    this.#seen.note({
      method: answer?.method ?? 'ipxe',
      what,
      address,
      bytes,
      ...(answer?.mac == null ? {} : { mac: answer.mac }),
      ...(answer?.nodeUuid == null ? {} : { nodeUuid: answer.nodeUuid }),
    });
  }

  async #beat(): Promise<void> {
    await beat(this.#parts.store, this.host).catch((error: unknown) =>
      this.#parts.log.warn({ err: error }, 'this boot host could not say that it is there'),
    );
  }

  async #prune(): Promise<void> {
    try {
      await pruneOffers(this.#parts.store);
      await pruneSightings(this.#parts.store);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'old boots could not be forgotten');
    }
  }
}

/**
 * Whom dnsmasq becomes. In a user namespace there is nobody else, and it must not try; on a host it stays root, for
 * the files it reads again while it runs are in a folder that only root opens.
 */
async function dnsmasqUser(): Promise<{ user: string | null; confined: boolean }> {
  const map = (await readFile('/proc/self/uid_map', 'utf8').catch(() => '')).trim().split(/\s+/);
  const confined = map[2] !== '4294967295';
  return { user: confined || process.getuid?.() !== 0 ? null : 'root', confined };
}

async function missingTools(): Promise<string | null> {
  for (const [program, pack] of [
    ['xorriso', 'xorriso'],
    ['mformat', 'mtools'],
  ] as const) {
    try {
      await run(program, ['--version'], { timeoutMs: 10_000, okCodes: [0, 1] });
    } catch (error) {
      return `boot media need Debian's package ${pack}: ${messageOf(error)}`;
    }
  }
  return null;
}
