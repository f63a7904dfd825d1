import type { Reader } from '#store/contract';

/** A row of `image_cache` that is ready. */
export interface CachedRow {
  content_id: string;
  format: 'raw' | 'qcow2' | 'iso';
  compression: 'none' | 'gzip' | 'xz' | 'zstd';
  source_bytes: string | null;
  virtual_bytes: string;
  raw_sha256: string;
  disk_bytes: string;
}

export interface CacheClaim {
  host: string;
  key: string;
  owner: string;
}

/** What is ready under a key; touching it, so that it is not thrown away. */
export async function findCached(reader: Reader, host: string, key: string): Promise<CachedRow | undefined> {
  const rows = await reader.query<CachedRow>({
    name: 'image.cache.find',
    text: `update image_cache set used_at = now() where host = $1 and key = $2 and content_id is not null
           returning content_id, format, compression, source_bytes, virtual_bytes, raw_sha256, disk_bytes`,
    values: [host, key],
  });
  return rows[0];
}

/** Takes the making of `key`: true when nobody else is at it, or whoever was has been silent for 30 s. */
export async function claimCache(reader: Reader, { host, key, owner }: CacheClaim): Promise<boolean> {
  const rows = await reader.query({
    name: 'image.cache.claim',
    text: `insert into image_cache (host, key, owner) values ($1, $2, $3)
           on conflict (host, key) do update set owner = $3, beat_at = now()
           where image_cache.content_id is null
             and (image_cache.owner is null or image_cache.owner = $3 or image_cache.beat_at < now() - interval '30 seconds')
           returning key`,
    values: [host, key, owner],
  });
  return rows.length > 0;
}

/** False when the claim was lost. */
export async function beatCache(reader: Reader, { host, key, owner }: CacheClaim): Promise<boolean> {
  const rows = await reader.query({
    name: 'image.cache.beat',
    text: 'update image_cache set beat_at = now() where host = $1 and key = $2 and owner = $3 returning key',
    values: [host, key, owner],
  });
  return rows.length > 0;
}

export async function finishCache(
  reader: Reader,
  { host, key, owner }: CacheClaim,
  made: {
    contentId: string;
    format: string;
    compression: string;
    sourceBytes: number | null;
    virtualBytes: number;
    sha256: string;
    diskBytes: number;
  },
): Promise<void> {
  await reader.query({
    name: 'image.cache.finish',
    text: `update image_cache set owner = null, content_id = $4, format = $5, compression = $6, source_bytes = $7,
           virtual_bytes = $8, raw_sha256 = $9, disk_bytes = $10, used_at = now()
           where host = $1 and key = $2 and owner = $3`,
    values: [
      ...[host, key, owner, made.contentId, made.format, made.compression, made.sourceBytes],
      ...[made.virtualBytes, made.sha256, made.diskBytes],
    ],
  });
}

/** Gives a claim back, or forgets what turned out not to be there. */
export async function dropCache(reader: Reader, host: string, key: string): Promise<void> {
  await reader.query({
    name: 'image.cache.drop',
    text: 'delete from image_cache where host = $1 and key = $2',
    values: [host, key],
  });
}

/** Contents of a host, least recently used first, and whether a machine may still fetch them. */
export async function cacheContents(
  reader: Reader,
  host: string,
): Promise<{ content_id: string; disk_bytes: number; in_use: boolean }[]> {
  return reader.query({
    name: 'image.cache.contents',
    text: `select content_id, max(disk_bytes)::float8 as disk_bytes,
             exists (select 1 from image_tickets t where t.content_id = c.content_id and t.host = $1
                     and t.expires_at > now()) as in_use
           from image_cache c where host = $1 and content_id is not null
           group by content_id order by max(used_at)`,
    values: [host],
  });
}

export async function forgetContent(reader: Reader, host: string, contentId: string): Promise<void> {
  await reader.query({
    name: 'image.cache.forget',
    text: 'delete from image_cache where host = $1 and content_id = $2',
    values: [host, contentId],
  });
}
