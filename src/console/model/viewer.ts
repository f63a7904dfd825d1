import type { PolicyTarget } from '#http/contract';
import type { Tenancy } from './tenancy.ts';
import type { Scope } from './scope.ts';

/** A project nobody is in. Not null: who has no project is not in it either. */
const NOBODY = '-';

/** What policy is asked about bytes that belong to nobody: only who works for the whole system passes. */
export const NOBODYS: PolicyTarget = { owner: NOBODY, lessee: NOBODY };

/**
 * Whose a tenancy is: the lessee's, and the owner's only when nobody leases. An owner who has lent its machine reads
 * no more of it than anybody.
 */
export function tenantOf({ owner, lessee }: Pick<Tenancy, 'owner' | 'lessee'>): PolicyTarget {
  return lessee === null ? { owner: owner ?? NOBODY, lessee: NOBODY } : { owner: NOBODY, lessee };
}

/** What a caller may see of a node's console; undefined: nothing. `allows` asks one rule of the policy. */
export function scopeOf(allows: (target: PolicyTarget) => boolean, tenancies: readonly Tenancy[]): Scope | undefined {
  if (allows(NOBODYS)) return 'all';
  const mine = tenancies.filter((one) => allows(tenantOf(one))).map(({ id }) => id);
  return mine.length === 0 ? undefined : new Set(mine);
}
