import type { Reader } from '#store/contract';
import type { ImageRow, ImageStatus } from '../model/image.ts';

/** A row as it comes: `properties` is text. */
export function readImage(row: ImageRow): ImageRow {
  const { properties } = row as { properties: unknown };
  return typeof properties === 'string'
    ? { ...row, properties: JSON.parse(properties) as Record<string, string> }
    : row;
}

/** The image, if the project may see it: its own, public and community ones, and those shared with it. */
export async function findVisible(reader: Reader, id: string, project: string | null): Promise<ImageRow | undefined> {
  const rows = await reader.query<ImageRow>({
    name: 'image.find-visible',
    text: `select * from images i where id = $1 and ($2::text is null or owner = $2 or owner is null
             or visibility in ('public', 'community')
             or (visibility = 'shared' and exists (select 1 from image_members m where m.image_id = i.id and m.member = $2)))`,
    values: [id, project],
  });
  return rows[0] && readImage(rows[0]);
}

export async function findImage(reader: Reader, id: string): Promise<ImageRow | undefined> {
  const rows = await reader.query<ImageRow>({
    name: 'image.find',
    text: 'select * from images where id = $1',
    values: [id],
  });
  return rows[0] && readImage(rows[0]);
}

const COLUMNS = new Set([
  ...['id', 'name', 'status', 'visibility', 'owner', 'disk_format', 'container_format', 'size', 'virtual_size'],
  ...['min_disk', 'min_ram', 'protected', 'os_hidden', 'checksum', 'os_hash_algo', 'os_hash_value', 'tags'],
  ...['properties', 'stored', 'parent_id', 'node_uuid'],
]);

export async function insertImage(reader: Reader, row: Partial<ImageRow> & { id: string }): Promise<ImageRow> {
  const names = Object.keys(row).filter((name) => COLUMNS.has(name));
  const rows = await reader.query<ImageRow>({
    text: `insert into images (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')})
           on conflict do nothing returning *`,
    values: names.map((name) => valueOf(name, row)),
  });
  return (rows[0] && readImage(rows[0])) as ImageRow;
}

/** Changes columns; only while the status is one of `from`, when that is given. Undefined when it was not. */
export async function updateImage(
  reader: Reader,
  id: string,
  change: Partial<ImageRow>,
  from?: readonly ImageStatus[],
): Promise<ImageRow | undefined> {
  const names = Object.keys(change).filter((name) => COLUMNS.has(name));
  const sets = names.map((name, at) => `${name} = $${at + 3}`);
  const rows = await reader.query<ImageRow>({
    text: `update images set ${[...sets, 'updated_at = now()'].join(', ')}
           where id = $1 and ($2::text[] is null or status = any($2)) returning *`,
    values: [id, from ?? null, ...names.map((name) => valueOf(name, change))],
  });
  return rows[0] && readImage(rows[0]);
}

function valueOf(name: string, row: Partial<ImageRow>): unknown {
  const value = row[name as keyof ImageRow];
  return name === 'properties' ? JSON.stringify(value) : value;
}

export async function deleteImage(reader: Reader, id: string): Promise<boolean> {
  const rows = await reader.query({
    name: 'image.delete',
    text: 'delete from images where id = $1 returning id',
    values: [id],
  });
  return rows.length > 0;
}
