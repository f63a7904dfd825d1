import type { Handler, RequestContext } from '#http/contract';
import { IMPORT_METHODS } from '../app/import-image.ts';

/** Minor versions whose calls exist here: those of several stores and of the cache are left out. */
const VERSIONS = ['v2.0', 'v2.1', 'v2.2', 'v2.3', 'v2.4', 'v2.5', 'v2.6', 'v2.7', 'v2.9'];

function versions(context: RequestContext) {
  return [...VERSIONS].reverse().map((id, at) => ({
    id,
    status: at === 0 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${context.baseUrl}/image/v2/` }],
  }));
}

const text = { type: ['null', 'string'] };
const properties = {
  id: { type: 'string' },
  name: text,
  status: { type: 'string', readOnly: true },
  visibility: { type: 'string', enum: ['community', 'public', 'private', 'shared'] },
  protected: { type: 'boolean' },
  os_hidden: { type: 'boolean' },
  checksum: { ...text, readOnly: true },
  os_hash_algo: { ...text, readOnly: true },
  os_hash_value: { ...text, readOnly: true },
  owner: text,
  size: { type: ['null', 'integer'], readOnly: true },
  virtual_size: { type: ['null', 'integer'], readOnly: true },
  container_format: { ...text, enum: [null, 'ami', 'ari', 'aki', 'bare'] },
  disk_format: { ...text, enum: [null, 'ami', 'ari', 'aki', 'raw', 'qcow2', 'iso'] },
  created_at: { type: 'string', readOnly: true },
  updated_at: { type: 'string', readOnly: true },
  tags: { type: 'array', items: { type: 'string', maxLength: 255 } },
  min_ram: { type: 'integer' },
  min_disk: { type: 'integer' },
  self: { type: 'string', readOnly: true },
  file: { type: 'string', readOnly: true },
  schema: { type: 'string', readOnly: true },
};
const image = {
  name: 'image',
  properties,
  additionalProperties: { type: 'string' },
  links: [{ rel: 'self', href: '{self}' }],
};

/** What clients ask before they begin. */
export const infoHandlers: Record<string, Handler> = {
  'image.versions': (context) => ({ body: { versions: versions(context) } }),
  'image.versions_list': (context) => ({ body: { versions: versions(context) } }),
  'image.info_import': () => ({
    body: { 'import-methods': { description: 'Import methods available.', type: 'array', value: [...IMPORT_METHODS] } },
  }),
  'image.info_stores': () => ({
    body: { stores: [{ id: 'file', description: "Files of Ingot's data directory", default: 'true' }] },
  }),
  'image.schema': () => ({ body: image }),
  'image.schema_list': () => ({
    body: {
      name: 'images',
      properties: { images: { type: 'array', items: image }, next: { type: 'string' }, first: { type: 'string' } },
    },
  }),
};
