import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { newUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import { headOf } from '../cache/convert.ts';
import { compressionOf } from '../model/detect.ts';
import { judgeHead } from '../model/judge.ts';
import type { ImageRoom } from '../room.ts';
import type { ImageRow, ImageStatus } from '../model/image.ts';
import { updateImage } from '../store/images.ts';

/** Milliseconds between two signs of life of an upload; without one for long it counts as dead. */
const BEAT_MS = 15_000;

/**
 * Stores the bytes of an image: hashed on the way, judged before anybody may use them. `from`: the status it must have.
 * Throws `ImageConflict` when it has another, and what judging throws; the image is then as empty as before.
 */
export async function storeBytes(
  room: ImageRoom,
  row: ImageRow,
  bytes: AsyncIterable<unknown>,
  about: { from: readonly ImageStatus[]; during: ImageStatus; become: 'active' | 'staged' },
): Promise<void> {
  const { store, files, clock, config } = room;
  if (row.disk_format === null || row.container_format === null) {
    throw errors.ImageInvalid('Properties disk_format, container_format must be set prior to saving data.');
  }
  const taken = await updateImage(store, row.id, { status: about.during }, about.from);
  if (taken === undefined)
    throw errors.ImageConflict(`Image ${row.id} is not ${about.from.join(' or ')}: nothing can be sent to it`);
  const part = files.incoming(newUuid());
  const stopBeat = clock.every(BEAT_MS, () => {
    updateImage(store, row.id, {}, [about.during]).catch(() => {}); // the next one tells
  });
  try {
    const facts = await write(part, bytes, config.limits.maxSourceBytes);
    const virtual = await judge(part, taken, config.limits);
    await rename(part, files.stored(row.id));
    if (about.become === 'staged') return;
    const change = {
      status: 'active',
      stored: 'file',
      os_hash_algo: 'sha512',
      virtual_size: virtual,
      ...facts,
    } as const;
    if ((await updateImage(store, row.id, change, [about.during])) === undefined) {
      await files.remove(files.stored(row.id));
      throw errors.ImageConflict(`Image ${row.id} was deleted while it was sent`);
    }
  } catch (error) {
    await updateImage(store, row.id, { status: 'queued' }, [about.during]).catch(() => {});
    throw error;
  } finally {
    stopBeat();
    await rm(part, { force: true });
  }
}

async function write(file: string, bytes: AsyncIterable<unknown>, limit: number) {
  const [md5, sha512] = [createHash('md5'), createHash('sha512')];
  const handle = await open(file, 'wx', 0o600);
  let at = 0;
  try {
    for await (const part of bytes) {
      const piece = part as Buffer;
      if (at + piece.length > limit) throw errors.ImageTooLarge('its file', limit);
      md5.update(piece);
      sha512.update(piece);
      await handle.write(piece, 0, piece.length, at);
      at += piece.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { size: String(at), checksum: md5.digest('hex'), os_hash_value: sha512.digest('hex') };
}

/** What is in the file must be what the image says it is. Gives the size of the disk, when that can be told. */
async function judge(file: string, row: ImageRow, limits: ImageRoom['config']['limits']): Promise<string | null> {
  const format = row.disk_format;
  if (format !== 'raw' && format !== 'qcow2' && format !== 'iso') return null;
  const { head, length } = await headOf(file);
  if (length === 0) throw errors.ImageEmpty();
  if (compressionOf(head) !== 'none') return null;
  const { virtualBytes } = judgeHead(head, length, format, limits);
  return virtualBytes === null ? null : String(virtualBytes);
}

/** The judged, staged bytes become the image. */
export async function activateStaged(room: ImageRoom, row: ImageRow): Promise<void> {
  const { files, store } = room;
  const [md5, sha512] = [createHash('md5'), createHash('sha512')];
  const handle = await open(files.stored(row.id), 'r');
  try {
    for await (const part of handle.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
      md5.update(part as Buffer);
      sha512.update(part as Buffer);
    }
    const size = (await handle.stat()).size;
    const virtual = await judge(files.stored(row.id), row, room.config.limits);
    await updateImage(store, row.id, {
      status: 'active',
      stored: 'file',
      size: String(size),
      virtual_size: virtual,
      checksum: md5.digest('hex'),
      os_hash_algo: 'sha512',
      os_hash_value: sha512.digest('hex'),
    });
  } finally {
    await handle.close();
  }
}
