import type { Outbound, OutboundReply } from '#protocols/outbound/outbound';
import { errors } from '../errors.ts';
import { type Checksum, checksumOf } from '../model/checksum.ts';
import type { ImageSource } from './contract.ts';
import { httpSource } from './http-source.ts';

/** An existing Glance, and the right to read its images. */
export interface GlanceAccess {
  /** `https://glance.example:9292`, or with the path its proxy gives it; without `/v2`. */
  url: string;
  /** A token of the account that reads images; `fresh`: the last one was refused. */
  token(fresh: boolean): Promise<string>;
}

/** What Glance says of an image, and where its bytes are. */
export interface GlanceImage {
  source: ImageSource;
  checksum: Checksum | undefined;
  diskFormat: 'raw' | 'qcow2' | 'iso' | undefined;
}

const LIMIT = 1024 * 1024;
const OPEN = new Set(['public', 'community']);

type Body = Record<string, unknown>;

/**
 * An image of an existing Glance. Its account sees all images, so whose it is is judged here: `projectId` must own it or
 * share it, unless it is public; null is the operator, who may take any. Throws `ImageAbsent` for what it may not see.
 */
export async function glanceImage(
  access: GlanceAccess,
  outbound: Outbound,
  id: string,
  projectId: string | null,
  signal: AbortSignal,
): Promise<GlanceImage> {
  const base = `${access.url.replace(/\/+$/, '').replace(/\/v2$/, '')}/v2/images/${id}`;
  let token = await access.token(false);
  const ask = (path: string): Promise<OutboundReply> =>
    outbound.send(`${base}${path}`, {
      signal,
      credentials: { origin: new URL(base).origin, headers: { 'x-auth-token': token } },
    });
  let reply = await ask('');
  if (reply.status === 401) {
    reply.body.destroy();
    token = await access.token(true);
    reply = await ask('');
  }
  const image = await bodyOf(reply, id);
  if (!(await mayUse(image, projectId, ask))) throw errors.ImageAbsent(id);
  const { status } = image;
  if (status !== 'active') throw errors.ImageNotActive(id, String(status));
  const algorithm = image['os_hash_algo'];
  const hex = image['os_hash_value'];
  const known = (algorithm === 'sha512' || algorithm === 'sha256') && typeof hex === 'string';
  const format = image['disk_format'];
  return {
    source: httpSource(`${base}/file`, { outbound, headers: { 'x-auth-token': token } }),
    checksum: known ? checksumOf(`${algorithm}:${hex}`) : undefined,
    diskFormat: format === 'raw' || format === 'qcow2' || format === 'iso' ? format : undefined,
  };
}

async function mayUse(
  image: Body,
  projectId: string | null,
  ask: (path: string) => Promise<OutboundReply>,
): Promise<boolean> {
  if (projectId === null || image['owner'] === projectId || OPEN.has(String(image['visibility']))) return true;
  if (image['visibility'] !== 'shared') return false;
  const reply = await ask(`/members/${encodeURIComponent(projectId)}`);
  reply.body.destroy();
  return reply.status === 200;
}

async function bodyOf(reply: OutboundReply, id: string): Promise<Body> {
  if (reply.status !== 200) {
    reply.body.destroy();
    // What the account may not see is not there for it either.
    if (reply.status === 404 || reply.status === 403) throw errors.ImageAbsent(id);
    throw errors.ImageSourceStatus(reply.url.host, reply.status);
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of reply.body) {
    size += (part as Buffer).length;
    if (size > LIMIT) break;
    parts.push(part as Buffer);
  }
  try {
    if (size <= LIMIT) return JSON.parse(Buffer.concat(parts).toString('utf8')) as Body;
  } catch {
    // said below
  }
  throw errors.ImageSourceStatus(reply.url.host, reply.status);
}
