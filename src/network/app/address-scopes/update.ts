import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { shareWithAll } from '../../store/rbac.ts';

/** Changes an address scope. What is shared stays so. */
export async function updateAddressScope(
  { tx }: Call,
  row: Held,
  changes: Changes,
  columns: Columns,
): Promise<Columns> {
  if (changes['shared'] === false && row.facts['shared'] === true)
    throw refusals.AddressScopeUpdateError(row.id, 'Shared address scope can not be unshared');
  if (changes['shared'] === true) await shareWithAll(tx, 'address_scope', row.id, row.project_id, 'access_as_shared');
  return columns;
}
