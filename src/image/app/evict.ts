import { readdir, statfs, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import { cacheContents, forgetContent } from '../store/cache-rows.ts';

/** Bytes of the file system that stay free. */
const SPARE_BYTES = 512 * 1024 ** 2;
/** Files of builds that ended without cleaning up are older than any build may take. */
const STALE_MS = 24 * 3_600_000;

/**
 * Makes room for `needed` bytes: throws away what was used longest ago until the cache is within its limit. Never what
 * a machine may still fetch, nor `keep`. Throws `ImageNoSpace` when the disk would be full.
 */
export async function makeRoom(room: ImageRoom, needed: number, keep?: string): Promise<void> {
  const { store, files, config, log } = room;
  const contents = await cacheContents(store, config.host);
  let total = contents.reduce((sum, one) => sum + one.disk_bytes, 0) + needed;
  const free = async () => {
    const { bavail, bsize } = await statfs(files.cacheFolder);
    return bavail * bsize - SPARE_BYTES;
  };
  for (const { content_id: id, disk_bytes: bytes, in_use: used } of contents) {
    if (total <= config.cacheBytes && needed <= (await free())) break;
    if (used || id === keep) continue;
    // The row first: who looks at it then finds no image rather than an image without its file.
    await forgetContent(store, config.host, id);
    await files.remove(files.manifest(id), files.raw(id));
    total -= bytes;
    log.info({ content: id, bytes }, 'image thrown out of the cache');
  }
  if (needed > 0 && needed > (await free())) throw errors.ImageNoSpace(needed, Math.max(0, await free()));
}

/** Removes what an earlier process left half-made. */
export async function sweepIncoming(room: ImageRoom): Promise<void> {
  const { files, clock } = room;
  for (const name of await readdir(files.incomingFolder)) {
    const file = join(files.incomingFolder, name);
    const facts = await stat(file).catch(() => undefined);
    if (facts !== undefined && clock.now() - facts.mtimeMs > STALE_MS) await files.remove(file);
  }
}
