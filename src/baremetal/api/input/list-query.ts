import { isUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { PageRequest } from '../../app/list-nodes.ts';
import { type ArgumentSpec, isSortable, type ResourceTable, sinceOf } from '../versions/resource.ts';
import { readMac, readUuid, shown } from './value.ts';
import { VERSION_RULES } from '../../model/version-rules.ts';

/** A list request, read. */
export interface ListRequest {
  /** Values by filter name, in their right types. */
  filters: Record<string, unknown>;
  page: PageRequest;
  /** Fields to show; null for all. */
  fields: readonly string[] | null;
}

type Query = Readonly<Record<string, unknown>>;

/**
 * Refuses fields a version does not know: 406 for those of later versions, 400 for what is no field. `links` may
 * be asked for, it is shown anyway.
 */
export function checkFields(table: ResourceTable, fields: readonly string[], version: number): void {
  const unknown = fields.filter((name) => !Object.hasOwn(table.fields, name) && name !== 'links');
  for (const name of fields) if (sinceOf(table.fields[name] ?? {}) > version) throw errors.NotAcceptable();
  if (unknown.length > 0) throw errors.InvalidFields(unknown.map(shown).join(', '));
}

/** `fields` of a GET of one resource; null when not given. */
export function readFields(table: ResourceTable, query: Query, version: number): readonly string[] | null {
  const fields = query['fields'] as readonly string[] | undefined;
  if (fields === undefined) return null;
  if (version < VERSION_RULES.fields) throw errors.NotAcceptable();
  checkFields(table, fields, version);
  return fields;
}

/** The fields of a list: those asked for, all of them with `detail`, else the brief ones. */
function readShownFields(table: ResourceTable, query: Query, version: number): readonly string[] | null {
  const fields = readFields(table, query, version);
  const detail = query['detail'] as boolean | undefined;
  if (detail !== undefined && version < VERSION_RULES.detail) {
    throw errors.InvalidParameterValue(`Invalid query parameter ?detail=${detail ? 'True' : 'False'} received.`);
  }
  if (fields !== null && detail === true) {
    throw errors.InvalidParameterValue('Can not specify ?detail=True and fields in the same request.');
  }
  if (fields !== null) return fields;
  return detail === true ? null : briefFields(table, version);
}

/** Fields shown when nothing is asked for. */
export function briefFields(table: ResourceTable, version: number): string[] {
  return Object.entries(table.fields)
    .filter(([, spec]) => spec.brief === true && sinceOf(spec) <= version)
    .map(([name]) => name);
}

function readArgument(name: string, spec: ArgumentSpec, value: unknown, version: number): unknown {
  if (sinceOf(spec) > version) {
    if (spec.below === 'invalid') throw errors.InvalidParameterValue(`Invalid query parameter ?${name} received.`);
    throw spec.below === 'silent' ? errors.NotAcceptable() : errors.NotAcceptableBelow(sinceOf(spec));
  }
  if (spec.values !== undefined && !spec.values.of.includes(value as string)) {
    throw errors.InvalidParameterValue(spec.values.refuse(shown(value)));
  }
  if (spec.kind === 'uuid') return readUuid(name, value);
  return spec.kind === 'mac' ? readMac(name, value) : value;
}

/** Reads the arguments of a list. Throws 400 and 406 in Ironic's words. */
export function readListQuery(
  table: ResourceTable,
  query: Query,
  version: number,
  maxLimit: number,
  whole = false,
): ListRequest {
  const fields = whole ? null : readShownFields(table, query, version);
  const filters: Record<string, unknown> = {};
  const page = readPage(table, query, version, maxLimit);
  for (const [name, spec] of Object.entries<ArgumentSpec>(table.filters)) {
    const value = query[name];
    if (value === undefined) continue;
    filters[name] = readArgument(name, spec, value, version);
  }
  return { filters, page, fields };
}

/** limit, marker and order. */
export function readPage(table: ResourceTable, query: Query, version: number, maxLimit: number): PageRequest {
  const limit = (query['limit'] as number | undefined) ?? maxLimit;
  if (limit <= 0) throw errors.Invalid('Limit must be positive');
  const direction = (query['sort_dir'] as string | undefined) ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') {
    throw errors.Invalid(`Invalid sort direction: ${shown(direction)}. Acceptable values are 'asc' or 'desc'`);
  }
  const key = (query['sort_key'] as string | undefined) ?? 'id';
  const spec = Object.hasOwn(table.fields, key) ? table.fields[key] : undefined;
  if (key !== 'id') {
    if (spec !== undefined && sinceOf(spec) > version) throw errors.NotAcceptable();
    if (spec === undefined || !isSortable(spec)) {
      throw errors.InvalidParameterValue(`The sort_key value ${shown(key)} is an invalid field for sorting`);
    }
  }
  const marker = (query['marker'] as string | undefined) ?? null;
  if (marker !== null && table.key === 'uuid' && !isUuid(marker)) {
    throw errors.InvalidParameterValue(`Expected UUID for marker: ${shown(marker)}`);
  }
  return {
    limit: Math.min(limit, maxLimit),
    marker,
    sort:
      spec === undefined
        ? null
        : { column: spec.column ?? key, notNull: spec.notNull === true, descending: direction === 'desc' },
    descending: direction === 'desc',
  };
}
