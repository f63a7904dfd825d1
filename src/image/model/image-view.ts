import type { ImageRow } from './image.ts';

/** Properties that are columns, or that only the service writes; a client's own have other names. */
export const BASE_PROPERTIES = new Set([
  ...['id', 'name', 'status', 'visibility', 'owner', 'disk_format', 'container_format', 'size', 'virtual_size'],
  ...['min_disk', 'min_ram', 'protected', 'os_hidden', 'checksum', 'os_hash_algo', 'os_hash_value', 'tags'],
  ...[
    'file',
    'schema',
    'self',
    'created_at',
    'updated_at',
    'locations',
    'direct_url',
    'stores',
    'deleted',
    'deleted_at',
  ],
]);

/** Property that says why a captured disk did not become an image. */
export const FAILED_CAPTURE = 'ingot_capture_error';

const number = (text: string | null) => (text === null ? null : Number(text));
const time = (text: string) => new Date(text).toISOString().replace(/\.\d+Z$/, 'Z');

/** An image as Glance shows it: a client's own properties stand beside the others. */
export function showImage(row: ImageRow): Record<string, unknown> {
  const captured = {
    ...(row.node_uuid === null ? {} : { ingot_node: row.node_uuid }),
    ...(row.parent_id === null ? {} : { ingot_parent: row.parent_id }),
  };
  return {
    ...row.properties,
    ...captured,
    id: row.id,
    name: row.name,
    status: row.status,
    visibility: row.visibility,
    owner: row.owner,
    disk_format: row.disk_format,
    container_format: row.container_format,
    size: number(row.size),
    virtual_size: number(row.virtual_size),
    min_disk: row.min_disk,
    min_ram: row.min_ram,
    protected: row.protected,
    os_hidden: row.os_hidden,
    checksum: row.checksum,
    os_hash_algo: row.os_hash_algo,
    os_hash_value: row.os_hash_value,
    tags: row.tags,
    stores: row.status === 'active' ? 'file' : undefined,
    self: `/v2/images/${row.id}`,
    file: `/v2/images/${row.id}/file`,
    schema: '/v2/schemas/image',
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
  };
}
