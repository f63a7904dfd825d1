import { createHash } from 'node:crypto';
import { IngotError } from '#kernel/errors';

/**
 * An image as blocks of one size, by their sha256; `null` is a block of zeroes. The last block may be short: its
 * hash is over the bytes there are. Served at `manifest_url`; a block at `<source>/blocks/<hash>`, the source being
 * the folder of the manifest (`blockUrl`) or another machine. Whoever gets a block checks its hash before it is
 * written.
 */
export interface BlockManifest {
  version: 1;
  virtual_bytes: number;
  block_bytes: number;
  blocks: readonly (string | null)[];
  /** sha256 of the raw bytes in order, checked when all of it is written. */
  sha256?: string;
}

/** Bytes in a block unless there is a reason. */
export const BLOCK_BYTES = 4 * 1024 * 1024;
const LEAST_BLOCK = 64 * 1024;
const MOST_BLOCK = 64 * 1024 * 1024;
/** 16 TiB in blocks of 4 MiB. */
const MOST_BLOCKS = 4 * 1024 * 1024;
const HASH = /^[0-9a-f]{64}$/;

/**
 * Reads a manifest as it came over the wire. Throws IngotError `BadManifest` for anything that does not fit
 * together: it may come from a machine that lies.
 */
export function parseManifest(value: unknown): BlockManifest {
  const bad = (why: string) => new IngotError('BadManifest', 400, `The block manifest is not usable: ${why}`);
  if (typeof value !== 'object' || value === null) throw bad('it is no object');
  const { version, virtual_bytes: size, block_bytes: block, blocks, sha256 } = value as Record<string, unknown>;
  if (version !== 1) throw bad(`version ${String(version)} is not known`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0) throw bad('virtual_bytes is no size');
  if (typeof block !== 'number' || !Number.isSafeInteger(block) || block < LEAST_BLOCK || block > MOST_BLOCK) {
    throw bad('block_bytes is out of range');
  }
  if (block % 4096 !== 0) throw bad('block_bytes is not a multiple of 4096');
  if (!Array.isArray(blocks) || blocks.length !== Math.ceil(size / block) || blocks.length > MOST_BLOCKS) {
    throw bad('the number of blocks does not fit the size');
  }
  for (const hash of blocks as unknown[]) {
    if (hash !== null && (typeof hash !== 'string' || !HASH.test(hash))) throw bad('a hash is not sha256 in hex');
  }
  if (sha256 !== undefined && (typeof sha256 !== 'string' || !HASH.test(sha256))) throw bad('sha256 is none');
  return {
    version: 1,
    virtual_bytes: size,
    block_bytes: block,
    blocks: blocks as (string | null)[],
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/**
 * sha256 of what a manifest says of each block. Who was told it by the conductor, and checks each block, knows the whole:
 * it need not be hashed a second time.
 */
export function manifestDigest(manifest: BlockManifest): string {
  const hash = createHash('sha256').update(`${manifest.virtual_bytes} ${manifest.block_bytes}\n`);
  for (const block of manifest.blocks) hash.update(`${block ?? '-'}\n`);
  return hash.digest('hex');
}

/** Bytes of block `index`: the last one may be short. */
export function blockLength(manifest: BlockManifest, index: number): number {
  return Math.min(manifest.block_bytes, manifest.virtual_bytes - index * manifest.block_bytes);
}

/** The folder of a manifest's URL, under which its `blocks/<hash>` stand. The query is kept by nobody. */
export function sourceOf(manifestUrl: string): string {
  const url = new URL('.', manifestUrl);
  return url.href.replace(/\/$/, '');
}

/** Where a source gives a block. */
export function blockUrl(source: string, hash: string): string {
  return `${source}/blocks/${hash}`;
}

/** Where the machines that share an image meet. */
export function peersUrl(manifestUrl: string): string {
  const url = new URL(manifestUrl);
  url.pathname += '/peers';
  return url.href;
}
