import { createHash, randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** A word that stands nowhere by chance. */
export const canary = (of: string): string => `CANARY-${createHash('sha256').update(of).digest('hex')}`;

const SECTOR = 512;
/** Below it are the partitions of the tiny image, which a running system writes to. */
const QUIET = (128 * 1024 * 1024) / SECTOR;

/** Sectors to plant in: the first, the last, and some that nobody could foresee. */
export async function places(file: string): Promise<number[]> {
  const handle = await open(file, 'r');
  const { size } = await handle.stat().finally(() => handle.close());
  const last = size / SECTOR - 1;
  return [0, ...Array.from({ length: 6 }, () => randomInt(Math.min(QUIET, Math.floor(last / 2)), last)), last];
}

/** What a tenant that is root types to plant a word in sectors of a disk; says `planted-9` at its end. */
export function planting(device: string, sectors: readonly number[], word: string): string {
  const one = `echo ${word} | dd of=${device} bs=${SECTOR} seek=$n count=1 conv=sync,notrunc 2>/dev/null`;
  return `for n in ${sectors.join(' ')}; do ${one}; done; sync; echo planted-$((4 + 5))`;
}

/** At which of the sectors does the word stand? Read from the file behind the disk, past the machine. */
export async function standing(file: string, sectors: readonly number[], word: string): Promise<number[]> {
  const handle = await open(file, 'r');
  try {
    const found: number[] = [];
    for (const sector of sectors) {
      const { buffer } = await handle.read(Buffer.alloc(SECTOR), 0, SECTOR, sector * SECTOR);
      if (buffer.includes(word)) found.push(sector);
    }
    return found;
  } finally {
    await handle.close();
  }
}

/** Does the file hold the word anywhere at all? */
export async function holds(file: string, word: string): Promise<boolean> {
  const needle = Buffer.from(word);
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: 8 * 1024 * 1024 })) {
    const bytes = Buffer.concat([tail, part as Buffer]);
    if (bytes.includes(needle)) return true;
    tail = bytes.subarray(-needle.length + 1);
  }
  return false;
}
