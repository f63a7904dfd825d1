import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { newUuid } from '#kernel/ids';
import type { ImageService } from '#contracts/image';
import { errors } from '../errors.ts';
import { IMAGE_DATA } from '../model/addresses.ts';
import type { ImageRoom } from '../room.ts';
import { deleteImage, findImage, findVisible, insertImage, updateImage } from '../store/images.ts';
import { issueTicket, revokeTickets } from '../store/tickets.ts';
import type { Captures } from './captures.ts';

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
    // One whose whole is still being hashed has all its blocks.
    if (parent?.stored !== 'blocks' || !['active', 'saving'].includes(parent.status))
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

/**
 * Closes a capture. The blocks of a whole one were checked as they came, so that the machine may go; what is left to do
 * is up to `Captures`. Repeating it changes nothing.
 */
export async function endCapture(
  room: ImageRoom,
  captures: Captures,
  imageId: string,
  outcome: 'done' | 'failed',
  signal?: AbortSignal,
): Promise<void> {
  const { store, files } = room;
  const image = await findImage(store, imageId);
  if (image === undefined) {
    if (outcome === 'failed') return;
    throw errors.ImageCaptureUnknown(imageId);
  }
  if (image.stored === null && image.status === 'saving') {
    await revokeTickets(store, imageId);
    if (outcome === 'failed') {
      await deleteImage(store, imageId);
      await files.remove(files.captured(imageId));
      return;
    }
    const manifest = await files.readManifest(files.captured(imageId)).catch((error: unknown) => {
      throw errors.ImageConflict('The machine did not send all of its disk', { cause: error });
    });
    signal?.throwIfAborted();
    const size = String(manifest.virtual_bytes);
    await updateImage(store, imageId, { stored: 'blocks', size, virtual_size: size }, ['saving']);
  }
  captures.finish(imageId);
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
