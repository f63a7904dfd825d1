/** Bits of a filter: 16 KiB of text sets about a quarter of them. */
const BITS = 16_384;
export const FILTER_BYTES = BITS / 8;

/** Says whether a text may stand in a piece of a log: no is sure, yes is a guess. */
export class TrigramFilter {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array = new Uint8Array(FILTER_BYTES)) {
    this.bytes = bytes;
  }

  add(text: string): void {
    for (const bit of bitsOf(text)) this.bytes[bit >> 3] = (this.bytes[bit >> 3] as number) | (1 << (bit & 7));
  }

  mayHold(text: string): boolean {
    for (const bit of bitsOf(text)) if (((this.bytes[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false;
    return true;
  }
}

function* bitsOf(text: string): Generator<number> {
  const folded = text.toLowerCase();
  for (let i = 0; i + 3 <= folded.length; i++) {
    let hash = 0x811c9dc5;
    for (let j = i; j < i + 3; j++) hash = Math.imul(hash ^ folded.charCodeAt(j), 0x01000193);
    hash ^= hash >>> 15;
    yield (hash >>> 0) % BITS;
  }
}
