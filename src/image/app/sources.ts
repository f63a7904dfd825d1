import { fileURLToPath } from 'node:url';
import type { ImageRequest } from '#contracts/image';
import { glanceImage } from '../drivers/glance-source.ts';
import { httpSource } from '../drivers/http-source.ts';
import { fileSource, ownFile } from '../drivers/file-source.ts';
import type { ImageSource } from '../drivers/contract.ts';
import { errors } from '../errors.ts';
import { type Checksum, checksumOf, fromChecksumFile } from '../model/checksum.ts';
import type { ImageRoom } from '../room.ts';
import { findVisible } from '../store/images.ts';
import { isServable, type StoredBlocks } from '../cache/from-blocks.ts';
import { capturedSource, readBlock } from './captured-source.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where the bytes are, and what is known of them beforehand. */
export interface Resolved {
  source: ImageSource;
  checksum: Checksum | undefined;
  diskFormat: 'raw' | 'qcow2' | 'iso' | undefined;
  /** It is stored here as blocks that can be served as they are, and they are what the checksum says. */
  blocks?: StoredBlocks;
}

/** Finds what a tenant named. Throws for names that lead nowhere or where nobody may go. */
export async function resolveSource(room: ImageRoom, request: ImageRequest, signal: AbortSignal): Promise<Resolved> {
  const named = request.source.trim();
  const id = /^glance:\/\/([^/]+)$/i.exec(named)?.[1] ?? named;
  if (UUID.test(id)) return ofImage(room, id.toLowerCase(), request, signal);
  if (!URL.canParse(named)) throw errors.ImageSourceUnknown('The text');
  const url = new URL(named);
  let source: ImageSource;
  if (url.protocol === 'http:' || url.protocol === 'https:') source = httpSource(named, { outbound: room.outbound });
  else if (url.protocol === 'file:') source = await fileSource(pathOf(url), room.config.fileFolders);
  else throw errors.ImageSourceUnknown(`A URL of the scheme ${url.protocol.replace(':', '')}`);
  const checksum =
    request.checksum === undefined ? undefined : await readChecksum(room, request.checksum, source.fileName, signal);
  const declared = request.diskFormat;
  return { source, checksum, diskFormat: declared === 'auto' ? undefined : declared };
}

/** `%2f` and other tricks are no paths: fileURLToPath refuses them. */
function pathOf(url: URL): string {
  if (url.host !== '') throw errors.ImageFileRefused('file URLs name no host');
  try {
    return fileURLToPath(url);
  } catch {
    throw errors.ImageFileRefused('its path is not one');
  }
}

async function readChecksum(room: ImageRoom, text: string, fileName: string, signal: AbortSignal): Promise<Checksum> {
  const plain = checksumOf(text);
  if (plain !== undefined) return plain;
  const reply = await room.outbound.send(text, { signal });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of reply.body) {
    size += (part as Buffer).length;
    parts.push(part as Buffer);
    if (size > 1024 * 1024) break;
  }
  reply.body.destroy();
  if (reply.status !== 200) throw errors.ImageChecksumUnknown(`its URL answered ${reply.status}`);
  return fromChecksumFile(Buffer.concat(parts).toString('utf8'), fileName);
}

async function ofImage(room: ImageRoom, id: string, request: ImageRequest, signal: AbortSignal): Promise<Resolved> {
  const { glance } = room.config;
  if (glance !== null) {
    const image = await glanceImage(glance, room.glanceOutbound, id, request.projectId, signal);
    return request.checksum === undefined ? image : { ...image, checksum: checksumOf(request.checksum) };
  }
  const row = await findVisible(room.store, id, request.projectId);
  if (row === undefined) throw errors.ImageAbsent(id);
  if (row.status !== 'active' || row.stored === null) throw errors.ImageNotActive(id, row.status);
  const declared = request.checksum === undefined ? undefined : checksumOf(request.checksum);
  const hash = row.os_hash_value;
  const known = hash === null ? undefined : checksumOf(`${row.os_hash_algo ?? 'sha512'}:${hash}`);
  const checksum = declared ?? known;
  const format = row.disk_format;
  const diskFormat = format === 'raw' || format === 'qcow2' || format === 'iso' ? format : undefined;
  if (row.stored !== 'blocks') return { source: ownFile(room.files.stored(id), `image ${id}`), checksum, diskFormat };
  const source = capturedSource(room, row);
  const isSame = known?.algorithm === 'sha256' && checksum?.algorithm === 'sha256' && checksum.hex === known.hex;
  if (!isSame || diskFormat !== 'raw') return { source, checksum, diskFormat };
  const blocks = await storedBlocks(room, id, known.hex);
  return { source, checksum, diskFormat, ...(isServable(blocks) ? { blocks } : {}) };
}

async function storedBlocks(room: ImageRoom, id: string, sha256: string): Promise<StoredBlocks> {
  const manifest = { ...(await room.files.readManifest(room.files.captured(id))), sha256 };
  return { manifest, read: (hash, length) => readBlock(room, hash, length) };
}
