import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { checkTrait, checkTraitCount } from '../model/traits.ts';
import { updateRow } from '../store/nodes.ts';
import { findRecord } from './records/find.ts';
import { runbookKind } from './records/kinds/runbooks.ts';
import type { TraitChange } from './traits.ts';

const TRIES = 8;

/** Traits of a runbook, sorted. Throws 403, 404. */
export async function listRunbookTraits(deps: BaremetalDeps, access: Access, ident: string): Promise<string[]> {
  const { row } = await findRecord(
    deps,
    access,
    runbookKind,
    ident,
    'array_to_json(t.traits)',
    1,
    runbookKind.rules.get,
  );
  return JSON.parse(row[0] ?? '[]') as string[];
}

/** Changes a runbook's traits. Throws 400, 403, 404 (the trait to be removed is not there), 409. */
export async function changeRunbookTraits(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  change: TraitChange,
): Promise<void> {
  for (const trait of 'set' in change ? change.set : 'add' in change ? [change.add] : []) checkTrait('trait', trait);
  const select = 't.uuid, t.revision, array_to_json(t.traits)';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { row } = await findRecord(deps, access, runbookKind, ident, select, 3, runbookKind.rules.update);
    const old = JSON.parse(row[2] ?? '[]') as string[];
    const next = new Set('set' in change ? change.set : 'clear' in change ? [] : old);
    if ('add' in change) next.add(change.add);
    if ('remove' in change && !next.delete(change.remove)) throw errors.RunbookTraitNotFound(ident, change.remove);
    checkTraitCount(ident, next.size);
    const at = { uuid: row[0] as string, revision: row[1] as string };
    const done = await updateRow(deps.store, 'runbooks', at, { traits: [...next].sort() }, 't.uuid');
    if (done !== undefined) {
      deps.store.changes.announce('runbooks', at.uuid);
      return;
    }
  }
  throw errors.EditRace(`Runbook ${ident}`, { retryAfter: 1 });
}
