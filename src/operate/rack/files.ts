import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#kernel/clock';
import type { Config } from '#platform/settings';

/** Where the rack's images are; file URLs of images may lead here. */
export const imageFolder = (config: Config): string => join(config.general.data_dir, 'rack-images');

/** What machines of the rack are given; built here, from Debian packages. */
export interface RackFiles {
  ramdisk: Promise<unknown>;
  image: Promise<{ url: string; checksum: string } | undefined>;
}

/**
 * Begins to build ramdisk and image, or finds them built: together, for there are two processors. `say` is told how
 * far they are. Both promises reject with the builders' errors; neither goes unheard.
 */
export function buildFiles(config: Config, say: (line: string) => void, signal: AbortSignal): RackFiles {
  const files = { ramdisk: buildRamdisk(config, say, signal), image: buildImage(config, say, signal) };
  // Whoever awaits them hears of it; until then a failure is nobody's fault.
  for (const one of Object.values(files)) one.catch(() => {});
  return files;
}

async function buildRamdisk(config: Config, say: (line: string) => void, signal: AbortSignal): Promise<unknown> {
  const { buildRamdisk: build } = await import('../ramdisk/build.ts');
  const started = systemClock.monotonic();
  const built = await build({
    dir: config.boot.ramdisk_dir,
    arch: 'x86_64',
    env: process.env,
    clock: systemClock,
    signal,
    say: (text) => say(`ramdisk: ${text}`),
  });
  if (!built.cached) say(`ramdisk: built in ${seconds(started)}`);
  return built;
}

async function buildImage(config: Config, say: (line: string) => void, signal: AbortSignal) {
  const kind = config.lab.image;
  if (kind === 'none') return undefined;
  const [{ buildImage: build }, { defaultCacheDir }] = await Promise.all([
    import('#builder/build'),
    import('#builder/cache'),
  ]);
  const started = systemClock.monotonic();
  const folder = imageFolder(config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${kind}.raw`);
  const built = await build({
    kind,
    output: file,
    // It is read here and nowhere else: to pack and unpack it would take longer than everything.
    format: 'raw',
    cache: defaultCacheDir(process.env),
    // Nothing boots without the ramdisk, and the first machine takes a minute until it needs its image.
    gently: true,
    say: (text) => say(`image: ${text}`),
    signal,
  });
  if (!built.fromCache) say(`image: ${kind} built in ${seconds(started)}`);
  return { url: `file://${file}`, checksum: `sha256:${built.sha256}` };
}

const seconds = (since: number) => `${Math.round((systemClock.monotonic() - since) / 1000)} s`;
