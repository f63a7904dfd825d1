import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, gunzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { parseManifest } from '#agent-api/manifest';
import type { Handlers } from '#http/contract';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import { findImage } from '../store/images.ts';
import { readTicket } from '../store/tickets.ts';
import type { serveRoutes } from './routes.ts';

type CaptureHandlers = Pick<
  Handlers<typeof serveRoutes>,
  'capture.parent' | 'capture.missing' | 'capture.block' | 'capture.manifest'
>;

/** The largest block there may be. */
const BLOCK_LIMIT = 64 * 1024 * 1024;
const unpack = { zstd: promisify(zstdDecompress), gzip: promisify(gunzip) };
const pack = promisify(zstdCompress);

/** Takes disks from machines, block by block; a block that is there is not sent again. */
export function captureHandlers(room: ImageRoom): CaptureHandlers {
  const entered = async (params: Record<string, string>): Promise<string> => {
    const ticket = await readTicket(room.store, params['nonce'] ?? '');
    if (ticket === undefined || ticket.kind !== 'capture' || ticket.image_id === null)
      throw errors.ImageTicketUnknown();
    return ticket.image_id;
  };
  const isStored = (hash: string) =>
    access(room.files.block(hash)).then(
      () => true,
      () => false,
    );

  return {
    'capture.parent': async (_context, { params }) => {
      const image = await findImage(room.store, await entered(params));
      if (image?.parent_id == null) throw errors.ImageAbsent('before this one');
      return { body: await room.files.readManifest(room.files.captured(image.parent_id)) };
    },
    'capture.missing': async (_context, { params, body }) => {
      await entered(params);
      const missing: string[] = [];
      for (const hash of new Set((body as { hashes: string[] }).hashes))
        if (!(await isStored(hash))) missing.push(hash);
      return { body: { missing } };
    },
    'capture.block': async (_context, { params, body, headers }) => {
      await entered(params);
      const hash = params['hash'] ?? '';
      const sent = await bytesOf(body as Readable);
      const packing = headers['content-encoding'];
      const block = await unpackBlock(sent, typeof packing === 'string' ? packing : 'identity');
      const actual = createHash('sha256').update(block).digest('hex');
      if (actual !== hash) throw errors.ImageChecksum('sha256', hash, actual);
      if (await isStored(hash)) return { status: 200 };
      const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
      await room.files.writeWhole(room.files.block(hash), packing === 'zstd' ? sent : await pack(block, level));
      return {};
    },
    'capture.manifest': async (_context, { params, body }) => {
      const imageId = await entered(params);
      const manifest = parseManifest(parsed(await bytesOf(body as Readable)));
      const missing = new Set<string>();
      for (const hash of new Set(manifest.blocks)) if (hash !== null && !(await isStored(hash))) missing.add(hash);
      if (missing.size > 0) throw errors.ImageConflict(`${missing.size} blocks of the disk were not sent`);
      await room.files.writeWhole(room.files.captured(imageId), JSON.stringify(manifest));
      return {};
    },
  };
}

async function unpackBlock(sent: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === 'identity') return sent;
  if (encoding !== 'zstd' && encoding !== 'gzip')
    throw errors.ImageInvalid(`Blocks packed with ${encoding} are not taken`);
  return unpack[encoding](sent, { maxOutputLength: BLOCK_LIMIT }).catch(() => {
    throw errors.ImageInvalid('The block cannot be unpacked, or is larger than a block may be');
  });
}

/** A capture's body: the server bounds it, so it may be held. */
async function bytesOf(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body.iterator({ destroyOnReturn: false })) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw errors.ImageInvalid('The manifest is no JSON');
  }
}
