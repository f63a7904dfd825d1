import { Type } from 'typebox';
import type { Handlers, RequestContext, Route } from '#http/contract';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { ConductorRecord } from '../../model/driver-catalogue.ts';
import { shown } from '../input/value.ts';
import { collectionReply, nextOf } from '../serializer/collection.ts';

const FIELDS = ['hostname', 'conductor_group', 'alive', 'drivers', 'created_at', 'updated_at'];
const BRIEF = ['hostname', 'conductor_group', 'alive'];
const anyObject = Type.Object({}, { additionalProperties: true });
const fields = Type.Optional(Type.Array(Type.String(), { 'x-lowercase': true }));

export const conductorRoutes = [
  {
    id: 'conductor.list',
    method: 'GET',
    path: '/v1/conductors',
    since: 49,
    policy: 'baremetal:conductor:get',
    summary: 'List conductors',
    query: Type.Object(
      {
        fields,
        detail: Type.Optional(Type.Boolean()),
        limit: Type.Optional(Type.Integer()),
        marker: Type.Optional(Type.String({ description: 'hostname of the last one of the page before.' })),
        sort_key: Type.Optional(Type.String({ description: 'hostname, conductor_group, created_at, updated_at' })),
        sort_dir: Type.Optional(Type.String({ description: 'asc or desc.' })),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: Type.Object({ conductors: Type.Array(anyObject), next: Type.Optional(Type.String()) }),
  },
  {
    id: 'conductor.show',
    method: 'GET',
    path: '/v1/conductors/:hostname',
    since: 49,
    policy: 'baremetal:conductor:get',
    summary: 'Show a conductor',
    params: Type.Object({ hostname: Type.String() }),
    query: Type.Object({ fields }, { additionalProperties: false }),
    success: 200,
    response: anyObject,
  },
] as const satisfies readonly Route[];

type Query = Readonly<Record<string, unknown>>;

/** Handlers of `/v1/conductors`. There are few of them: they are sorted and cut here. */
export function conductorHandlers(deps: BaremetalDeps): Handlers<typeof conductorRoutes> {
  return {
    'conductor.list': async (context, { query }) => {
      const chosen = readFields(query, BRIEF);
      await deps.catalogue.refresh();
      const { rows, limit } = page(deps.catalogue.conductors(), query, deps.config.api.maxLimit);
      const write = (row: ConductorRecord) => JSON.stringify(body(context, row, chosen));
      const place = { limit, items: rows.length, last: rows.at(-1)?.host };
      return collectionReply('conductors', rows, write, nextOf(context, '/v1/conductors', query, place));
    },
    'conductor.show': async (context, { params, query }) => {
      const chosen = readFields(query, FIELDS);
      const hostname = params['hostname'] as string;
      await deps.catalogue.refresh();
      const row = deps.catalogue.conductors().find((one) => one.host === hostname);
      if (row === undefined) throw errors.ConductorNotFound(shown(hostname));
      return { body: body(context, row, chosen) };
    },
  };
}

function readFields(query: Query, otherwise: readonly string[]): readonly string[] {
  const asked = query['fields'] as readonly string[] | undefined;
  if (asked === undefined) return query['detail'] === true ? FIELDS : otherwise;
  if (query['detail'] === true) {
    throw errors.InvalidParameterValue('Can not specify ?detail=True and fields in the same request.');
  }
  const unknown = asked.filter((name) => !FIELDS.includes(name) && name !== 'links');
  if (unknown.length > 0) throw errors.InvalidFields(unknown.map(shown).join(', '));
  return asked;
}

const SORTS: Readonly<Record<string, (row: ConductorRecord) => string | number>> = {
  id: (row) => row.createdAt,
  hostname: (row) => row.host,
  conductor_group: (row) => row.group,
  created_at: (row) => row.createdAt,
  updated_at: (row) => row.updatedAt ?? 0,
};

function page(all: readonly ConductorRecord[], query: Query, maxLimit: number) {
  const limit = Math.min((query['limit'] as number | undefined) ?? maxLimit, maxLimit);
  if (limit <= 0) throw errors.Invalid('Limit must be positive');
  const direction = (query['sort_dir'] as string | undefined) ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') {
    throw errors.Invalid(`Invalid sort direction: ${shown(direction)}. Acceptable values are 'asc' or 'desc'`);
  }
  const key = (query['sort_key'] as string | undefined) ?? 'id';
  const by = Object.hasOwn(SORTS, key) ? SORTS[key] : undefined;
  if (by === undefined) {
    throw errors.InvalidParameterValue(`The sort_key value ${shown(key)} is an invalid field for sorting`);
  }
  const compare = (a: ConductorRecord, b: ConductorRecord) => {
    const [x, y] = [by(a), by(b)];
    return x < y ? -1 : x > y ? 1 : a.host < b.host ? -1 : 1;
  };
  const sorted = [...all].sort((a, b) => (direction === 'asc' ? compare(a, b) : compare(b, a)));
  const marker = query['marker'] as string | undefined;
  const at = marker === undefined ? -1 : sorted.findIndex((row) => row.host === marker);
  if (marker !== undefined && at < 0) throw errors.ConductorNotFound(shown(marker));
  return { rows: sorted.slice(at + 1, at + 1 + limit), limit };
}

function body({ baseUrl }: RequestContext, row: ConductorRecord, chosen: readonly string[]) {
  const time = (ms: number | null) => (ms === null ? null : `${new Date(ms).toISOString().slice(0, 19)}+00:00`);
  const values: Record<string, unknown> = {
    hostname: row.host,
    conductor_group: row.group,
    alive: row.alive,
    drivers: row.drivers,
    created_at: time(row.createdAt),
    updated_at: time(row.updatedAt),
  };
  const path = `conductors/${encodeURIComponent(row.host)}`;
  return {
    ...Object.fromEntries(FIELDS.filter((name) => chosen.includes(name)).map((name) => [name, values[name]])),
    links: [
      { href: `${baseUrl}/v1/${path}`, rel: 'self' },
      { href: `${baseUrl}/${path}`, rel: 'bookmark' },
    ],
  };
}
