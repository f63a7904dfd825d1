import { contains, parsePrefix, prefixText, widthOf } from '#kernel/addresses';
import type { Call } from '../../model/resource.ts';
import { readCidr } from '../../model/subnet-plan.ts';
import { refusals } from '../../refusals.ts';
import { countOfProject, findDefaultPool, findFreePrefix, findTaken, holdPool } from '../../store/subnet-pools.ts';

interface PrefixWish {
  /** Null: the default pool of the version. */
  pool: string | null;
  version: 4 | 6;
  cidr: string | null;
  length: number | null;
}

/** A prefix of a subnet pool that nobody has, for a project; held until the subnet stands. */
export async function takePrefix(
  call: Call,
  project: string,
  wish: PrefixWish,
): Promise<{ cidr: string; pool: string }> {
  const { tx } = call;
  const id = wish.pool ?? (await findDefaultPool(tx, wish.version));
  if (id === undefined) throw refusals.HTTPBadRequest(`No default subnetpool found for IPv${wish.version}`);
  const pool = await holdPool(tx, id, call.project);
  if (pool === undefined || !call.allows('get_subnetpool', { project_id: pool.project_id, shared: pool.shared }))
    throw refusals.SubnetPoolNotFound(id);
  if (pool.ip_version !== wish.version)
    throw refusals.HTTPBadRequest(`Cannot allocate IPv${wish.version} subnet from IPv${pool.ip_version} subnet pool`);
  const named = wish.cidr === null ? null : readCidr(wish.cidr, wish.version);
  const length = named?.length ?? wish.length ?? pool.default_prefixlen;
  if (length < pool.min_prefixlen) throw refusals.MinPrefixSubnetAllocationError(length, pool.min_prefixlen);
  if (length > pool.max_prefixlen) throw refusals.MaxPrefixSubnetAllocationError(length, pool.max_prefixlen);
  if (pool.default_quota !== null) {
    // IPv4 counts addresses, IPv6 networks of 64 bits.
    const unit = wish.version === 4 ? widthOf(4) : 64;
    const wanted = 2 ** (unit - length);
    if ((await countOfProject(tx, id, project, unit)) + wanted > Number(pool.default_quota))
      throw refusals.SubnetPoolQuotaExceeded();
  }
  if (named === null) {
    const free = await findFreePrefix(tx, id, length);
    if (free === undefined)
      throw refusals.SubnetAllocationError('Insufficient prefix space to allocate subnet size', `/${length}`);
    return { cidr: free, pool: id };
  }
  const cidr = prefixText(named);
  const inside = pool.prefixes.some((text) => {
    const prefix = parsePrefix(text);
    return (
      prefix !== undefined &&
      prefix.length <= named.length &&
      contains(prefix, { version: named.version, value: named.first })
    );
  });
  if (!inside || (await findTaken(tx, id, cidr)))
    throw refusals.SubnetAllocationError('Cannot allocate requested subnet from the available set of prefixes', cidr);
  return { cidr, pool: id };
}
