import { addressesOf } from '../../model/group-rule.ts';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { insertRows } from '../../store/rows.ts';

/** Makes address groups. */
export async function createAddressGroups(
  { tx }: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const rows = wishes.map((wish, at) => ({
    ...columns[at],
    addresses: addressesOf((wish['addresses'] ?? []) as string[]),
  }));
  await insertRows(tx, 'net_address_groups', rows);
}
