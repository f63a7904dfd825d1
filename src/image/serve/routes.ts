import { Type } from 'typebox';
import type { Route } from '#http/contract';

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const nonce = { nonce: Type.String({ pattern: '^[A-Za-z0-9_-]{32}$' }) };
const params = Type.Object(nonce);
const blockParams = Type.Object({ ...nonce, hash: Hash });
const query = Type.Object({}, { additionalProperties: true });
/** A manifest of 16 TiB. */
const MANIFEST_LIMIT = 300 * 1024 * 1024;

const open = { since: 0, policy: null, query, audit: false } as const;

/** What machines call: the address is the permission, good for one machine and a time. */
export const serveRoutes = [
  {
    ...open,
    id: 'data.raw',
    method: 'GET',
    path: '/:nonce/raw',
    params,
    summary: 'The raw disk',
    success: 200,
    produces: 'application/octet-stream',
    timeoutMs: 0,
  },
  {
    ...open,
    id: 'data.head',
    method: 'HEAD',
    path: '/:nonce/raw',
    params,
    summary: 'Size of the raw disk',
    success: 200,
    produces: 'application/octet-stream',
  },
  {
    ...open,
    id: 'data.manifest',
    method: 'GET',
    path: '/:nonce/manifest',
    params,
    summary: 'The blocks of the disk',
    success: 200,
  },
  {
    ...open,
    id: 'data.peers',
    method: 'POST',
    path: '/:nonce/manifest/peers',
    params,
    summary: 'Says what a machine has, and hears who has what',
    success: 200,
    body: Type.Object({
      node_uuid: Type.String({ format: 'uuid' }),
      url: Type.String({ maxLength: 512 }),
      verify_ca: Type.String({ maxLength: 16_384 }),
      secret: Type.String({ maxLength: 512 }),
      have: Type.String({ maxLength: 1_000_000 }),
      want: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 64 }),
      leaving: Type.Optional(Type.Boolean()),
    }),
    bodyLimit: 2 * 1024 * 1024,
  },
  {
    ...open,
    id: 'data.block',
    method: 'GET',
    path: '/:nonce/blocks/:hash',
    params: blockParams,
    summary: 'A block of the disk',
    success: 200,
    produces: 'application/octet-stream',
    timeoutMs: 0,
  },
  {
    ...open,
    id: 'capture.parent',
    method: 'GET',
    path: '/:nonce/parent',
    params,
    summary: 'The blocks of the capture before',
    success: 200,
    produces: 'application/json',
  },
  {
    ...open,
    id: 'capture.missing',
    method: 'POST',
    path: '/:nonce/missing',
    params,
    summary: 'Which blocks are not stored yet',
    success: 200,
    body: Type.Object({ hashes: Type.Array(Hash, { maxItems: 100_000 }) }),
    bodyLimit: 16 * 1024 * 1024,
  },
  {
    ...open,
    id: 'capture.block',
    method: 'PUT',
    path: '/:nonce/blocks/:hash',
    params: blockParams,
    summary: 'Stores a block',
    success: 201,
    bodyKind: 'stream',
    bodyLimit: 72 * 1024 * 1024,
  },
  {
    ...open,
    id: 'capture.manifest',
    method: 'PUT',
    path: '/:nonce/manifest',
    params,
    summary: 'Says that all blocks are there',
    success: 201,
    bodyKind: 'stream',
    bodyLimit: MANIFEST_LIMIT,
  },
] as const satisfies readonly Route[];
