import { webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import type { CaptureParams, CaptureResult } from '#agent-api/capture';
import { BLOCK_BYTES, type BlockManifest } from '#agent-api/manifest';
import { messageOf } from '#kernel/errors';
import type { Run } from './commands/command.ts';
import { isObject, numberOf, textOf } from './commands/parameters.ts';
import { hintsOf } from './disks/hints.ts';
import { errors } from './errors.ts';
import { Patience } from './http/patience.ts';
import { askJson, readAll, send, type Trust } from './http/request.ts';
import { fetchManifest } from './images/fetch-manifest.ts';
import { targetDisk } from './images/write-image.ts';
import { isZero } from './images/writer.ts';

/** Blocks that are asked about and sent together: what is held in memory. */
const BATCH = 8;
const TRIES = 5;

const packers = {
  zstd: promisify(zstdCompress),
  gzip: promisify(gzip),
  none: async (bytes: Buffer) => bytes,
};

interface Block {
  hash: string;
  bytes: Buffer;
}

/** A block that is being hashed, by a thread of its own. */
interface Hashing {
  index: number;
  bytes: Buffer;
  hash: Promise<ArrayBuffer>;
}

/**
 * Sends a disk out as blocks by their hashes: only those that the store does not have yet, packed. Reads the disk
 * once, in order; memory does not depend on its size. Zeroes are not hashed, nor is the whole: the instance is off
 * meanwhile, and the store has to hash the whole for itself. Throws `CaptureFailed`.
 */
export async function captureDisk(params: CaptureParams, run: Run, trust: Trust): Promise<CaptureResult> {
  const given = params as unknown as Readonly<Record<string, unknown>>;
  const url = textOf(given, 'upload_url').replace(/\/$/, '');
  const size = numberOf(given, 'block_bytes', BLOCK_BYTES);
  const packing = params.compression ?? 'zstd';
  if (!Object.hasOwn(packers, packing)) throw errors.BadParameters("'compression' must be zstd, gzip or none");
  const believed = params.upload_ca === undefined ? trust : { ...trust, ca: params.upload_ca };
  const node = isObject(params.node) ? params.node : null;
  const disk = await targetDisk(run, params.device, hintsOf(node));
  const known = new Set<string>();
  if (params.parent_manifest_url !== undefined) {
    const parent = await fetchManifest(params.parent_manifest_url, run, believed);
    for (const hash of parent.blocks) if (hash !== null) known.add(hash);
  }
  const upload = new Upload(url, packing, believed, run);
  const device = await run.machine.open(disk.name, 'read');
  const blocks: (string | null)[] = [];
  const pending: Hashing[] = [];
  const send = async () => {
    const fresh: Block[] = [];
    for (const { index, bytes, hash: hashing } of pending.splice(0)) {
      const hash = Buffer.from(await hashing).toString('hex');
      blocks[index] = hash;
      if (known.has(hash)) continue;
      known.add(hash);
      fresh.push({ hash, bytes });
    }
    await upload.send(fresh);
  };
  try {
    for (let at = 0; at < device.size; at += size) {
      run.signal.throwIfAborted();
      const bytes = Buffer.allocUnsafe(Math.min(size, device.size - at));
      await device.read(bytes, at);
      const index = blocks.push(null) - 1;
      if (!isZero(bytes)) pending.push({ index, bytes, hash: webcrypto.subtle.digest('SHA-256', bytes) });
      if (pending.length === BATCH) await send();
      run.progress({ phase: 'capture', what: disk.name, bytes: at + bytes.length, total: device.size });
    }
    await send();
  } finally {
    await device.close();
  }
  const manifest: BlockManifest = { version: 1, virtual_bytes: device.size, block_bytes: size, blocks };
  await upload.finish(manifest);
  return {
    device: disk.name,
    virtual_bytes: device.size,
    blocks: blocks.length,
    zero_blocks: blocks.filter((hash) => hash === null).length,
    sent_blocks: upload.blocks,
    sent_bytes: upload.bytes,
  };
}

/** The receiver of a capture. */
class Upload {
  blocks = 0;
  bytes = 0;
  readonly #url: string;
  readonly #packing: keyof typeof packers;
  readonly #trust: Trust;
  readonly #run: Run;

  constructor(url: string, packing: keyof typeof packers, trust: Trust, run: Run) {
    this.#url = url;
    this.#packing = packing;
    this.#trust = trust;
    this.#run = run;
  }

  /** Sends those of the blocks that the store lacks. */
  async send(blocks: readonly Block[]): Promise<void> {
    if (blocks.length === 0) return;
    const missing = new Set(await this.#missing(blocks.map((block) => block.hash)));
    await Promise.all(blocks.filter((block) => missing.has(block.hash)).map((block) => this.#put(block)));
  }

  /** The manifest makes the capture whole. */
  async finish(manifest: BlockManifest): Promise<void> {
    const body = Buffer.from(JSON.stringify(manifest));
    await this.#tried('the manifest', () => this.#request('/manifest', body, { 'content-type': 'application/json' }));
  }

  async #missing(hashes: readonly string[]): Promise<readonly string[]> {
    return await this.#tried('the list of blocks', async () => {
      const answer = await askJson({
        method: 'POST',
        url: `${this.#url}/missing`,
        json: { hashes },
        trust: this.#trust,
        totalMs: 60_000,
        clock: this.#run.clock,
      });
      const list = isObject(answer.body) ? answer.body['missing'] : undefined;
      if (answer.status !== 200 || !Array.isArray(list))
        throw errors.RequestFailed('missing', `status ${answer.status}`, { details: { status: answer.status } });
      return list.map(String);
    });
  }

  async #put(block: Block): Promise<void> {
    const packed = await packers[this.#packing](block.bytes);
    const smaller = packed.length < block.bytes.length;
    const body = smaller ? packed : block.bytes;
    const coded = smaller && this.#packing !== 'none' ? { 'content-encoding': this.#packing } : {};
    const headers = { 'content-type': 'application/octet-stream', ...coded };
    await this.#tried(`block ${block.hash}`, () => this.#request(`/blocks/${block.hash}`, body, headers));
    this.blocks++;
    this.bytes += body.length;
  }

  async #request(path: string, body: Buffer, headers: Record<string, string>): Promise<void> {
    const answer = await send({
      method: 'PUT',
      url: `${this.#url}${path}`,
      headers,
      body,
      trust: this.#trust,
      idleMs: 120_000,
      signal: this.#run.signal,
    });
    await readAll(answer, 1024 * 1024);
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw errors.RequestFailed(path, `status ${status}`, { details: { status } });
  }

  async #tried<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#run;
    const patience = new Patience(clock, TRIES);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        await patience.after(error, signal).catch((last: unknown) => {
          signal.throwIfAborted();
          throw errors.CaptureFailed(`${what}: ${messageOf(last)}`, { cause: last });
        });
      }
    }
  }
}
