import type { Reader } from '#store/contract';
import { errors } from '../errors.ts';
import { readImage } from './images.ts';
import type { ImageRow } from '../model/image.ts';

export interface ListWish {
  /** Project whose view it is; null: everybody's images. */
  project: string | null;
  query: Readonly<Record<string, unknown>>;
  limit: number;
}

const EQUAL = new Set([
  'id',
  'name',
  'status',
  'disk_format',
  'container_format',
  'checksum',
  'os_hash_value',
  'owner',
]);
const SORTABLE = new Set([
  'name',
  'status',
  'disk_format',
  'container_format',
  'size',
  'id',
  'created_at',
  'updated_at',
  'min_disk',
  'min_ram',
  'owner',
  'visibility',
]);
const PAGING = new Set([
  'limit',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'visibility',
  'tag',
  'member_status',
  'os_hidden',
  'protected',
  'size_min',
  'size_max',
  'created_at',
  'updated_at',
]);
const COMPARE: Readonly<Record<string, string>> = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };

/** Rows of a list, one more than asked for when there are more. */
export async function listImages(reader: Reader, wish: ListWish): Promise<ImageRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = [visibleTo(wish, bind), ...filters(wish.query, bind)];
  const order = ordering(wish.query);
  const marker = wish.query['marker'];
  if (typeof marker === 'string' && marker !== '') {
    if (!/^[0-9a-f-]{36}$/i.test(marker)) throw errors.ImageInvalid('The marker is no image');
    const at = bind(marker);
    where.push(after(order, at));
  }
  const sort = order.map(({ column, descending }) => `${column} ${descending ? 'desc nulls last' : 'asc nulls first'}`);
  const rows = await reader.query<ImageRow>({
    text: `select i.* from images i where ${where.join(' and ')} order by ${sort.join(', ')} limit ${bind(wish.limit + 1)}`,
    values,
  });
  return rows.map(readImage);
}

function visibleTo({ project, query }: ListWish, bind: (value: unknown) => string): string {
  const asked = query['visibility'];
  const only = typeof asked === 'string' && asked !== 'all' ? ` and visibility = ${bind(asked)}` : '';
  if (project === null) return `true${only}`;
  const own = bind(project);
  const status = query['member_status'] ?? 'accepted';
  const accepted = status === 'all' ? '' : ` and m.status = ${bind(status)}`;
  const shared = `(visibility = 'shared' and exists (select 1 from image_members m where m.image_id = i.id and m.member = ${own}${accepted}))`;
  const community = asked === 'community' || asked === 'all' ? " or visibility = 'community'" : '';
  return `(owner = ${own} or visibility = 'public' or ${shared}${community})${only}`;
}

function filters(query: ListWish['query'], bind: (value: unknown) => string): string[] {
  const found: string[] = [];
  const flag = (name: string, otherwise?: boolean) => {
    const value = query[name] ?? otherwise;
    if (value !== undefined) found.push(`${name} = ${bind(/^(true|1|yes|on)$/i.test(String(value)))}`);
  };
  flag('os_hidden', false);
  flag('protected');
  for (const [name, sign] of [
    ['size_min', '>='],
    ['size_max', '<='],
  ] as const) {
    const value = query[name];
    if (value === undefined) continue;
    if (!/^\d{1,15}$/.test(String(value))) throw errors.ImageInvalid(`${name} is no number`);
    found.push(`size ${sign} ${bind(String(value))}::bigint`);
  }
  for (const tag of [query['tag'] ?? []].flat()) found.push(`${bind(String(tag))} = any(tags)`);
  for (const name of ['created_at', 'updated_at'] as const) {
    for (const text of [query[name] ?? []].flat()) found.push(dateFilter(name, String(text), bind));
  }
  for (const [name, value] of Object.entries(query)) {
    if (PAGING.has(name)) continue;
    for (const one of [value].flat()) {
      const text = String(one);
      const column = EQUAL.has(name) ? (name === 'id' ? 'id::text' : name) : `properties ->> ${bind(name)}`;
      if (text.startsWith('in:')) found.push(`${column} = any(${bind(listOf(text.slice(3)))}::text[])`);
      else found.push(`${column} = ${bind(text.replace(/^eq:/, ''))}`);
    }
  }
  return found;
}

function dateFilter(name: string, text: string, bind: (value: unknown) => string): string {
  const [, operator = 'eq', at = ''] = /^(?:(eq|neq|gt|gte|lt|lte):)?(.+)$/.exec(text) ?? [];
  const sign = COMPARE[operator];
  if (sign === undefined || Number.isNaN(Date.parse(at))) throw errors.ImageInvalid(`${name} is no date`);
  return `date_trunc('second', ${name}) ${sign} ${bind(at)}::timestamptz`;
}

/** `a,"b,c"` */
function listOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

interface Order {
  column: string;
  descending: boolean;
}

function ordering(query: ListWish['query']): Order[] {
  const texts =
    typeof query['sort'] === 'string'
      ? query['sort'].split(',')
      : [query['sort_key'] ?? 'created_at']
          .flat()
          .map((key, at) => `${String(key)}:${String([query['sort_dir'] ?? 'desc'].flat()[at] ?? 'desc')}`);
  const order = texts.map((text) => {
    const [column = '', direction = 'desc'] = text.split(':');
    if (!SORTABLE.has(column) || (direction !== 'asc' && direction !== 'desc'))
      throw errors.ImageInvalid(`Images are not sorted by ${text}`);
    return { column, descending: direction === 'desc' };
  });
  return order.some(({ column }) => column === 'id')
    ? order
    : [...order, { column: 'id', descending: order.at(-1)?.descending ?? true }];
}

/** Rows behind the marker in that order; nothing counts as the smallest. */
function after(order: readonly Order[], marker: string): string {
  const of = (column: string) => `(select x.${column} from images x where x.id = ${marker}::uuid)`;
  const steps = order.map(({ column, descending }, at) => {
    const before = order.slice(0, at).map((one) => `${one.column} is not distinct from ${of(one.column)}`);
    const own = of(column);
    const beyond = descending
      ? `(${column} < ${own} or (${column} is null and ${own} is not null))`
      : `(${column} > ${own} or (${column} is not null and ${own} is null))`;
    return `(${[...before, beyond].join(' and ')})`;
  });
  return `(${steps.join(' or ')})`;
}
