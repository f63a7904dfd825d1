import { isDeepStrictEqual } from 'node:util';
import { newUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { Access, Ownership } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { SecretValues } from '../../model/secrets.ts';
import { insertRow, updateRow } from '../../store/nodes.ts';
import { deleteRecordRow, selectRecord } from '../../store/records.ts';
import type { TextRow } from '../../store/text-rows.ts';
import { recordAad, recordColumns, recordConflict, recordValue } from './columns.ts';
import { authoriseRecord, findRecord, recordIdent } from './find.ts';
import type { RecordKind, RecordValues } from './kind.ts';

const TRIES = 8;

/**
 * Makes a record. Gives the row's columns `select`, and behind them whose it is, as `selectRecord` does. Throws 400,
 * 403, 409.
 */
export async function createRecord(
  deps: BaremetalDeps,
  access: Access,
  kind: RecordKind,
  version: number,
  asked: RecordValues,
  select: string,
): Promise<TextRow> {
  const uuid = (asked['uuid'] as string | null | undefined) ?? newUuid();
  const values: RecordValues = { ...asked, uuid };
  const target: Ownership = { owner: null, lessee: null };
  await kind.checkNew?.({ deps, access, version, uuid, values, target, before: {} });
  if (!access.allows(kind.rules.create, kind.owned === 'nobody' ? undefined : target)) {
    throw errors.Forbidden(kind.rules.create);
  }
  for (const [name, value] of Object.entries(kind.defaults)) if (values[name] === undefined) values[name] = value;
  try {
    const row = await insertRow(deps.store, kind.table, recordColumns(kind, deps.sealer, uuid, values), select);
    deps.store.changes.announce(kind.table, uuid);
    return [...row, ...ownership(target)];
  } catch (error) {
    throw recordConflict(kind, error, values, uuid);
  }
}

const ownership = ({ owner, lessee, public: open }: Ownership) => [owner, lessee ?? null, open === true ? 't' : 'f'];

/** An edit of a record, read from a PATCH. */
export interface RecordEdit {
  ident: string;
  version: number;
  /** Root fields it touches. */
  fields: readonly string[];
  /** Gives the touched fields' new values from their old ones. Throws 400. */
  apply(current: RecordValues): RecordValues;
}

/** Edits a record; starts again when somebody else wrote in between. Gives what `createRecord` gives. */
export async function updateRecord(
  deps: BaremetalDeps,
  access: Access,
  kind: RecordKind,
  edit: RecordEdit,
  select: string,
): Promise<TextRow> {
  const sealed = kind.secret !== undefined && edit.fields.includes(kind.secret) ? [`${kind.secret}_sealed`] : [];
  const names = [...new Set(['uuid', 'revision', ...kind.facts, ...edit.fields])];
  const read = [...names, ...sealed].map((name) =>
    kind.defaults[name] instanceof Array ? `array_to_json(t.${name})` : `t.${name}`,
  );
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = await findRecord(deps, access, kind, edit.ident, read.join(', '), read.length, kind.rules.update);
    const before: RecordValues = {};
    for (const [i, name] of names.entries()) before[name] = recordValue(kind, name, found.row[i] ?? null);
    const uuid = before['uuid'] as string;
    const current = Object.fromEntries(edit.fields.map((name) => [name, before[name]]));
    const values = edit.apply(current);
    await kind.checkEdit?.({ deps, access, version: edit.version, uuid, values, target: found.target, before });
    const delta = Object.fromEntries(
      Object.entries(values).filter(([name, value]) => !isDeepStrictEqual(value, before[name])),
    );
    const row = await write(
      deps,
      kind,
      { uuid, revision: before['revision'] as string, target: found.target },
      delta,
      sealedText(found.row, read.length, sealed),
      select,
    );
    if (row !== undefined) return row;
  }
  throw errors.EditRace(`${kind.title} ${edit.ident}`, { retryAfter: 1 });
}

const sealedText = (row: TextRow, width: number, sealed: readonly string[]) =>
  sealed.length === 0 ? null : (row[width - 1] ?? null);

async function write(
  deps: BaremetalDeps,
  kind: RecordKind,
  at: { uuid: string; revision: string; target: Ownership },
  delta: RecordValues,
  sealed: string | null,
  select: string,
): Promise<TextRow | undefined> {
  if (Object.keys(delta).length === 0) {
    return await selectRecord(deps.store, kind, { column: 'uuid', value: at.uuid }, select);
  }
  const kept = sealed === null ? {} : deps.sealer.open<SecretValues>(sealed, recordAad(kind, at.uuid));
  try {
    const columns = recordColumns(kind, deps.sealer, at.uuid, delta, kept);
    const row = await updateRow(deps.store, kind.table, at, columns, select);
    if (row === undefined) return undefined;
    deps.store.changes.announce(kind.table, at.uuid);
    return [...row, ...ownership(at.target)];
  } catch (error) {
    throw recordConflict(kind, error, delta, at.uuid);
  }
}

/** Deletes a record. Throws 400, 403, 404, 409. */
export async function deleteRecord(
  deps: BaremetalDeps,
  access: Access,
  kind: RecordKind,
  version: number,
  ident: string,
): Promise<void> {
  const names = [...new Set(['uuid', 'revision', ...kind.facts])];
  const select = names.map((name) => `t.${name}`).join(', ');
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = await selectRecord(deps.store, kind, recordIdent(kind, ident), select);
    if (found === undefined) {
      if (kind.owned === 'nobody' && !access.allows(kind.rules.delete)) throw errors.Forbidden(kind.rules.delete);
      throw kind.notFound(ident);
    }
    const target = { owner: found[names.length] ?? null, lessee: found[names.length + 1] ?? null };
    authoriseRecord(access, kind, ident, target, kind.rules.delete);
    const before: RecordValues = {};
    for (const [i, name] of names.entries()) before[name] = recordValue(kind, name, found[i] ?? null);
    const uuid = before['uuid'] as string;
    await kind.checkDelete?.({ deps, access, version, uuid, values: {}, target, before });
    try {
      if (await deleteRecordRow(deps.store, kind.table, uuid, before['revision'] as string)) {
        deps.store.changes.announce(kind.table, uuid);
        return;
      }
    } catch (error) {
      throw recordConflict(kind, error, before, uuid);
    }
  }
  throw errors.EditRace(`${kind.title} ${ident}`, { retryAfter: 1 });
}
