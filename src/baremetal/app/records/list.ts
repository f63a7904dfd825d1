import type { RecordKind } from './kind.ts';
import { errors } from '../../errors.ts';
import type { Access } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { Conditions, listRows, markerPlace } from '../../store/listing.ts';
import { ownershipSelect, recordFrom } from '../../store/records.ts';
import type { TextRow } from '../../store/text-rows.ts';
import { listedProject, type PageRequest } from '../list-nodes.ts';

/** Adds a filter's condition; `value` was read by the API. */
export type RecordFilter = (conditions: Conditions, value: unknown) => void;

export interface RecordList {
  kind: RecordKind;
  /** Prefix of the rules `…:list` and `…:list_all`; null when one rule guards all (`list`). */
  listRules: string | { rule: string };
  filters: Readonly<Record<string, unknown>>;
  page: PageRequest;
  select: string;
  by: Readonly<Record<string, RecordFilter>>;
  /** Added whatever was asked for (the node of a sub-list). */
  also?: (conditions: Conditions) => void;
}

/** Lists records the caller may see; each row is followed by owner, lessee and public. Throws 403, 404 (marker). */
export async function listRecords(deps: BaremetalDeps, access: Access, list: RecordList): Promise<TextRow[]> {
  const { kind, page } = list;
  const conditions = new Conditions();
  let asked = list.filters;
  if (typeof list.listRules === 'string') {
    const { owner, ...rest } = list.filters as { owner?: string };
    const project = listedProject(access, list.listRules, owner);
    if (project !== undefined) addProject(kind, conditions, project, owner === undefined);
    asked = rest;
  } else if (!access.allows(list.listRules.rule)) throw errors.Forbidden(list.listRules.rule);
  for (const [name, value] of Object.entries(asked)) list.by[name]?.(conditions, value);
  list.also?.(conditions);
  const after =
    page.marker === null
      ? null
      : await markerPlace(deps.store, kind.table, { column: 'uuid', value: page.marker }, 'seq', page.sort);
  if (after === undefined) throw kind.notFound(page.marker ?? '');
  return await listRows(deps.store, {
    from: recordFrom(kind),
    select: `${list.select}, ${ownershipSelect(kind)}`,
    conditions,
    seq: 'seq',
    sort: page.sort,
    after,
    descending: page.descending,
    limit: page.limit,
  });
}

function addProject(kind: RecordKind, conditions: Conditions, project: string, visible: boolean): void {
  const bound = conditions.bind(project);
  if (kind.owned === 'node') conditions.add(`(n.owner = ${bound} or n.lessee = ${bound})`);
  else if (kind.table === 'runbooks' && visible) conditions.add(`(t.owner = ${bound} or t.public)`);
  else conditions.add(`t.owner = ${bound}`);
}

/** Conditions many lists share. */
export const filterBy = {
  /** The resolved UUID of a node. */
  node: ((c, value) => c.add(`t.node_uuid = ${c.bind(value)}`)) satisfies RecordFilter,
  equals:
    (column: string): RecordFilter =>
    (c, value) =>
      c.add(`t.${column} = ${c.bind(value)}`),
  nodeIn:
    (column: string): RecordFilter =>
    (c, value) =>
      c.add(`n.${column} = any(${c.bind(value)}::text[])`),
};
