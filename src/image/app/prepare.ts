import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { manifestDigest } from '#agent-api/manifest';
import type { ImageProgress, ImageRequest, PreparedImage } from '#contracts/image';
import { newUuid } from '#kernel/ids';
import { fetchBytes } from '../cache/fetch.ts';
import { Flights } from '../cache/flights.ts';
import { fromBlocks } from '../cache/from-blocks.ts';
import { ingest } from '../cache/ingest.ts';
import { LruMap } from '../cache/lru-map.ts';
import { errors } from '../errors.ts';
import { RULES_VERSION } from '../model/limits.ts';
import { IMAGE_DATA } from '../model/addresses.ts';
import type { ImageRoom } from '../room.ts';
import { beatCache, type CachedRow, claimCache, dropCache, findCached, finishCache } from '../store/cache-rows.ts';
import { issueTicket } from '../store/tickets.ts';
import { makeRoom } from './evict.ts';
import { type Resolved, resolveSource } from './sources.ts';

const BEAT_MS = 8000;
const LOOK_MS = 500;

type ProgressAt = Parameters<ImageProgress>[0];

/** Fetches, judges and converts images into this host's cache, each once. */
export class Preparer {
  readonly #room: ImageRoom;
  readonly #flights = new Flights<CachedRow, ProgressAt>();
  readonly #digests = new LruMap<string, string>(256);

  constructor(room: ImageRoom) {
    this.#room = room;
  }

  async prepare(
    request: ImageRequest,
    options: { nodeUuid: string; signal: AbortSignal; onProgress?: ImageProgress },
  ): Promise<PreparedImage> {
    const { config, store, random } = this.#room;
    const cached = await this.cached(request, options.signal, options.onProgress);
    const ticket = {
      kind: 'fetch',
      node_uuid: options.nodeUuid,
      content_id: cached.content_id,
      image_id: null,
    } as const;
    const lifetimeMs = config.ticketMs;
    const { nonce, expiresAt } = await issueTicket(store, random, { ...ticket, host: config.host, lifetimeMs });
    const base = `${config.serveUrl()}${IMAGE_DATA}/${nonce}`;
    return {
      id: cached.content_id,
      urls: [`${base}/raw`],
      expiresAt,
      virtualBytes: Number(cached.virtual_bytes),
      hash: { algorithm: 'sha256', hex: cached.raw_sha256 },
      manifestUrl: `${base}/manifest`,
      manifestSha256: await this.#digestOf(cached.content_id),
    };
  }

  async #digestOf(contentId: string): Promise<string> {
    const { files } = this.#room;
    const known = this.#digests.get(contentId);
    if (known !== undefined) return known;
    const digest = manifestDigest(await files.readManifest(files.manifest(contentId)));
    this.#digests.set(contentId, digest);
    return digest;
  }

  /** Brings the image into the cache. */
  async cached(request: ImageRequest, signal: AbortSignal, onProgress?: ImageProgress): Promise<CachedRow> {
    const resolved = await resolveSource(this.#room, request, signal);
    const facts = await resolved.source.stat(signal);
    const { config, random } = this.#room;
    // Without anything that changes with the bytes, nothing is known to be the same.
    const same = facts.validator ?? random.bytes(16).toString('hex');
    const about = [
      RULES_VERSION,
      request.source,
      same,
      facts.bytes,
      resolved.checksum ?? null,
      resolved.diskFormat ?? null,
      config.limits,
    ];
    const key = createHash('sha256').update(JSON.stringify(about)).digest('hex');
    return this.#flights.join(key, signal, onProgress, (stop, tell) =>
      this.#make(key, resolved, facts.bytes, stop, tell),
    );
  }

  async #make(
    key: string,
    resolved: Resolved,
    bytes: number | null,
    signal: AbortSignal,
    tell: ImageProgress,
  ): Promise<CachedRow> {
    const { store, clock, files, config } = this.#room;
    const { host } = config;
    const owner = newUuid();
    for (;;) {
      const found = await findCached(store, host, key);
      if (found !== undefined) {
        if ((await files.diskBytes(files.manifest(found.content_id))) > 0) return found;
        await dropCache(store, host, key);
      }
      if (await claimCache(store, { host, key, owner })) break;
      await clock.sleep(LOOK_MS, signal);
    }
    const lost = new AbortController();
    const beat = clock.every(BEAT_MS, () => {
      beatCache(store, { host, key, owner }).then(
        (held) => {
          if (!held) lost.abort(new Error('another process makes this image now'));
        },
        () => {}, // the database was away: the next beat tells
      );
    });
    try {
      return await this.#fill({ host, key, owner }, resolved, bytes, AbortSignal.any([signal, lost.signal]), tell);
    } catch (error) {
      if (!lost.signal.aborted) await dropCache(store, host, key).catch(() => {});
      throw error;
    } finally {
      beat();
    }
  }

  async #fill(
    claim: { host: string; key: string; owner: string },
    resolved: Resolved,
    bytes: number | null,
    signal: AbortSignal,
    onProgress: ImageProgress,
  ): Promise<CachedRow> {
    const { store, files, config, clock, log } = this.#room;
    if ((bytes ?? 0) > config.limits.maxSourceBytes)
      throw errors.ImageTooLarge('its file', config.limits.maxSourceBytes);
    await makeRoom(this.#room, bytes ?? 0);
    const name = newUuid();
    const [raw, packed] = [files.incoming(`${name}-raw`), files.incoming(`${name}-packed`)];
    const limits = { clock, maxBytes: config.limits.maxSourceBytes, retries: 6, stallMs: config.stallMs };
    try {
      const how = { raw, limits: config.limits, signal, onProgress };
      const made =
        resolved.blocks !== undefined
          ? await fromBlocks(resolved.blocks, how)
          : await ingest(fetchBytes(resolved.source, limits, signal), {
              ...how,
              packed,
              checksum: resolved.checksum,
              diskFormat: resolved.diskFormat,
              sourceBytes: bytes,
              convertTimeoutMs: config.convertTimeoutMs,
            });
      const { sha256: contentId, virtual_bytes: virtualBytes } = made.manifest;
      await rename(raw, files.raw(contentId));
      await files.writeWhole(files.manifest(contentId), JSON.stringify(made.manifest));
      const diskBytes = await files.diskBytes(files.raw(contentId));
      const { compression, judged, sourceBytes } = made;
      const facts = {
        contentId,
        format: judged.format,
        compression,
        sourceBytes,
        virtualBytes,
        sha256: contentId,
        diskBytes,
      };
      await finishCache(store, claim, facts);
      await makeRoom(this.#room, 0, contentId);
      log.info(
        { image: resolved.source.name, content: contentId, bytes: sourceBytes, virtualBytes },
        'image is ready for machines',
      );
      return {
        content_id: contentId,
        format: judged.format,
        compression,
        source_bytes: String(sourceBytes),
        virtual_bytes: String(virtualBytes),
        raw_sha256: contentId,
        disk_bytes: String(diskBytes),
      };
    } finally {
      await rm(raw, { force: true });
      await rm(packed, { force: true });
    }
  }
}
