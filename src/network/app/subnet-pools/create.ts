import { widthOf } from '#kernel/addresses';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { readPrefixes } from '../../model/subnet-plan.ts';
import { refusals } from '../../refusals.ts';
import { shareWithAll } from '../../store/rbac.ts';
import { insertRows } from '../../store/rows.ts';
import { findDefaultPool } from '../../store/subnet-pools.ts';
import { demandLengths, demandScope } from './demands.ts';

/** Makes subnet pools. */
export async function createSubnetPools(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx } = call;
  for (const [at, wish] of wishes.entries()) {
    const { version, prefixes } = readPrefixes(wish['prefixes'] as string[]);
    const min = (wish['min_prefixlen'] as number | null | undefined) ?? (version === 4 ? 8 : 64);
    const max = (wish['max_prefixlen'] as number | null | undefined) ?? widthOf(version);
    const usual = (wish['default_prefixlen'] as number | null | undefined) ?? min;
    demandLengths(version, min, usual, max);
    if (wish['is_default'] === true && (await findDefaultPool(tx, version)) !== undefined)
      throw refusals.HTTPBadRequest(`A default subnetpool for IPv${version} exists already`);
    const row = columns[at] as NewColumns;
    await demandScope(call, wish['address_scope_id'], { id: row.id, version, prefixes });
    await insertRows(tx, 'net_subnet_pools', [
      { ...row, prefixes, ip_version: version, min_prefixlen: min, max_prefixlen: max, default_prefixlen: usual },
    ]);
    if (wish['shared'] === true) await shareWithAll(tx, 'subnetpool', row.id, row.project_id, 'access_as_shared');
  }
}
