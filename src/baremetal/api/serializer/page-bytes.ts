/** Buffers of long pages that can be used again. Two pages at once are rare; more than these are left to the collector. */
const MOST_KEPT = 2;
const LARGEST_KEPT = 8 * 1024 * 1024;
const kept: Buffer[] = [];

function take(size: number): Buffer {
  const i = kept.findIndex((buffer) => buffer.length >= size);
  return i < 0 ? Buffer.allocUnsafeSlow(size) : (kept.splice(i, 1)[0] as Buffer);
}

function giveBack(buffer: Buffer): void {
  if (buffer.length <= LARGEST_KEPT && kept.length < MOST_KEPT) kept.push(buffer);
}

/**
 * A page being written as bytes. As a string all pieces of all items would be alive at its end, and on our small
 * heap collecting them costs more than making them (a thousand nodes: 6 ms in place of 18). The memory is used again
 * because what buffers take counts towards the next full collection.
 */
export class PageBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Appends a text; about `more` such texts are expected after it. */
  add(text: string, more: number): void {
    // A character of JavaScript is three bytes of UTF-8 at most.
    const needed = this.#length + text.length * 3;
    if (needed > this.#buffer.length) this.#grow(needed + Math.ceil(text.length * more * 1.2));
    this.#length += this.#buffer.write(text, this.#length);
  }

  #grow(size: number): void {
    const larger = take(size);
    this.#buffer.copy(larger, 0, 0, this.#length);
    giveBack(this.#buffer);
    this.#buffer = larger;
  }

  /** The bytes so far; not to be read after `release`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Gives the memory back. */
  release(): void {
    giveBack(this.#buffer);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }
}
