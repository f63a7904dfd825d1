import { isUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { Access, Ownership } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { isLogicalName } from '../../model/names.ts';
import { selectRecord } from '../../store/records.ts';
import type { TextRow } from '../../store/text-rows.ts';
import type { RecordKind } from './kind.ts';

/** A record's row: the columns asked for, and whose it is. */
export interface FoundRecord {
  row: TextRow;
  target: Ownership;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Reads what a path calls a record. Throws 400 for what can be neither. */
export function recordIdent(kind: RecordKind, ident: string): { column: string; value: string } {
  if (isUuid(ident)) return { column: 'uuid', value: ident.toLowerCase() };
  if (kind.addressed === true && MAC.test(ident)) return { column: 'address', value: ident.toLowerCase() };
  if (!kind.named)
    throw errors.InvalidParameterValue(`Expected UUID for ${kind.title.toLowerCase()}: ${ident.slice(0, 100)}`);
  if (!isLogicalName(ident, 10)) throw errors.InvalidUuidOrName(ident.slice(0, 100));
  return { column: 'name', value: ident };
}

/** Refuses a record the caller may not see as if it were not there (404), then an act it may not do (403). */
export function authoriseRecord(
  access: Access,
  kind: RecordKind,
  ident: string,
  target: Ownership,
  rule: string,
): void {
  if (kind.owned === 'nobody') {
    if (!access.allows(rule)) throw errors.Forbidden(rule);
    return;
  }
  const sees = access.allows(kind.rules.get, target);
  if (!sees) {
    // What hangs on a node one may see is known to be there.
    if (kind.owned === 'node' && access.allows('baremetal:node:get', target)) throw errors.Forbidden(rule);
    throw kind.notFound(ident);
  }
  if (rule !== kind.rules.get && !access.allows(rule, target)) throw errors.Forbidden(rule);
}

/**
 * Finds a record the caller may do `rule` to. `select` speaks of the alias `t`; owner and lessee are read behind
 * it. Throws 400, 403, 404.
 */
export async function findRecord(
  deps: BaremetalDeps,
  access: Access,
  kind: RecordKind,
  ident: string,
  select: string,
  width: number,
  rule: string,
): Promise<FoundRecord> {
  const found = await selectRecord(deps.store, kind, recordIdent(kind, ident), select);
  if (found === undefined) {
    if (kind.owned === 'nobody' && !access.allows(rule)) throw errors.Forbidden(rule);
    throw kind.notFound(ident);
  }
  const target = { owner: found[width] ?? null, lessee: found[width + 1] ?? null, public: found[width + 2] === 't' };
  authoriseRecord(access, kind, ident, target, rule);
  return { row: found, target };
}
