import { join } from 'node:path';
import type { BootService } from '#contracts/boot';
import type { Clock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import { Outbound } from '#protocols/outbound/outbound';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import { oneHost, publishBoot } from './app/publish.ts';
import type { BootConfig, RemoteFile } from './config.ts';
import { RemoteFiles } from './remote/files.ts';
import { possible } from './model/methods.ts';
import { BootServer } from './server.ts';
import { aliveHosts } from './store/hosts.ts';
import { Offers } from './store/offers.ts';
import { sightingsOf } from './store/sightings.ts';

export type { BootConfig } from './config.ts';

export interface BootParts {
  store: Store;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  config: BootConfig;
  random?: Random;
}

/** The boot room: what bare metal asks of it, and what serves machines in a process that does. */
export interface Boot {
  readonly service: BootService;
  /** Opens listeners and starts dnsmasq, where an interface is set. Throws the reason when that cannot be. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createBoot(parts: BootParts): Boot {
  const { store, sealer, clock, log, config, random = systemRandom } = parts;
  const offers = new Offers(store, sealer);
  const outbound = new Outbound({ allowed: config.allowedNetworks });
  const folder = join(config.dataDir, 'fetched');
  const fetched = new RemoteFiles({ folder, outbound, maxBytes: config.maxFileBytes, clock, log });
  // Who serves machines fetches; another process only tells them what.
  const remote: RemoteFile = async (url, what) =>
    server !== null || config.interface !== null ? fetched.at(url, what) : { path: '', size: 0 };
  let server: BootServer | null = null;
  const host = async () => server?.host ?? oneHost(await aliveHosts(store));
  const publishing = { offers, random, config, remote, host, now: () => clock.now() };
  const service: BootService = {
    callbackUrl: config.callbackUrl,
    attemptMs: config.attemptMs,
    async publish(request, signal) {
      signal.throwIfAborted();
      return publishBoot({ ...publishing, serves: server !== null }, request);
    },
    withdraw: async (nodeUuid) => void (await offers.remove(nodeUuid)),
    sightings: (nodeUuid, since = 0) => sightingsOf(store, nodeUuid, since),
    methods: async () => possible(config.methods, (await host()).facts),
  };
  return {
    service,
    async start() {
      if (config.interface === null) return;
      server = new BootServer({ store, offers, clock, log, config, remote, interface: config.interface });
      await server.start();
    },
    async stop() {
      await server?.stop();
      server = null;
      await outbound.close();
    },
  };
}
