import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { blockLength, type BlockManifest } from '#agent-api/manifest';
import type { PeerAnnouncement } from '#agent-api/swarm';
import { SwarmKeeper } from '#agent-api/swarm-keeper';
import type { Handlers, Reply, RequestContext } from '#http/contract';
import { LruMap } from '../cache/lru-map.ts';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import { countTransfer, readTicket } from '../store/tickets.ts';
import { byteRange } from './range.ts';
import type { serveRoutes } from './routes.ts';
import { Turns } from './turns.ts';

type ServeHandlers = Omit<Handlers<typeof serveRoutes>, `capture.${string}`>;

const OCTETS = { 'content-type': 'application/octet-stream' };
const READ_BYTES = 1024 * 1024;

interface Served {
  contentId: string;
  nodeUuid: string;
}

/** Sends disks to machines: whole, or as blocks with their swarm. */
export function fetchHandlers(room: ImageRoom): ServeHandlers {
  const turns = new Turns(room.config.maxUploads, room.clock, 20_000);
  const manifests = new LruMap<string, { manifest: BlockManifest; at: Map<string, number>; swarm: SwarmKeeper }>(32);

  const entered = async (params: Record<string, string>): Promise<Served> => {
    const ticket = await readTicket(room.store, params['nonce'] ?? '');
    if (ticket === undefined || ticket.kind !== 'fetch' || ticket.content_id === null)
      throw errors.ImageTicketUnknown();
    return { contentId: ticket.content_id, nodeUuid: ticket.node_uuid };
  };
  const known = async (contentId: string) => {
    const found = manifests.get(contentId);
    if (found !== undefined) return found;
    const manifest = await room.files.readManifest(room.files.manifest(contentId));
    const at = new Map<string, number>();
    manifest.blocks.forEach((hash, index) => {
      if (hash !== null && !at.has(hash)) at.set(hash, index);
    });
    const made = { manifest, at, swarm: new SwarmKeeper(manifest) };
    manifests.set(contentId, made);
    return made;
  };
  const sent = (served: Served, bytes: number, blocks: number) => {
    countTransfer(room.store, served.contentId, served.nodeUuid, bytes, blocks).catch((error: unknown) =>
      room.log.warn({ err: error }, 'what a machine took could not be counted'),
    );
  };
  const send = async (
    context: RequestContext,
    served: Served,
    from: number,
    to: number,
    blocks: number,
  ): Promise<Reply> => {
    const release = await turns.take(context.signal);
    const options = { start: from, end: to, highWaterMark: READ_BYTES };
    const content = createReadStream(room.files.raw(served.contentId), options);
    return {
      content,
      headers: { ...OCTETS, 'content-length': String(to - from + 1), 'cache-control': 'no-store' },
      released() {
        release();
        sent(served, content.bytesRead, blocks);
        content.destroy();
      },
    };
  };

  return {
    'data.raw': async (context, { params, headers }) => {
      const served = await entered(params);
      const { size } = await stat(room.files.raw(served.contentId));
      const asked = byteRange(headers['range'], size);
      if (asked === 'none') return { status: 416, headers: { 'content-range': `bytes */${size}` } };
      const { from, to } = asked ?? { from: 0, to: size - 1 };
      const reply = await send(context, served, from, to, 0);
      const etag = { etag: `"${served.contentId}"`, 'accept-ranges': 'bytes' };
      if (asked === undefined) return { ...reply, headers: { ...reply.headers, ...etag } };
      return {
        ...reply,
        status: 206,
        headers: { ...reply.headers, ...etag, 'content-range': `bytes ${from}-${to}/${size}` },
      };
    },
    'data.head': async (_context, { params }) => {
      const { contentId } = await entered(params);
      const { size } = await stat(room.files.raw(contentId));
      const headers = { ...OCTETS, 'x-image-bytes': String(size), 'accept-ranges': 'bytes', etag: `"${contentId}"` };
      // The reply has no body; its length is that of the GET.
      return { headers: { ...headers, 'content-length': String(size) }, raw: (response) => void response.end() };
    },
    'data.manifest': async (_context, { params }) => {
      const { contentId } = await entered(params);
      return { json: await readFile(room.files.manifest(contentId), 'utf8') };
    },
    'data.peers': async (context, { params, body }) => {
      const { contentId, nodeUuid } = await entered(params);
      const said = body as PeerAnnouncement;
      if (said.node_uuid !== nodeUuid) throw errors.ImageForbidden('The address was given to another machine');
      if (said.leaving !== true) demandOwnAddress(said.url, context.source);
      const { swarm } = await known(contentId);
      return { body: swarm.announce(said, room.clock.monotonic()) };
    },
    'data.block': async (context, { params }) => {
      const served = await entered(params);
      const { manifest, at } = await known(served.contentId);
      const index = at.get(params['hash'] ?? '');
      if (index === undefined) throw errors.ImageBlockUnknown();
      const from = index * manifest.block_bytes;
      return send(context, served, from, from + blockLength(manifest, index) - 1, 1);
    },
  };
}

/** A machine speaks for its own address only: others are sent there. */
function demandOwnAddress(text: string, source: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '');
  if (url?.protocol !== 'https:' || host !== source.replace(/^::ffff:/, '')) {
    throw errors.ImageForbidden('A machine can only say where it itself serves blocks, over HTTPS');
  }
}
