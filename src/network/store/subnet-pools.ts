import type { Reader } from '#store/contract';

export interface PoolRow {
  id: string;
  project_id: string;
  ip_version: 4 | 6;
  prefixes: string[];
  default_prefixlen: number;
  min_prefixlen: number;
  max_prefixlen: number;
  default_quota: bigint | null;
  address_scope_id: string | null;
  shared: boolean;
}

/** The pool, held to the end of the transaction: one prefix is taken of it at a time. */
export async function holdPool(reader: Reader, id: string, project: string): Promise<PoolRow | undefined> {
  const text = `select p.id, p.project_id, p.ip_version, p.prefixes::text[] as prefixes, p.default_prefixlen,
      p.min_prefixlen, p.max_prefixlen, p.default_quota, p.address_scope_id,
      exists (select from net_rbac_policies r where r.object_type = 'subnetpool' and r.object_id = p.id
        and r.target_project in ('*', $2)) as shared
    from net_subnet_pools p where p.id = $1 for no key update of p`;
  return (await reader.query<PoolRow>({ name: 'network pool hold', text, values: [id, project] }))[0];
}

export async function findDefaultPool(reader: Reader, version: number): Promise<string | undefined> {
  const text = 'select id from net_subnet_pools where is_default and ip_version = $1';
  return (await reader.query<{ id: string }>({ name: 'network pool default', text, values: [version] }))[0]?.id;
}

/** What a project's subnets of the pool count: in blocks of `unit` bits. */
export async function countOfProject(reader: Reader, pool: string, project: string, unit: number): Promise<number> {
  const text = `select coalesce(sum(power(2::float8, $3::int - masklen(cidr))), 0)::float8 as n
    from net_subnets where subnetpool_id = $1 and project_id = $2`;
  return (
    (await reader.query<{ n: number }>({ name: 'network pool count', text, values: [pool, project, unit] }))[0]?.n ?? 0
  );
}

export async function findFreePrefix(reader: Reader, pool: string, length: number): Promise<string | undefined> {
  const text = 'select net_free_prefix($1, $2)::text as cidr';
  return (
    (await reader.query<{ cidr: string | null }>({ name: 'network pool free', text, values: [pool, length] }))[0]
      ?.cidr ?? undefined
  );
}

/** Has the pool a subnet there already? */
export async function findTaken(reader: Reader, pool: string, cidr: string): Promise<boolean> {
  const text = 'select from net_subnets where subnetpool_id = $1 and cidr && $2::cidr limit 1';
  return (await reader.query({ name: 'network pool taken', text, values: [pool, cidr] })).length > 0;
}

/** Another pool of an address scope whose prefixes overlap. */
export async function findScopeOverlap(
  reader: Reader,
  scope: string,
  except: string | null,
  prefixes: readonly string[],
): Promise<string | undefined> {
  const text = `select p.id from net_subnet_pools p, unnest(p.prefixes) a, unnest($3::cidr[]) b
    where p.address_scope_id = $1 and p.id is distinct from $2 and a && b limit 1`;
  const values = [scope, except, prefixes];
  return (await reader.query<{ id: string }>({ name: 'network scope overlap', text, values }))[0]?.id;
}
