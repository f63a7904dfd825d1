import { type TSchema, Type } from 'typebox';
import type { Fact, Field } from './resource.ts';

// Fields that many resources have, and the ways most fields are written.

const TIME = (column: string) => `to_char(t.${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

export const Name = Type.String({ maxLength: 255 });
export const Uuid = Type.String({ format: 'uuid' });
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Text in a column of the same name. */
export const text = (column: string, more: Field = {}): Field => ({
  sql: `t.${column}`,
  column,
  input: Name,
  preset: '',
  filter: 'text',
  sort: true,
  ...more,
});
/** True or false in a column of the same name. */
export const flag = (column: string, preset: boolean, more: Field = {}): Field => ({
  sql: `t.${column}`,
  column,
  input: Type.Boolean(),
  preset,
  filter: 'boolean',
  sort: true,
  ...more,
});
/** The id of something else. */
export const reference = (column: string, more: Field = {}): Field => ({
  sql: `t.${column}`,
  column,
  input: Uuid,
  filter: 'uuid',
  sort: true,
  ...more,
});
/** Only shown. */
export const shown = (sql: string, more: Field = {}): Field => ({ sql, ...more });

export const id: Field = { sql: 't.id', filter: 'uuid', sort: true };
export const name: Field = text('name');
export const description: Field = text('description');

const project: Field = { sql: 't.project_id', input: Name, update: false, filter: 'text', sort: true };
/** Whose it is, by its new and its old name. */
export const ownership: Readonly<Record<string, Field>> = {
  project_id: project,
  tenant_id: { ...project, sort: false },
};
export const history: Readonly<Record<string, Field>> = {
  created_at: shown(TIME('created_at')),
  updated_at: shown(TIME('updated_at')),
  revision_number: shown('t.revision', { filter: 'integer' }),
};
/** Tags are set by calls of their own; ports take them when they are made. */
export const tags: Field = shown("coalesce(to_json(t.tags), '[]')");

export const ownFact: Readonly<Record<string, Fact>> = { project_id: { sql: 't.project_id', kind: 'project' } };

/** Is the row shared with the caller's project by an RBAC policy? */
export const sharedSql = (type: string, action = 'access_as_shared', id = 't.id'): string =>
  `(${id} in (select r.object_id from net_rbac_policies r where r.object_type = '${type}'
     and r.action = '${action}' and r.target_project in ('*', $1)))`;

/** The same of one row, for where a few rows are looked at. */
export const sharedFact = (type: string, action = 'access_as_shared', id = 't.id'): Fact => ({
  sql: sharedSql(type, action, id),
  kind: 'flag',
});

/** Facts of what is in a network, which is `t.network_id`. */
export const networkFacts: Readonly<Record<string, Fact>> = {
  network_project: {
    sql: '(select n.project_id from net_networks n where n.id = t.network_id)',
    list: 't.network_id in (select n.id from net_networks n where n.project_id = $1)',
    kind: 'project',
  },
  shared: sharedFact('network', 'access_as_shared', 't.network_id'),
  external: sharedFact('network', 'access_as_external', 't.network_id'),
};
