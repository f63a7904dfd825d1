import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { ConductorInfo, Work } from '#work/contract';
import { type OwnOffer, vendorFacts } from './drivers/offers.ts';
import type { DriverRegistry } from './drivers/registry.ts';
import type { ConductorRecord, DriverCatalogue, DriverOffer } from './model/driver-catalogue.ts';
import { INTERFACE_KINDS, type InterfaceKind } from './model/interfaces.ts';

/** Rows of conductors change with each heartbeat; reading them this often is often enough. */
const REFRESH_MS = 5_000;
/** A miss asks again at most this often, whoever knocks. */
const MISS_MS = 250;

/** The catalogue and its upkeep. */
export interface KeptCatalogue extends DriverCatalogue {
  start(): Promise<void>;
  stop(): void;
}

/** Serves what live conductors offer from memory. */
export function makeCatalogue(work: Work, registry: DriverRegistry, clock: Clock, log: Log): KeptCatalogue {
  let offers: DriverOffer[] = [];
  let conductors: ConductorRecord[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  const read = async () => {
    const infos = await work.conductors();
    last = clock.monotonic();
    offers = mergeOffers(infos);
    conductors = infos.map(recordOf).sort((a, b) => a.createdAt - b.createdAt || (a.host < b.host ? -1 : 1));
  };
  const refresh = async () => {
    if (running === undefined && clock.monotonic() - last < MISS_MS) return;
    running ??= read().finally(() => {
      running = undefined;
    });
    await running;
  };
  return {
    async start() {
      await read();
      cancel = clock.every(REFRESH_MS, () => {
        refresh().catch((error) => log.debug({ err: messageOf(error) }, 'could not read the conductors'));
      });
    },
    stop: () => cancel?.(),
    offers: () => offers,
    offer: (driver) => offers.find((offer) => offer.name === driver),
    implementations: (kind) => new Set(registry.names(kind)),
    vendorMethods: (implementation) => vendorFacts(registry, implementation),
    storesVifs: (implementation) => registry.find('network', implementation)?.storesVifs ?? false,
    movesPorts: (implementation) => registry.find('network', implementation)?.movesPorts ?? false,
    conductors: () => conductors,
    refresh,
  };
}

function recordOf(info: ConductorInfo): ConductorRecord {
  return {
    host: info.host,
    group: info.groups[0] ?? '',
    drivers: [...info.drivers].sort(),
    alive: info.alive,
    createdAt: Date.parse(info.createdAt),
    updatedAt: Date.parse(info.updatedAt),
  };
}

/** One offer per hardware type: what any live conductor enables, with the defaults of the first. */
function mergeOffers(infos: readonly ConductorInfo[]): DriverOffer[] {
  const merged = new Map<string, DriverOffer>();
  for (const info of [...infos].sort((a, b) => (a.host < b.host ? -1 : 1))) {
    if (!info.alive) continue;
    const own = ((info.info as { offers?: unknown } | null)?.offers ?? []) as OwnOffer[];
    const hosts = info.groups.map((group) => ({ host: info.host, group }));
    for (const offer of own) {
      const before = merged.get(offer.name);
      if (before === undefined) merged.set(offer.name, { ...offer, hosts });
      else merged.set(offer.name, { ...before, enabled: union(before, offer), hosts: [...before.hosts, ...hosts] });
    }
  }
  return [...merged.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function union(a: OwnOffer, b: OwnOffer): DriverOffer['enabled'] {
  const enabled = {} as Record<InterfaceKind, string[]>;
  for (const kind of INTERFACE_KINDS) enabled[kind] = [...new Set([...a.enabled[kind], ...b.enabled[kind]])].sort();
  return enabled;
}
