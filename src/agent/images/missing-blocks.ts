import { hasBit } from '#agent-api/swarm';

/**
 * The blocks of an image that a machine still lacks. Each is free until somebody takes it, and is had in the end or
 * given back. Choosing one costs the same however many they are: an image of 1 TiB has a quarter of a million, and
 * looking through all of them for each took longer than the disk.
 */
export class MissingBlocks {
  /** In an order of its own for each machine, so that they do not all want the same. */
  readonly #free: number[];
  /** Where a free block stands among them. */
  readonly #at = new Map<number, number>();
  /** Free blocks that other machines were heard to have; what became of them since is asked when they are taken. */
  #heard: number[] = [];
  #left: number;

  constructor(blocks: readonly number[], chance: () => number) {
    this.#free = [...blocks];
    for (let i = this.#free.length - 1; i > 0; i--) {
      const j = Math.floor(chance() * (i + 1));
      [this.#free[i], this.#free[j]] = [this.#free[j] as number, this.#free[i] as number];
    }
    for (const [i, block] of this.#free.entries()) this.#at.set(block, i);
    this.#left = blocks.length;
  }

  /** Blocks that are not there yet, also those on their way. */
  get left(): number {
    return this.#left;
  }

  /** Takes any free block. */
  any(): number | undefined {
    const block = this.#free.at(-1);
    if (block !== undefined) this.#take(block);
    return block;
  }

  /** Takes the first free one of these; they must be few. */
  oneOf(blocks: Iterable<number>): number | undefined {
    for (const block of blocks) if (this.#take(block)) return block;
    return undefined;
  }

  /** Takes one that another machine has: it was heard to, and `has` says that it still can be asked. */
  heard(has: (block: number) => boolean): number | undefined {
    for (;;) {
      const block = this.#heard.pop();
      if (block === undefined) return undefined;
      if (has(block) && this.#take(block)) return block;
    }
  }

  /**
   * Other machines were heard of: what they have, as bits, is offered by `heard` from now on. Gives up to `most` free
   * blocks that none of them has.
   */
  hear(others: Uint8Array, most: number): number[] {
    this.#heard = [];
    const nobodys: number[] = [];
    for (const block of this.#free) {
      if (hasBit(others, block)) this.#heard.push(block);
      else if (nobodys.length < most) nobodys.push(block);
    }
    return nobodys;
  }

  /** It is there. */
  had(): void {
    this.#left--;
  }

  /** It could not be had this time. */
  back(block: number): void {
    if (this.#at.has(block)) return;
    this.#at.set(block, this.#free.push(block) - 1);
    this.#heard.push(block);
  }

  /** The last one takes its place: the order is chance anyway. */
  #take(block: number): boolean {
    const at = this.#at.get(block);
    if (at === undefined) return false;
    this.#at.delete(block);
    const last = this.#free.pop() as number;
    if (last !== block) {
      this.#free[at] = last;
      this.#at.set(last, at);
    }
    return true;
  }
}
