import { join } from 'node:path';
import type { CaptureNotes, ImageService } from '#contracts/image';
import type { Quotas } from '#contracts/quota';
import type { Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import { Outbound } from '#protocols/outbound/outbound';
import type { Store } from '#store/contract';
import { imageDoor } from './api/door.ts';
import { beginCapture, endCapture, sweepBlocks } from './app/capture.ts';
import { Captures } from './app/captures.ts';
import { sweepIncoming } from './app/evict.ts';
import { examine } from './app/examine.ts';
import { Imports, reviveDead } from './app/import-image.ts';
import { Preparer } from './app/prepare.ts';
import type { ImageConfig } from './config.ts';
import type { ImageRoom } from './room.ts';
import { imageDataDoor } from './serve/door.ts';
import { ImageFiles } from './store/files.ts';

export type { ImageConfig } from './config.ts';
export { DEFAULT_LIMITS } from './model/limits.ts';
export { imageQuotas } from './store/quotas.ts';

export interface ImageParts {
  store: Store;
  clock: Clock;
  log: Log;
  random?: Random;
  config: ImageConfig;
  quotas?: Quotas;
  /** Who is told what became of captured disks. */
  captures?: CaptureNotes;
}

/** The image service. */
export interface Image {
  /** The Image API. */
  readonly doors: readonly Door[];
  /** What machines call to fetch and send disks. */
  readonly ramdiskDoors: readonly Door[];
  /** What other services ask. */
  readonly service: ImageService;
  /** Makes its folders, and cleans up after earlier processes now and then. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Builds the room. Opens nothing before `start`. */
export function createImage(parts: ImageParts): Image {
  const { store, clock, log, config } = parts;
  const outbound = new Outbound({ allowed: config.allowedNetworks, stallMs: config.stallMs });
  const everywhere = ['0.0.0.0/0', '::/0'];
  const glanceOutbound = new Outbound({ allowed: everywhere, maxRedirects: 0, stallMs: config.stallMs });
  const files = new ImageFiles(join(config.dataDir, 'images'));
  const random = parts.random ?? systemRandom;
  const room: ImageRoom = {
    store,
    clock,
    log,
    random,
    config,
    outbound,
    glanceOutbound,
    files,
    quotas: parts.quotas ?? null,
  };
  const imports = new Imports(room);
  const preparer = new Preparer(room);
  const captures = new Captures(room, parts.captures ?? null);
  const stops: (() => void)[] = [];
  const quietly = (what: string, work: () => Promise<unknown>) => () =>
    void work().catch((error: unknown) => log.warn({ err: error }, `${what} failed; it is tried again`));
  return {
    doors: [imageDoor(room, imports)],
    ramdiskDoors: [imageDataDoor(room)],
    service: {
      examine: (request, signal) => examine(room, request, signal),
      prepare: (request, options) => preparer.prepare(request, options),
      beginCapture: (request) => beginCapture(room, request),
      endCapture: (imageId, outcome, signal) => endCapture(room, captures, imageId, outcome, signal),
    },
    async start() {
      await files.open();
      await sweepIncoming(room);
      stops.push(
        clock.every(
          MINUTE_MS,
          quietly('looking for dead uploads', () => reviveDead(room)),
        ),
      );
      stops.push(
        clock.every(
          MINUTE_MS,
          quietly('looking for captures of dead processes', () => captures.sweep()),
        ),
      );
      stops.push(
        clock.every(
          HOUR_MS,
          quietly('removing blocks of no capture', () => sweepBlocks(room)),
        ),
      );
    },
    async close() {
      for (const stop of stops) stop();
      await imports.close();
      await captures.close();
      await outbound.close();
      await glanceOutbound.close();
      await config.glance?.close?.();
    },
  };
}
