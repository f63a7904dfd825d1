import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, createServer } from '../../src/http/server.ts';
import { createIdentity, type Identity } from '../../src/identity/index.ts';
import { imageRules } from '../../src/image/api/policy.ts';
import { createImage, DEFAULT_LIMITS, type Image, type ImageConfig, imageQuotas } from '../../src/image/index.ts';
import { captureNotes } from '../../src/baremetal/index.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import type { Store } from '../../src/store/contract.ts';
import { openSealer } from '../../src/store/seal.ts';
import { openTestStore } from '../../src/store/testing.ts';

export const ADMIN_PASSWORD = 'correct horse battery';

/** An image service with identity, on a socket and a real database. */
export interface ImageCloud {
  dataDir: string;
  store: Store;
  identity: Identity;
  image: Image;
  server: ApiServer;
  url: string;
  /** Another image service on the same database, as another process of the same host would have. */
  another(clock?: Clock): Promise<Image>;
  close(): Promise<void>;
}

export async function openImageCloud(config: Partial<ImageConfig> = {}): Promise<ImageCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-image-'));
  const database = await openTestStore();
  const { store } = database;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings: ImageConfig = {
    dataDir,
    host: 'here',
    limits: DEFAULT_LIMITS,
    cacheBytes: 10 * 1024 ** 3,
    fileFolders: [],
    allowedNetworks: ['127.0.0.0/8'],
    glance: null,
    stallMs: 5000,
    convertTimeoutMs: 240_000,
    maxUploads: 8,
    ticketMs: 3_600_000,
    serveUrl: () => url,
    ...config,
  };
  const identity = await createIdentity({
    store,
    clock: systemClock,
    log: silentLog,
    sealer: await openSealer(store, dataDir, systemClock),
    rules: [imageRules],
    quotas: imageQuotas,
    config: {
      strategy: 'keystone',
      listening: ['127.0.0.1'],
      publicUrl: url,
      dataDir,
      adminPassword: new Secret(ADMIN_PASSWORD),
      services: [{ type: 'image', name: 'glance', path: '/image' }],
    },
  });
  await identity.bootstrap();
  const parts = {
    store,
    clock: systemClock,
    log: silentLog,
    quotas: identity.quotas,
    config: settings,
    captures: captureNotes('here'),
  };
  const image = createImage(parts);
  await image.start();
  const doors = [...identity.doors, ...image.doors, ...image.ramdiskDoors];
  identity.checkDoors(doors);
  const metrics = createMetrics();
  const server = await createServer({
    doors,
    authoriser: identity.authoriser,
    log: silentLog,
    metrics,
    audit: identity.audit,
  });
  await server.listen({ host: '127.0.0.1', port });
  const others: Image[] = [];
  return {
    dataDir,
    store,
    identity,
    image,
    server,
    url,
    async another(clock = systemClock) {
      const made = createImage({ ...parts, clock });
      await made.start();
      others.push(made);
      return made;
    },
    async close() {
      await server.close(0);
      for (const one of [image, ...others]) await one.close();
      await identity.close();
      metrics.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A web server for one test. */
export async function webServer(
  answer: RequestListener,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createHttp(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function freePort(): Promise<number> {
  const { url, close } = await webServer(() => {});
  await close();
  return Number(new URL(url).port);
}
