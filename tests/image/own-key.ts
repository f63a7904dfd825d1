import { join } from 'node:path';
import { buildImage, type BuiltImage } from '../../src/builder/build.ts';
import { defaultCacheDir } from '../../src/builder/cache.ts';
import { type SigningKey, signingKey } from '../../src/builder/signing-key.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';

/** A tiny image that is signed by a key of ours, and that key. */
export interface OwnImage {
  key: SigningKey;
  image: BuiltImage;
}

/** Makes it. The key is kept beside the images, so that what it signed is in the cache at the next run. */
export async function ownImage(output: string, format: 'raw' | 'qcow2'): Promise<OwnImage> {
  const cache = defaultCacheDir(process.env);
  const key = await signingKey(join(cache, 'test-key'), { clock: systemClock, random: systemRandom });
  return { key, image: await buildImage({ kind: 'tiny', output, format, cache, signBy: key }) };
}
