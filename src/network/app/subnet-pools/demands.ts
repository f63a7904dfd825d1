import { widthOf } from '#kernel/addresses';
import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findScopeOverlap } from '../../store/subnet-pools.ts';

/** The lengths of prefixes a pool gives go together. Throws `IllegalSubnetPoolPrefixBounds`. */
export function demandLengths(version: 4 | 6, min: number, usual: number, max: number): void {
  const width = widthOf(version);
  if (min < 1 || max > width)
    throw refusals.IllegalSubnetPoolPrefixBounds('prefixlen', min < 1 ? min : max, `IPv${version}`);
  if (min > max) throw refusals.IllegalSubnetPoolPrefixBounds('min_prefixlen', min, `max_prefixlen ${max}`);
  if (usual < min) throw refusals.IllegalSubnetPoolPrefixBounds('default_prefixlen', usual, `min_prefixlen ${min}`);
  if (usual > max) throw refusals.IllegalSubnetPoolPrefixBounds('default_prefixlen', usual, `max_prefixlen ${max}`);
}

/** The caller sees the address scope, and nothing of it overlaps the pool. */
export async function demandScope(
  call: Call,
  scope: unknown,
  pool: { id: string; version: 4 | 6; prefixes: readonly string[] },
): Promise<void> {
  if (typeof scope !== 'string') return;
  const text = `select s.project_id, s.ip_version, exists (select from net_rbac_policies r
      where r.object_type = 'address_scope' and r.object_id = s.id and r.target_project in ('*', $2)) as shared
    from net_address_scopes s where s.id = $1 for no key update of s`;
  const [row] = await call.tx.query<{ project_id: string; ip_version: number; shared: boolean }>({
    name: 'network scope seen',
    text,
    values: [scope, call.project],
  });
  if (row === undefined || !call.allows('get_address_scope', { project_id: row.project_id, shared: row.shared }))
    throw refusals.AddressScopeNotFound(scope);
  if (row.ip_version !== pool.version) throw refusals.IllegalSubnetPoolIpVersionAssociation(scope, row.ip_version);
  const other = await findScopeOverlap(call.tx, scope, pool.id, pool.prefixes);
  if (other !== undefined) throw refusals.AddressScopePrefixConflict();
}
