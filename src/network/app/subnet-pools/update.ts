import { contains, parsePrefix } from '#kernel/addresses';
import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { readPrefixes } from '../../model/subnet-plan.ts';
import { refusals } from '../../refusals.ts';
import { findDefaultPool, holdPool } from '../../store/subnet-pools.ts';
import { demandLengths, demandScope } from './demands.ts';

/** Changes a subnet pool; prefixes subnets were taken of stay. */
export async function updateSubnetPool(call: Call, row: Held, changes: Changes, columns: Columns): Promise<Columns> {
  const { tx } = call;
  const pool = await holdPool(tx, row.id, call.project);
  if (pool === undefined) throw refusals.SubnetPoolNotFound(row.id);
  const length = (name: 'min_prefixlen' | 'max_prefixlen' | 'default_prefixlen') =>
    (changes[name] as number | undefined) ?? pool[name];
  demandLengths(pool.ip_version, length('min_prefixlen'), length('default_prefixlen'), length('max_prefixlen'));
  let { prefixes } = pool;
  if (changes['prefixes'] !== undefined) {
    const read = readPrefixes(changes['prefixes'] as string[]);
    if (read.version !== pool.ip_version) throw refusals.PrefixVersionMismatch();
    prefixes = read.prefixes;
    // Prefixes are added and never taken away: subnets are made of them any moment.
    const lost = pool.prefixes.some((old) => !prefixes.some((one) => holds(one, old)));
    if (lost) throw refusals.IllegalSubnetPoolPrefixUpdate(pool.prefixes.join(', '));
    columns['prefixes'] = prefixes;
  }
  if (changes['is_default'] === true) {
    const other = await findDefaultPool(tx, pool.ip_version);
    if (other !== undefined && other !== row.id)
      throw refusals.HTTPBadRequest(`A default subnetpool for IPv${pool.ip_version} exists already`);
  }
  const scope = changes['address_scope_id'] === undefined ? pool.address_scope_id : changes['address_scope_id'];
  await demandScope(call, scope, { id: row.id, version: pool.ip_version, prefixes });
  return columns;
}

function holds(outer: string, inner: string): boolean {
  const [out, within] = [parsePrefix(outer), parsePrefix(inner)];
  if (out === undefined || within === undefined || out.length > within.length) return false;
  return contains(out, { version: within.version, value: within.first });
}
