import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Block, BLOCK_ENTRY_BYTES, decodeBlocks, encodeBlock } from './block-index.ts';
import { LineMaker } from './lines.ts';
import { type ConsoleRecord, decodeRecord, encodeRecord, MAX_PAYLOAD, type PlacedRecord } from './record.ts';
import { TrigramFilter } from './trigrams.ts';

/** How much of a node's console is kept. */
export interface RingLimits {
  maxBytes: number;
  maxAgeMs: number;
}

const SEGMENTS = 8;
const BLOCK_BYTES = 16 * 1024;
const READ_BYTES = 128 * 1024;
const NAME = /^(\d{16})\.log$/;

interface Segment {
  /** Position of its first byte. */
  start: number;
  /** Bytes, those on their way to the disk included. */
  size: number;
  /** Bytes that can be read. */
  readable: number;
  /** When it was written to last. */
  lastAt: number;
}

/** Part of a log, in positions. */
export interface Stretch {
  warm: number;
  from: number;
  to: number;
}

/**
 * The recording of one node: a ring of files. Positions count all bytes ever written, so a reader's place stays its
 * place when old files go. Nothing is open while nothing is written. One writer; readers in the same process.
 */
export class RingLog {
  readonly dir: string;
  readonly #limits: RingLimits;
  readonly #segments: Segment[];
  #block: { from: number; firstAt: number; lastAt: number; filter: TrigramFilter } | undefined;
  readonly #lines = new LineMaker();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, limits: RingLimits, segments: Segment[]) {
    this.dir = dir;
    this.#limits = limits;
    this.#segments = segments;
  }

  /** Opens a recording; cuts what a crash left half written. Makes the folder when it is first written to. */
  static async open(dir: string, limits: RingLimits): Promise<RingLog> {
    const names = await readdir(dir).catch(() => []);
    const segments: Segment[] = [];
    for (const name of names.sort()) {
      const start = NAME.exec(name)?.[1];
      if (start === undefined) continue;
      const { size, mtimeMs } = await stat(join(dir, name));
      segments.push({ start: Number(start), size, readable: size, lastAt: mtimeMs });
    }
    const log = new RingLog(dir, limits, segments);
    const last = segments.at(-1);
    if (last !== undefined) await log.#repair(last);
    return log;
  }

  /** Position of the oldest byte kept. */
  get start(): number {
    return this.#segments[0]?.start ?? 0;
  }

  /** Position after the last byte. */
  get end(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.start + last.readable;
  }

  /** Bytes on disk, index apart. */
  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** Appends; gives the records with their places. Order of calls is order in the log. */
  append(records: readonly ConsoleRecord[]): Promise<PlacedRecord[]> {
    const done = this.#writing.then(() => this.#append(records));
    this.#writing = done.catch(() => {});
    return done;
  }

  /**
   * Records from a position on (an older one than is kept means the oldest kept) up to where the log ends at the
   * time of the call.
   */
  async *read(from: number, to: number = this.end): AsyncGenerator<PlacedRecord> {
    for (const segment of [...this.#segments]) {
      const end = Math.min(segment.start + segment.readable, to);
      if (end <= from || segment.start >= to) continue;
      yield* this.#readSegment(segment, Math.max(0, from - segment.start), end - segment.start);
    }
  }

  /**
   * Stretches that may hold `text` and what was written from `since` on; null leaves a condition out. In order. Whoever
   * wants whole lines begins to read at `warm`.
   */
  async *stretches(text: string | null, since: number | null): AsyncGenerator<Stretch> {
    for (const { start, readable, lastAt, ...rest } of [...this.#segments]) {
      if (since !== null && lastAt < since) continue;
      let at = 0;
      let warm = 0;
      const place = (from: number, to: number) => ({ warm: start + warm, from: start + from, to: start + to });
      for (const block of await this.#blocks({ start, readable, lastAt, ...rest })) {
        if (block.from > at) yield place(at, block.from);
        at = block.to;
        const isOld = since !== null && block.lastAt < since;
        if (!isOld && (text === null || block.filter.mayHold(text))) yield place(block.from, block.to);
        warm = block.from;
      }
      if (readable > at) yield place(at, readable);
    }
  }

  /** Drops what is older than the limit. */
  expire(now: number): Promise<void> {
    const done = this.#writing.then(async () => {
      while (this.#segments[0] !== undefined && this.#segments[0].lastAt + this.#limits.maxAgeMs < now) {
        await this.#dropOldest();
      }
    });
    this.#writing = done.catch(() => {});
    return done;
  }

  /** Waits until what was appended is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #append(records: readonly ConsoleRecord[]): Promise<PlacedRecord[]> {
    const placed: PlacedRecord[] = [];
    let file: FileHandle | undefined;
    let parts: Buffer[] = [];
    let segment = this.#segments.at(-1);
    const flush = async () => {
      if (parts.length === 0 || segment === undefined) return;
      file ??= await this.#open(segment);
      const bytes = Buffer.concat(parts);
      parts = [];
      await file.appendFile(bytes);
      segment.readable = segment.size;
    };
    try {
      for (const record of cut(records)) {
        if (segment === undefined || segment.size >= this.#limits.maxBytes / SEGMENTS) {
          await flush();
          await file?.close();
          file = undefined;
          segment = await this.#nextSegment();
        }
        const bytes = encodeRecord(record);
        parts.push(bytes);
        const position = segment.start + segment.size;
        placed.push({ ...record, position, end: position + bytes.length });
        segment.size += bytes.length;
        segment.lastAt = record.at;
        this.#index(segment.size - bytes.length, record);
        if (segment.size - (this.#block?.from ?? segment.size) < BLOCK_BYTES) continue;
        // The index never tells of bytes that are not there yet.
        await flush();
        await this.#closeBlock(segment);
      }
      await flush();
    } catch (error) {
      // A full disk: what could not be written is lost, what is there stays whole.
      await file?.close().catch(() => {});
      file = undefined;
      if (segment !== undefined) await this.#repair(segment).catch(() => {});
      throw error;
    } finally {
      await file?.close();
    }
    return placed;
  }

  async #open(segment: Segment): Promise<FileHandle> {
    return await open(this.#path(segment), 'a', 0o600);
  }

  async #nextSegment(): Promise<Segment> {
    const before = this.#segments.at(-1);
    if (before === undefined) await mkdir(this.dir, { recursive: true, mode: 0o700 });
    else await this.#closeBlock(before);
    while (this.#segments.length >= SEGMENTS) await this.#dropOldest();
    const start = before === undefined ? 0 : before.start + before.size;
    const segment: Segment = { start, size: 0, readable: 0, lastAt: 0 };
    this.#segments.push(segment);
    return segment;
  }

  async #dropOldest(): Promise<void> {
    const oldest = this.#segments.shift();
    if (oldest === undefined) return;
    await rm(this.#path(oldest), { force: true });
    await rm(this.#indexPath(oldest), { force: true });
  }

  /** Adds a record to the block being made. */
  #index(offset: number, record: ConsoleRecord): void {
    const block = (this.#block ??= {
      from: offset,
      firstAt: record.at,
      lastAt: record.at,
      filter: new TrigramFilter(),
    });
    block.lastAt = record.at;
    this.#lines.push(record, ({ text }) => block.filter.add(text));
  }

  /** A line that goes on is indexed here as far as it is, and whole in the next block. */
  async #closeBlock(segment: Segment): Promise<void> {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    block.filter.add(this.#lines.rest);
    const entry = encodeBlock({ ...block, to: segment.size });
    const file = await open(this.#indexPath(segment), 'a', 0o600);
    try {
      await file.appendFile(entry);
    } finally {
      await file.close();
    }
  }

  async #blocks(segment: Segment): Promise<Block[]> {
    const file = await readFile(this.#indexPath(segment)).catch(() => Buffer.alloc(0));
    return decodeBlocks(file).filter((block) => block.to <= segment.readable);
  }

  async *#readSegment(segment: Segment, from: number, to: number): AsyncGenerator<PlacedRecord> {
    let file: FileHandle;
    try {
      file = await open(this.#path(segment), 'r');
    } catch {
      return; // it was dropped meanwhile
    }
    try {
      let rest = Buffer.alloc(0);
      let at = from;
      let next = from;
      while (at < to) {
        const part = Buffer.allocUnsafe(READ_BYTES);
        const { bytesRead } = await file.read(part, 0, Math.min(READ_BYTES, to - next), next);
        if (bytesRead === 0) return;
        next += bytesRead;
        const chunk = Buffer.concat([rest, part.subarray(0, bytesRead)]);
        let used = 0;
        for (;;) {
          const found = decodeRecord(chunk, used);
          if (found === 'broken') return;
          if (found === 'short') break;
          const position = segment.start + at;
          used += found.size;
          at += found.size;
          yield { ...found.record, position, end: position + found.size };
        }
        rest = chunk.subarray(used);
        if (next >= to) return;
      }
    } finally {
      await file.close();
    }
  }

  /** Cuts a segment after its last whole record. What the index tells of was written before it told. */
  async #repair(segment: Segment): Promise<void> {
    const { size } = await stat(this.#path(segment));
    segment.readable = size;
    const blocks = await this.#blocks(segment);
    let good = blocks.at(-1)?.to ?? 0;
    for await (const record of this.#readSegment(segment, good, size)) {
      good = record.end - segment.start;
      segment.lastAt = record.at;
    }
    if (good < size) await truncate(this.#path(segment), good);
    segment.size = good;
    segment.readable = good;
    this.#block = undefined;
    // Entries on bytes that are gone would hide what is written in their place.
    await truncate(this.#indexPath(segment), blocks.length * BLOCK_ENTRY_BYTES).catch(() => {});
  }

  #path({ start }: Segment): string {
    return join(this.dir, `${String(start).padStart(16, '0')}.log`);
  }

  #indexPath({ start }: Segment): string {
    return join(this.dir, `${String(start).padStart(16, '0')}.idx`);
  }
}

function* cut(records: readonly ConsoleRecord[]): Generator<ConsoleRecord> {
  for (const record of records) {
    if (record.bytes.length <= MAX_PAYLOAD) yield record;
    else {
      for (let at = 0; at < record.bytes.length; at += MAX_PAYLOAD) {
        yield { ...record, bytes: record.bytes.subarray(at, at + MAX_PAYLOAD) };
      }
    }
  }
}
