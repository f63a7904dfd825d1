import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlockManifest, blockLength } from '#agent-api/manifest';
import { newUuid } from '#kernel/ids';
import type { ImageService } from '#contracts/image';
import { StreamHash } from '../cache/stream-hash.ts';
import { errors } from '../errors.ts';
import { IMAGE_DATA } from '../model/addresses.ts';
import type { ImageRoom } from '../room.ts';
import { deleteImage, findImage, findVisible, insertImage, updateImage } from '../store/images.ts';
import { issueTicket, revokeTickets } from '../store/tickets.ts';
import { readBlock } from './captured-source.ts';

const DAY_MS = 24 * 3_600_000;

/** Makes the place a machine sends its disk to. */
export async function beginCapture(
  room: ImageRoom,
  request: Parameters<ImageService['beginCapture']>[0],
): ReturnType<ImageService['beginCapture']> {
  const { store, config, random } = room;
  const { nodeUuid, projectId, name, parentId } = request;
  if (parentId !== undefined) {
    const parent = await findVisible(store, parentId, projectId);
    if (parent?.stored !== 'blocks' || parent.status !== 'active')
      throw errors.ImageAbsent(`${parentId} that was captured before`);
  }
  const id = newUuid();
  await insertImage(store, {
    id,
    name,
    status: 'saving',
    visibility: 'private',
    owner: projectId,
    disk_format: 'raw',
    container_format: 'bare',
    node_uuid: nodeUuid,
    ...(parentId === undefined ? {} : { parent_id: parentId }),
  });
  const ticket = { kind: 'capture', node_uuid: nodeUuid, content_id: null, image_id: id } as const;
  const { nonce } = await issueTicket(store, random, { ...ticket, host: config.host, lifetimeMs: config.ticketMs });
  const uploadUrl = `${config.serveUrl()}${IMAGE_DATA}/${nonce}`;
  return { imageId: id, uploadUrl, manifestUrl: parentId === undefined ? null : `${uploadUrl}/parent` };
}

/** Closes a capture; a whole one becomes an image. Repeating it changes nothing. */
export async function endCapture(
  room: ImageRoom,
  imageId: string,
  outcome: 'done' | 'failed',
  signal: AbortSignal = AbortSignal.timeout(DAY_MS),
): Promise<void> {
  const { store, files } = room;
  const image = await findImage(store, imageId);
  if (image === undefined) {
    if (outcome === 'failed') return;
    throw errors.ImageCaptureUnknown(imageId);
  }
  if (image.status === 'active') return;
  await revokeTickets(store, imageId);
  if (outcome === 'failed') {
    await deleteImage(store, imageId);
    await files.remove(files.captured(imageId));
    return;
  }
  const manifest = await files.readManifest(files.captured(imageId)).catch((error: unknown) => {
    throw errors.ImageConflict('The machine did not send all of its disk', { cause: error });
  });
  const sha256 = await sha256Of(room, manifest, signal);
  if (manifest.sha256 !== undefined && manifest.sha256 !== sha256)
    throw errors.ImageChecksum('sha256', manifest.sha256, sha256);
  const size = String(manifest.virtual_bytes);
  await updateImage(store, imageId, {
    status: 'active',
    stored: 'blocks',
    size,
    virtual_size: size,
    os_hash_algo: 'sha256',
    os_hash_value: sha256,
  });
}

/**
 * Of the whole disk, which may be terabytes: read once, hashed once, by a thread of its own. So there is no MD5 of a
 * captured disk; clients check the hash they are told the name of. What the cache holds is named by it, for all
 * projects, so the machine's own word is compared with it and never taken for it.
 */
async function sha256Of(room: ImageRoom, manifest: BlockManifest, signal: AbortSignal): Promise<string> {
  const hash = new StreamHash('sha256');
  try {
    for (const [index, block] of manifest.blocks.entries()) {
      signal.throwIfAborted();
      const length = blockLength(manifest, index);
      if (block === null) await hash.zeroes(length);
      else await hash.update(await readBlock(room, block, length));
    }
    return await hash.digest();
  } finally {
    await hash.close();
  }
}

/** Removes blocks of no capture, once they are a day old: a running one may have been told that they are there. */
export async function sweepBlocks(room: ImageRoom): Promise<number> {
  const { files, clock } = room;
  const used = new Set<string>();
  for (const name of await readdir(files.manifestFolder)) {
    if (!name.endsWith('.json')) continue;
    for (const hash of (await files.readManifest(join(files.manifestFolder, name))).blocks)
      if (hash !== null) used.add(hash);
  }
  let removed = 0;
  for (const folder of await readdir(files.blockFolder)) {
    for (const name of await readdir(join(files.blockFolder, folder))) {
      const file = join(files.blockFolder, folder, name);
      if (used.has(name.replace(/\.zst$/, ''))) continue;
      const facts = await stat(file).catch(() => undefined);
      if (facts === undefined || clock.now() - facts.mtimeMs < DAY_MS) continue;
      await files.remove(file);
      removed += 1;
    }
  }
  return removed;
}
