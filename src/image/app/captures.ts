import { access } from 'node:fs/promises';
import { type BlockManifest, blockLength } from '#agent-api/manifest';
import { messageOf } from '#kernel/errors';
import type { CaptureNotes } from '#contracts/image';
import { StreamHash } from '../cache/stream-hash.ts';
import { errors } from '../errors.ts';
import { FAILED_CAPTURE } from '../model/image-view.ts';
import type { ImageRow } from '../model/image.ts';
import type { ImageRoom } from '../room.ts';
import { Turns } from '../serve/turns.ts';
import { findImage, updateImage } from '../store/images.ts';
import { readBlock } from './captured-source.ts';

/** Captures that are hashed at a time: each keeps a processor busy. */
const AT_ONCE = 2;
/** Milliseconds between two signs of life; without one for `DEAD` another process goes on. */
const BEAT_MS = 15_000;
const DEAD = '1 minute';
const DAY_MS = 24 * 3_600_000;

/**
 * Makes images of captures whose blocks are all there: the whole is hashed, which takes minutes for a large disk, while
 * the machine runs its instance again. One that another process left is taken over where its blocks lie.
 */
export class Captures {
  readonly #room: ImageRoom;
  readonly #notes: CaptureNotes | null;
  readonly #stop = new AbortController();
  readonly #turns: Turns;
  readonly #running = new Map<string, Promise<void>>();

  constructor(room: ImageRoom, notes: CaptureNotes | null) {
    this.#room = room;
    this.#notes = notes;
    this.#turns = new Turns(AT_ONCE, room.clock, 20 * DAY_MS);
  }

  /** Begins, unless it has. What has become of it stands with the image, and is told to `CaptureNotes`. */
  finish(imageId: string): void {
    if (this.#running.has(imageId) || this.#stop.signal.aborted) return;
    const work = this.#finish(imageId)
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#room.log.warn({ err: error, image: imageId }, 'a captured disk is not an image yet; it is tried again');
      })
      .finally(() => this.#running.delete(imageId));
    this.#running.set(imageId, work);
  }

  /** Goes on with those of processes that are gone, and says that this one is not. */
  async sweep(): Promise<void> {
    const { store, files } = this.#room;
    const left = await store.query<{ id: string }>({
      name: 'image.captures-left',
      text: `select id from images where status = 'saving' and stored = 'blocks'
             and updated_at < now() - interval '${DEAD}' limit 100`,
    });
    for (const { id } of left) {
      const here = await access(files.captured(id)).then(
        () => true,
        () => false,
      );
      if (here) this.finish(id);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the service stops'));
    await Promise.allSettled(this.#running.values());
  }

  async #finish(imageId: string): Promise<void> {
    const { store, clock } = this.#room;
    const { signal } = this.#stop;
    const beat = () => void updateImage(store, imageId, {}, ['saving']).catch(() => {}); // the next one tells
    const stopBeat = clock.every(BEAT_MS, beat);
    let leave: (() => void) | undefined;
    try {
      leave = await this.#turns.take(signal);
      const image = await findImage(store, imageId);
      if (image?.status !== 'saving' || image.stored !== 'blocks') return;
      const hash = await this.#hash(imageId).catch((error: unknown) => {
        signal.throwIfAborted();
        return { error: messageOf(error) };
      });
      await this.#say(image, hash);
    } finally {
      leave?.();
      stopBeat();
    }
  }

  /** The image and the machine's history say the same, in one transaction; an image deleted meanwhile says nothing. */
  async #say(image: ImageRow, outcome: { sha256: string } | { error: string }): Promise<void> {
    const { store, files } = this.#room;
    const failed = 'error' in outcome ? outcome.error : null;
    const change =
      'error' in outcome
        ? {
            status: 'killed' as const,
            stored: null,
            properties: { ...image.properties, [FAILED_CAPTURE]: outcome.error.slice(0, 1000) },
          }
        : { status: 'active' as const, os_hash_algo: 'sha256', os_hash_value: outcome.sha256 };
    await store.tx(async (tx) => {
      const changed = await updateImage(tx, image.id, change, ['saving']);
      if (changed === undefined || image.node_uuid === null) return;
      await this.#notes?.captured(tx, { nodeUuid: image.node_uuid, imageId: image.id, error: failed });
    });
    // Its blocks belong to nobody any more.
    if (failed !== null) await files.remove(files.captured(image.id));
  }

  /**
   * Of the whole disk, which may be terabytes: read once, hashed once, by a thread of its own. So there is no MD5 of a
   * captured disk; clients check the hash they are told the name of. What the cache holds is named by it, for all
   * projects, so the machine's own word is compared with it and never taken for it.
   */
  async #hash(imageId: string): Promise<{ sha256: string }> {
    const { files } = this.#room;
    const manifest = await files.readManifest(files.captured(imageId));
    const sha256 = await this.#sha256(manifest);
    if (manifest.sha256 !== undefined && manifest.sha256 !== sha256)
      throw errors.ImageChecksum('sha256', manifest.sha256, sha256);
    return { sha256 };
  }

  async #sha256(manifest: BlockManifest): Promise<string> {
    const hash = new StreamHash('sha256');
    try {
      for (const [index, block] of manifest.blocks.entries()) {
        this.#stop.signal.throwIfAborted();
        const length = blockLength(manifest, index);
        if (block === null) await hash.zeroes(length);
        else await hash.update(await readBlock(this.#room, block, length));
      }
      return await hash.digest();
    } finally {
      await hash.close();
    }
  }
}
