import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Handler, HandlerInput, Reply, RequestContext } from '#http/contract';
import { isUuid, newUuid } from '#kernel/ids';
import { capturedSource } from '../app/captured-source.ts';
import { IMPORT_METHODS, type Imports } from '../app/import-image.ts';
import { storeBytes } from '../app/upload.ts';
import { errors } from '../errors.ts';
import { changesOf, columnsOf } from '../model/image-change.ts';
import { showImage } from '../model/image-view.ts';
import type { ImageRoom } from '../room.ts';
import { byteRange } from '../serve/range.ts';
import { listImages } from '../store/image-list.ts';
import type { ImageRow } from '../model/image.ts';
import { deleteImage, findImage, insertImage, updateImage } from '../store/images.ts';
import { findMember } from '../store/members.ts';

/** Images of a page by default, and at most. */
const PAGE = 25;
const MOST = 1000;

/** The facts of an image that rules look at. */
export async function targetOf(
  room: ImageRoom,
  context: RequestContext,
  row: ImageRow,
): Promise<Record<string, unknown>> {
  const { projectId } = context.caller;
  const shared =
    row.visibility === 'shared' && projectId !== null ? await findMember(room.store, row.id, projectId) : undefined;
  return { owner: row.owner, visibility: row.visibility, member: shared?.member ?? null };
}

/** The image of a request, if the caller may see it (404 otherwise) and do this to it (403 otherwise). */
export async function demanded(
  room: ImageRoom,
  context: RequestContext,
  { params }: HandlerInput,
  rule: string,
): Promise<ImageRow> {
  const id = params['image_id'] ?? '';
  const row = isUuid(id) ? await findImage(room.store, id) : undefined;
  if (row === undefined) {
    context.allows('get_image', {});
    throw errors.ImageAbsent(id);
  }
  const target = await targetOf(room, context, row);
  if (!context.allows('get_image', target)) throw errors.ImageAbsent(id);
  if (!context.allows(rule, target)) throw errors.ImageForbidden(`You may not do this to image ${id}`);
  return row;
}

/** Handlers of images and their bytes. */
export function imageHandlers(room: ImageRoom, imports: Imports): Record<string, Handler> {
  const { store, files, quotas } = room;
  return {
    'image.list': async (context, { query }) => {
      const all = context.allows('list_all_images');
      if (!all && !context.allows('get_images')) throw errors.ImageForbidden('You may not list images');
      const limit = Math.min(limitOf(query['limit']), MOST);
      const rows = await listImages(store, { project: all ? null : (context.caller.projectId ?? ''), query, limit });
      const shown = rows.slice(0, limit);
      const next = new URLSearchParams(pairs(query).filter(([name]) => name !== 'marker'));
      const first = next.toString();
      next.append('marker', shown.at(-1)?.id ?? '');
      return {
        body: {
          images: shown.map(showImage),
          first: first === '' ? '/v2/images' : `/v2/images?${first}`,
          schema: '/v2/schemas/images',
          ...(rows.length > limit ? { next: `/v2/images?${next.toString()}` } : {}),
        },
      };
    },
    'image.create': async (context, { body }) => {
      const columns = columnsOf(body as Record<string, unknown>);
      const { projectId } = context.caller;
      if (!context.allows('add_image', { owner: projectId })) throw errors.ImageForbidden('You may not make images');
      const owner = columns.owner === undefined ? projectId : columns.owner;
      if (owner !== projectId && !context.allows('add_image_for_others'))
        throw errors.ImageForbidden('You may not make images for other projects');
      const visibility = columns.visibility ?? 'shared';
      demandVisibility(context, visibility, owner);
      const id = (columns.id ?? newUuid()).toLowerCase();
      const row = await store.tx(async (tx) => {
        await quotas?.check(tx, owner, 'image_count_total', 1);
        return insertImage(tx, { ...columns, id, owner, visibility, status: 'queued' });
      });
      if (row === undefined) throw errors.ImageConflict(`Image ID ${id} already exists!`);
      return {
        body: showImage(row),
        headers: {
          Location: `${context.baseUrl}/image/v2/images/${id}`,
          'OpenStack-image-import-methods': IMPORT_METHODS.join(','),
          'OpenStack-image-store-ids': 'file',
        },
      };
    },
    'image.get': async (context, input) => ({ body: showImage(await demanded(room, context, input, 'get_image')) }),
    'image.update': async (context, input) => {
      const row = await demanded(room, context, input, 'modify_image');
      const change = changesOf(row, input.body as Parameters<typeof changesOf>[1]);
      if (change.visibility !== undefined && change.visibility !== row.visibility)
        demandVisibility(context, change.visibility, row.owner);
      if (change.owner !== undefined && change.owner !== row.owner && !context.allows('add_image_for_others')) {
        throw errors.ImageForbidden('You may not give images away');
      }
      const changed = await updateImage(store, row.id, change);
      if (changed === undefined) throw errors.ImageAbsent(row.id);
      return { body: showImage(changed) };
    },
    'image.delete': async (context, input) => {
      const row = await demanded(room, context, input, 'delete_image');
      if (row.protected) throw errors.ImageForbidden(`Image ${row.id} is protected and cannot be deleted.`);
      await deleteImage(store, row.id);
      await files.remove(files.stored(row.id), files.captured(row.id));
      return {};
    },
    'image.upload': async (context, input) => {
      const row = await demanded(room, context, input, 'upload_image');
      await store.tx(async (tx) => quotas?.check(tx, row.owner, 'image_size_total', mebibytes(input)));
      await storeBytes(room, row, sentBytes(input), { from: ['queued'], during: 'saving', become: 'active' });
      return {};
    },
    'image.stage': async (context, input) => {
      const row = await demanded(room, context, input, 'upload_image');
      await storeBytes(room, row, sentBytes(input), {
        from: ['queued', 'uploading'],
        during: 'uploading',
        become: 'staged',
      });
      return {};
    },
    'image.download': async (context, input) => {
      const row = await demanded(room, context, input, 'download_image');
      if (row.status === 'deactivated' && !context.allows('deactivate'))
        throw errors.ImageForbidden('The image is not in use');
      // A captured disk is not vouched for before it was hashed.
      if (row.stored === null || row.status === 'saving') return { status: 204 };
      return download(room, row, input, context.signal);
    },
    'image.import': async (context, input) => {
      const row = await demanded(room, context, input, 'import_image');
      imports.begin(row, (input.body as { method: { name: string; uri?: string } }).method);
      return {};
    },
    'image.deactivate': async (context, input) =>
      status(room, await demanded(room, context, input, 'deactivate'), 'active', 'deactivated'),
    'image.reactivate': async (context, input) =>
      status(room, await demanded(room, context, input, 'reactivate'), 'deactivated', 'active'),
    'image.tag_add': async (context, input) => {
      const row = await demanded(room, context, input, 'modify_image');
      await updateImage(store, row.id, { tags: [...new Set([...row.tags, input.params['tag'] ?? ''])] });
      return {};
    },
    'image.tag_remove': async (context, input) => {
      const row = await demanded(room, context, input, 'modify_image');
      const tag = input.params['tag'] ?? '';
      if (!row.tags.includes(tag)) throw errors.ImageAbsent(`${row.id} with the tag ${tag}`);
      await updateImage(store, row.id, { tags: row.tags.filter((one) => one !== tag) });
      return {};
    },
  };
}

/** The body as it comes; one that is refused half-way is left to the server, which still has to answer. */
function sentBytes({ body }: HandlerInput): AsyncIterable<unknown> {
  return (body as Readable).iterator({ destroyOnReturn: false });
}

async function download(room: ImageRoom, row: ImageRow, input: HandlerInput, signal: AbortSignal): Promise<Reply> {
  const size = Number(row.size);
  const asked = byteRange(input.headers['range'], size);
  if (asked === 'none') return { status: 416, headers: { 'content-range': `bytes */${size}` } };
  const { from, to } = asked ?? { from: 0, to: size - 1 };
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  // A captured disk is put together as it is read: it is sent to its end.
  const whole = row.stored === 'blocks';
  const content = whole
    ? (await capturedSource(room, row).open(from, null, signal)).stream
    : createReadStream(room.files.stored(row.id), { start: from, end: Math.max(to, 0), highWaterMark: 1024 * 1024 });
  const end = whole ? size - 1 : to;
  headers['content-length'] = String(Math.max(end - from + 1, 0));
  // Captured disks have none.
  const md5 = row.checksum === null ? {} : { 'content-md5': row.checksum };
  if (asked === undefined) return { content, headers: { ...headers, ...md5 } };
  return { status: 206, content, headers: { ...headers, 'content-range': `bytes ${from}-${end}/${size}` } };
}

async function status(
  room: ImageRoom,
  row: ImageRow,
  from: 'active' | 'deactivated',
  to: 'active' | 'deactivated',
): Promise<Reply> {
  if (row.status === to) return {};
  if ((await updateImage(room.store, row.id, { status: to }, [from])) === undefined)
    throw errors.ImageForbidden(`Image ${row.id} is ${row.status}`);
  return {};
}

function demandVisibility(context: RequestContext, visibility: string, owner: string | null): void {
  const rule =
    visibility === 'public' ? 'publicize_image' : visibility === 'community' ? 'communitize_image' : undefined;
  if (rule !== undefined && !context.allows(rule, { owner }))
    throw errors.ImageForbidden(`You are not authorized to make an image ${visibility}.`);
}

function limitOf(value: unknown): number {
  if (value === undefined) return PAGE;
  if (!/^\d{1,9}$/.test(String(value))) throw errors.ImageInvalid('limit is no number');
  return Number(value);
}

function pairs(query: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
}

function mebibytes({ headers }: HandlerInput): number {
  return Math.ceil(Number(headers['content-length'] ?? 0) / 1024 / 1024);
}
