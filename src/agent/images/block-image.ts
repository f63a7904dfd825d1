import { webcrypto } from 'node:crypto';
import { type BlockManifest, blockLength, blockUrl, sourceOf } from '#agent-api/manifest';
import { bitsToText, emptyBits, hasBit, type PeerAnnouncement, setBit } from '#agent-api/swarm';
import type { ImageInfo } from '#agent-api/image-info';
import { IngotError, messageOf } from '#kernel/errors';
import type { Run } from '../commands/command.ts';
import { errors } from '../errors.ts';
import { Patience } from '../http/patience.ts';
import { readInto, send, type Trust } from '../http/request.ts';
import type { BlockDevice } from '../machine/contract.ts';
import { BlockHasher } from './block-hasher.ts';
import { checkFormat, HEAD } from './formats.ts';
import { MissingBlocks } from './missing-blocks.ts';
import { Peers } from './peers.ts';
import type { SharedBlocks } from './shared-blocks.ts';
import type { Streamed } from './stream-image.ts';
import { WriteBehind } from './write-behind.ts';
import { eraseEnds, zeroRange } from './writer.ts';

export interface BlockImageOptions {
  info: ImageInfo;
  run: Run;
  trust: Trust;
  /** Where other machines get blocks from this one; null: it does not give any. */
  peer: { url: string; verifyCa: string } | null;
  shared: SharedBlocks;
}

/** A block to be had, and where it goes in memory. */
interface Wanted {
  block: number;
  hash: string;
  buffer: Buffer;
}

/** Blocks on their way at a time. */
const WORKERS = 6;
/** Without a block for so long, grants are not waited for: by a machine that cannot reach others, and by any. */
const ALONE_MS = 5000;
const PATIENCE_MS = 60_000;
/** Blocks of the source on their way to one machine: more of them at once come no sooner, and whole ones can be shared. */
const SOURCING = 2;
const WANTED = 64;
const SOURCE_TRIES = 5;
/** A machine that is done gives blocks for another quarter of an hour. */
const LINGER_MS = 5000;
const LINGER_TIMES = 180;

/**
 * Writes an image by its manifest: zeroes by the device's own command, blocks from other machines or the source in
 * any order, each checked before it is written, and the whole at the end unless the manifest is vouched for. Block 0 is
 * written last: a disk that is not whole does not start.
 */
export class BlockImage {
  readonly #options: BlockImageOptions;
  readonly #manifest: BlockManifest;
  readonly #device: BlockDevice;
  readonly #behind: WriteBehind;
  readonly #peers: Peers;
  readonly #have: Uint8Array;
  readonly #hasher: BlockHasher | null;
  readonly #kept = new Map<number, Buffer>();
  readonly #secret: string;
  readonly #missing: MissingBlocks;
  #granted: Set<number> | null = null;
  #sourcing = 0;
  #peerFailedAt = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #zeroBytes = 0;
  #peerBytes = 0;
  #lastBlock: number;

  constructor(options: BlockImageOptions, manifest: BlockManifest, device: BlockDevice) {
    const { run, trust, info } = options;
    this.#options = options;
    this.#manifest = manifest;
    this.#device = device;
    this.#behind = new WriteBehind(device);
    this.#have = emptyBits(manifest.blocks.length);
    this.#missing = new MissingBlocks(
      manifest.blocks.flatMap((hash, i) => (hash === null ? [] : i)),
      () => run.random.next(),
    );
    this.#secret = run.random.bytes(24).toString('base64url');
    this.#peers = new Peers({
      manifestUrl: info.manifest_url ?? '',
      trust,
      clock: run.clock,
      blocks: manifest.blocks.length,
    });
    // A manifest that is the conductor's own vouches for the whole with each of its blocks.
    const whole = info.manifest_sha256 === undefined ? (info.raw_sha256 ?? manifest.sha256) : undefined;
    this.#hasher = whole === undefined ? null : new BlockHasher(manifest, device, whole);
    this.#lastBlock = run.clock.monotonic();
  }

  /** Are blocks of it given to other machines? */
  get sharing(): boolean {
    return this.#options.shared.gives(this.#secret);
  }

  /** Writes all of it. Throws when a block cannot be had anywhere, or the whole has another hash. */
  async write(): Promise<Streamed & { peer_bytes: number }> {
    const { run } = this.#options;
    const manifest = this.#manifest;
    if (manifest.virtual_bytes > this.#device.size) {
      throw errors.DeviceTooSmall(this.#device.path, this.#device.size, manifest.virtual_bytes);
    }
    await eraseEnds(this.#device);
    const shares = this.#options.peer !== null && this.#options.info.share_blocks !== false;
    if (shares) this.#share();
    // Nothing is taken from the source before the keeper was asked: a rack that starts at once would take it all there.
    if (shares) this.#granted = new Set();
    const ended = new AbortController();
    const stop = AbortSignal.any([run.signal, ended.signal]);
    const keeper = shares ? this.#keepAnnouncing(stop) : Promise.resolve();
    try {
      const work = Array.from({ length: WORKERS }, () => this.#work(stop));
      await Promise.all([this.#zeroes(), ...work]);
    } catch (error) {
      this.#options.shared.remove(this.#secret);
      throw error;
    } finally {
      ended.abort(new Error('all blocks are there'));
      await keeper;
    }
    // Without a hasher: known by the blocks, or asked for by nobody.
    const sha256 = this.#hasher === null ? (this.#options.info.raw_sha256 ?? null) : await this.#hasher.end(this.#kept);
    await this.#behind.settle();
    const first = this.#kept.get(0);
    if (first !== undefined) await this.#device.write(first, 0);
    await this.#device.sync();
    this.#told();
    if (shares) void this.#linger();
    return {
      bytes: manifest.virtual_bytes,
      zero_bytes: this.#zeroBytes,
      peer_bytes: this.#peerBytes,
      sha256,
    };
  }

  #share(): void {
    this.#options.shared.add({
      secret: this.#secret,
      manifest: this.#manifest,
      has: (index) => hasBit(this.#have, index),
      device: this.#device,
      kept: this.#kept,
    });
  }

  async #zeroes(): Promise<void> {
    const { blocks, block_bytes } = this.#manifest;
    for (let i = 0; i < blocks.length; ) {
      if (blocks[i] !== null) {
        i++;
        continue;
      }
      let end = i;
      // In pieces: progress is told, and blocks get their turn.
      while (end < blocks.length && blocks[end] === null && end - i < 256) end++;
      const length = (end - i - 1) * block_bytes + blockLength(this.#manifest, end - 1);
      await zeroRange(this.#device, i * block_bytes, length);
      for (; i < end; i++) {
        setBit(this.#have, i);
        await this.#hasher?.reached(i, null);
      }
      this.#bytes += length;
      this.#zeroBytes += length;
      this.#told();
    }
  }

  async #work(stop: AbortSignal): Promise<void> {
    const { clock } = this.#options.run;
    const buffer = Buffer.allocUnsafeSlow(this.#manifest.block_bytes);
    for (;;) {
      stop.throwIfAborted();
      const block = this.#choose();
      if (block === undefined) {
        if (this.#missing.left === 0) return;
        await clock.sleep(50, stop);
        continue;
      }
      if (await this.#fetch(block, buffer, stop)) this.#missing.had();
      else this.#missing.back(block);
    }
  }

  /**
   * Takes what was granted, few at a time: the others wait for it; then what another machine has; after a while without
   * a block, anything.
   */
  #choose(): number | undefined {
    const granted = this.#granted;
    const impatient = granted === null || this.#impatient();
    const mine = granted !== null && (impatient || this.#sourcing < SOURCING) ? granted : [];
    return (
      this.#missing.oneOf(mine) ??
      this.#missing.heard((block) => this.#peers.listed(block)) ??
      (impatient ? this.#missing.any() : undefined)
    );
  }

  /** False when it could not be had for now. */
  async #fetch(block: number, buffer: Buffer, stop: AbortSignal): Promise<boolean> {
    const hash = this.#manifest.blocks[block] ?? '';
    const granted = this.#granted?.has(block) === true;
    if (granted) this.#sourcing++;
    const bytes = await this.#bytesOf({ block, hash, buffer }, granted, stop).finally(() => {
      if (granted) this.#sourcing--;
    });
    if (bytes === null) return false;
    if (block === 0) {
      checkFormat(bytes.subarray(0, HEAD), 'raw', ['raw']);
      this.#kept.set(0, Buffer.from(bytes));
    } else {
      await this.#device.write(bytes, block * this.#manifest.block_bytes);
      await this.#behind.wrote(bytes.length);
    }
    setBit(this.#have, block);
    this.#granted?.delete(block);
    this.#bytes += bytes.length;
    this.#lastBlock = this.#options.run.clock.monotonic();
    this.#told();
    await this.#hasher?.reached(block, bytes);
    return true;
  }

  async #bytesOf(wanted: Wanted, granted: boolean, stop: AbortSignal): Promise<Buffer | null> {
    return (granted ? null : await this.#fromPeer(wanted)) ?? (await this.#fromSource(wanted, stop));
  }

  /** A source that is slow for all must not be asked by all: that makes it slower. */
  #impatient(): boolean {
    const now = this.#options.run.clock.monotonic();
    const alone = now - this.#peerFailedAt < PATIENCE_MS;
    return now - this.#lastBlock > (alone ? ALONE_MS : PATIENCE_MS);
  }

  async #fromPeer({ block, hash, buffer }: Wanted): Promise<Buffer | null> {
    const peer = this.#peers.who(block);
    if (peer === null) return null;
    const { run } = this.#options;
    try {
      const answer = await send({
        method: 'GET',
        url: blockUrl(peer.url, hash),
        headers: { authorization: `Bearer ${peer.secret}` },
        trust: { insecure: false, only: peer.verify_ca },
        idleMs: 10_000,
        signal: run.signal,
      });
      const bytes = await readInto(buffer, answer, blockLength(this.#manifest, block));
      if (answer.statusCode !== 200) throw errors.RequestFailed('A block', `status ${answer.statusCode}`);
      if ((await digest(bytes)) !== hash) {
        run.log.warn('a machine gave a wrong block', { url: peer.url, block });
        this.#peers.lied(peer);
        return null;
      }
      this.#peerBytes += bytes.length;
      return bytes;
    } catch {
      this.#peerFailedAt = run.clock.monotonic();
      this.#peers.failed(peer);
      return null;
    } finally {
      this.#peers.done(peer);
    }
  }

  async #fromSource({ block, hash, buffer }: Wanted, stop: AbortSignal): Promise<Buffer | null> {
    const { info, run, trust } = this.#options;
    const sources = info.block_sources ?? [sourceOf(info.manifest_url ?? '')];
    // A peer that failed gave nothing: unless it may be taken from the source, it is chosen again later.
    if (this.#granted !== null && !this.#granted.has(block) && !this.#impatient()) return null;
    const patience = new Patience(run.clock, SOURCE_TRIES);
    for (let attempt = 0; ; attempt++) {
      const source = sources[attempt % sources.length] ?? '';
      try {
        const answer = await send({ method: 'GET', url: blockUrl(source, hash), trust, idleMs: 60_000, signal: stop });
        const bytes = await readInto(buffer, answer, blockLength(this.#manifest, block));
        const status = answer.statusCode ?? 0;
        if (status !== 200) throw errors.RequestFailed('A block', `status ${status}`, { details: { status } });
        const actual = await digest(bytes);
        if (actual !== hash) throw errors.ChecksumMismatch(`Block ${block}`, 'sha256', hash, actual);
        return bytes;
      } catch (error) {
        stop.throwIfAborted();
        if (error instanceof IngotError && error.code === 'ChecksumMismatch' && attempt >= 2) throw error;
        await patience.after(error, stop).catch((last: unknown) => {
          stop.throwIfAborted();
          throw errors.ImageUnavailable(`block ${block} cannot be had from ${sources.join(', ')}: ${messageOf(last)}`);
        });
      }
    }
  }

  async #keepAnnouncing(stop: AbortSignal): Promise<void> {
    const { run } = this.#options;
    while (!stop.aborted) {
      let wait = 1000;
      try {
        wait = await this.#announce(true);
      } catch (error) {
        run.log.warn('the list of machines that share the image is not there', { error: messageOf(error) });
        this.#granted = null;
        wait = 5000;
      }
      try {
        // Told soon again when all grants are used up: the others wait for what this machine has.
        for (let waited = 0; waited < wait && !(waited >= 200 && this.#granted?.size === 0); waited += 100) {
          await run.clock.sleep(100, stop);
        }
      } catch {
        return;
      }
    }
  }

  /** Goes on giving blocks to machines that are not done, until the disk is needed for something else. */
  async #linger(): Promise<void> {
    const { run, shared } = this.#options;
    try {
      for (let i = 0; i < LINGER_TIMES && shared.gives(this.#secret); i++) {
        await this.#announce(false).catch(() => 0);
        await run.clock.sleep(LINGER_MS, run.signal);
      }
    } catch {
      // The agent ends.
    }
  }

  async #announce(wants: boolean): Promise<number> {
    const { peer, run } = this.#options;
    if (peer === null) return 60_000;
    const want = wants ? this.#missing.hear(this.#peers.having(), WANTED) : [];
    const said: PeerAnnouncement = {
      node_uuid: run.node()?.uuid ?? '',
      url: peer.url,
      verify_ca: peer.verifyCa,
      secret: this.#secret,
      have: bitsToText(this.#have),
      want,
    };
    const { granted, nextMs } = await this.#peers.announce(said);
    this.#granted = granted === null ? null : new Set(granted.filter((block) => !hasBit(this.#have, block)));
    if (wants) this.#missing.hear(this.#peers.having(), 0);
    return nextMs;
  }

  #told(): void {
    this.#options.run.progress({
      phase: 'write',
      what: this.#device.path,
      bytes: this.#bytes,
      total: this.#manifest.virtual_bytes,
      peer_bytes: this.#peerBytes,
      zero_bytes: this.#zeroBytes,
    });
  }
}

/** In the pool of threads: the loop goes on taking bytes off the network. */
async function digest(bytes: Buffer): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
