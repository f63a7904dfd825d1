import { errors } from '../errors.ts';
import type { ImageRow } from './image.ts';
import { BASE_PROPERTIES } from './image-view.ts';

/** Formats of disks that can become a machine's, and of kernels beside them. */
const DISK_FORMATS = new Set(['raw', 'qcow2', 'iso', 'aki', 'ari', 'ami']);
const CONTAINER_FORMATS = new Set(['bare', 'aki', 'ari', 'ami']);
const WRITABLE = new Set([
  ...[
    'name',
    'visibility',
    'disk_format',
    'container_format',
    'min_disk',
    'min_ram',
    'protected',
    'os_hidden',
    'tags',
    'owner',
  ],
]);
const MOST_PROPERTIES = 128;

/** What a client wrote, as columns. Throws for what is not its to write. */
export function columnsOf(body: Readonly<Record<string, unknown>>): Partial<ImageRow> {
  const columns: Record<string, unknown> = {};
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (WRITABLE.has(name)) columns[name] = checked(name, value);
    else if (name === 'id') columns['id'] = value;
    else if (BASE_PROPERTIES.has(name)) throw errors.ImageForbidden(`Attribute '${name}' is read-only.`);
    else properties[name] = property(name, value);
  }
  if (Object.keys(properties).length > MOST_PROPERTIES)
    throw errors.ImageInvalid(`An image has at most ${MOST_PROPERTIES} properties`);
  return { ...columns, properties };
}

/** One change of a JSON patch after another. Gives the columns that differ. */
export function changesOf(
  row: ImageRow,
  operations: readonly { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }[],
): Partial<ImageRow> {
  const change: Partial<ImageRow> & Record<string, unknown> = {};
  const properties = { ...row.properties };
  for (const { op, path, value } of operations) {
    const name = pointer(path);
    if (WRITABLE.has(name)) {
      if (op === 'remove') throw errors.ImageForbidden(`Property ${name} may not be removed.`);
      if ((name === 'disk_format' || name === 'container_format') && row.status !== 'queued') {
        throw errors.ImageForbidden(`Attribute ${name} can be only replaced for a queued image.`);
      }
      change[name] = checked(name, value);
    } else if (BASE_PROPERTIES.has(name)) throw errors.ImageForbidden(`Attribute '${name}' is read-only.`);
    else if (op === 'remove') {
      if (!Object.hasOwn(properties, name)) throw errors.ImageConflict(`Property ${name} does not exist.`);
      delete properties[name];
    } else properties[name] = property(name, value);
  }
  if (Object.keys(properties).length > MOST_PROPERTIES)
    throw errors.ImageInvalid(`An image has at most ${MOST_PROPERTIES} properties`);
  return { ...change, properties };
}

function pointer(path: string): string {
  const name = path.replace(/^\//, '').replaceAll('~1', '/').replaceAll('~0', '~');
  if (!path.startsWith('/') || name === '' || path.slice(1).includes('/'))
    throw errors.ImageInvalid(`${path} names no property`);
  return name;
}

function property(name: string, value: unknown): string {
  if (typeof value !== 'string') throw errors.ImageInvalid(`Property ${name} is not a text`);
  if (name.length > 255 || value.length > 65_535)
    throw errors.ImageInvalid(`Property ${name.slice(0, 64)} is too long`);
  return value;
}

function checked(name: string, value: unknown): unknown {
  const bad = (wanted: string) => errors.ImageInvalid(`Invalid value for ${name}: ${wanted}`);
  switch (name) {
    case 'disk_format':
      if (value !== null && !DISK_FORMATS.has(String(value)))
        throw bad(`machines are written from ${[...DISK_FORMATS].join(', ')}; convert others with qemu-img`);
      return value;
    case 'container_format':
      if (value !== null && !CONTAINER_FORMATS.has(String(value))) throw bad([...CONTAINER_FORMATS].join(', '));
      return value;
    case 'visibility':
      if (!['public', 'private', 'shared', 'community'].includes(String(value)))
        throw bad('public, private, shared or community');
      return value;
    case 'min_disk':
    case 'min_ram':
      if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > 2_147_483_647)
        throw bad('a number from 0');
      return value;
    case 'protected':
    case 'os_hidden':
      if (typeof value !== 'boolean') throw bad('true or false');
      return value;
    case 'tags':
      if (
        !Array.isArray(value) ||
        value.length > 128 ||
        value.some((tag) => typeof tag !== 'string' || tag.length > 255)
      )
        throw bad('a list of texts');
      return [...new Set(value as string[])];
    default:
      if (value !== null && (typeof value !== 'string' || value.length > 255)) throw bad('a text');
      return value;
  }
}
