import { createHash } from 'node:crypto';
import type { EraseSample } from '#agent-api/erase';
import type { Random } from '#kernel/random';
import type { BlockDevice } from '../machine/contract.ts';

const SAMPLE = 64 * 1024;
const RANDOM_SAMPLES = 64;

/** Where to look: both ends of the device and places nobody could foresee. */
export function samplePlaces(size: number, random: Random, samples = RANDOM_SAMPLES): number[] {
  const length = Math.min(SAMPLE, size);
  const slots = Math.floor(size / length);
  const places = new Set([0, size - length]);
  for (let i = 0; i < samples && places.size < slots; i++) {
    places.add(Math.floor((random.bytes(6).readUIntBE(0, 6) / 2 ** 48) * slots) * length);
  }
  return [...places].sort((a, b) => a - b);
}

/** Reads the device at these places. A place that cannot be read is an error: it proves nothing. */
export async function takeSamples(device: BlockDevice, places: readonly number[]): Promise<EraseSample[]> {
  const buffer = Buffer.allocUnsafe(Math.min(SAMPLE, device.size));
  const samples: EraseSample[] = [];
  for (const offset of places) {
    await device.read(buffer, offset);
    samples.push({
      offset,
      bytes: buffer.length,
      sha256: createHash('sha256').update(buffer).digest('hex'),
      uniform: isUniform(buffer),
    });
  }
  return samples;
}

/** One byte, all over. */
function isUniform(bytes: Buffer): boolean {
  return bytes.length === 0 || Buffer.compare(bytes.subarray(1), bytes.subarray(0, -1)) === 0;
}

/** One line over all samples. */
export function digestOf(samples: readonly EraseSample[]): string {
  const hash = createHash('sha256');
  for (const sample of samples) hash.update(`${sample.offset} ${sample.bytes} ${sample.sha256}\n`);
  return hash.digest('hex');
}

/**
 * Do the samples show that the data is gone? After a cryptographic erase a drive may give noise: then every place
 * must have changed. Gives the first place that shows data, or null.
 */
export function firstSurvivor(
  before: readonly EraseSample[],
  after: readonly EraseSample[],
  cryptographic: boolean,
): EraseSample | null {
  const old = new Map(before.map((sample) => [sample.offset, sample]));
  for (const sample of after) {
    if (sample.uniform) continue;
    const was = old.get(sample.offset);
    if (!cryptographic || was === undefined || was.sha256 === sample.sha256) return sample;
  }
  return null;
}
