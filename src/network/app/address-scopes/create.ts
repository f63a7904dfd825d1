import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { shareWithAll } from '../../store/rbac.ts';
import { insertRows } from '../../store/rows.ts';

/** Makes address scopes. */
export async function createAddressScopes(
  { tx }: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  await insertRows(tx, 'net_address_scopes', columns);
  for (const [at, { shared }] of wishes.entries()) {
    const { id, project_id: owner } = columns[at] as NewColumns;
    if (shared === true) await shareWithAll(tx, 'address_scope', id, owner, 'access_as_shared');
  }
}
