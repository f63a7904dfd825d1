import { IngotError } from '#kernel/errors';
import type { Sealer } from '#store/contract';
import type { Document } from '../../model/node.ts';
import { type SecretValues, splitSecrets } from '../../model/secrets.ts';
import type { ColumnValues } from '../../store/nodes.ts';
import type { RecordKind, RecordValues } from './kind.ts';

/** What a record's sealed column is bound to. */
export function recordAad(kind: RecordKind, uuid: string): string {
  return `${kind.table}:${uuid}:${kind.secret ?? ''}`;
}

/** Field values as columns: documents as JSON text, secrets masked and sealed beside. */
export function recordColumns(
  kind: RecordKind,
  sealer: Sealer,
  uuid: string,
  values: RecordValues,
  kept: SecretValues = {},
): ColumnValues {
  const columns: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const empty = kind.documents[name];
    if (empty === undefined) columns[name] = value ?? kind.defaults[name] ?? null;
    else if (name !== kind.secret)
      columns[name] = value === null || value === undefined ? empty : JSON.stringify(value);
    else {
      const { masked, secrets } = splitSecrets((value ?? {}) as Document, 'driver_info', kept);
      columns[name] = JSON.stringify(masked);
      columns[`${name}_sealed`] =
        Object.keys(secrets).length === 0 ? null : sealer.seal(secrets, recordAad(kind, uuid));
    }
  }
  return columns;
}

/** A column's text as a value: documents parsed, booleans read. */
export function recordValue(kind: RecordKind, name: string, text: string | null): unknown {
  if (text === null) return null;
  if (kind.documents[name] !== undefined) return JSON.parse(text) as unknown;
  if (Array.isArray(kind.defaults[name])) return JSON.parse(text) as unknown;
  if (typeof kind.defaults[name] === 'boolean') return text === 't';
  if (typeof kind.defaults[name] === 'number') return Number(text);
  return text;
}

/** What a write collided with, in Ironic's words. Gives anything else back as it is. */
export function recordConflict(kind: RecordKind, error: unknown, values: RecordValues, uuid: string): unknown {
  if (!(error instanceof IngotError)) return error;
  const constraint = error.details?.['constraint'];
  if (typeof constraint !== 'string') return error;
  if (constraint === `${kind.table}_pkey`) {
    return new IngotError('AlreadyExists', 409, `A ${kind.title.toLowerCase()} with UUID ${uuid} already exists.`);
  }
  return kind.conflict?.(constraint, values, uuid) ?? error;
}
