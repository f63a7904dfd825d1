import { describe, expect, it } from 'vitest';
import { scopeOf } from './viewer.ts';

// Pure: who sees which tenancy, asked of a stand-in for the policy that knows owners and lessees.
const member = (project: string | null) => (target: Record<string, unknown>) =>
  project !== null && (target['owner'] === project || target['lessee'] === project);

const tenancy = (id: number, owner: string | null, lessee: string | null) => ({ id, owner, lessee, instance: null });

describe('what of a console somebody sees', () => {
  const all = [tenancy(1, 'own', null), tenancy(2, 'own', 'red'), tenancy(3, 'own', 'blue'), tenancy(4, null, null)];

  it('is the lessee’s while it leases, and the owner’s only when nobody does', () => {
    expect(scopeOf(member('red'), all)).toEqual(new Set([2]));
    expect(scopeOf(member('blue'), all)).toEqual(new Set([3]));
    expect(scopeOf(member('own'), all)).toEqual(new Set([1]));
    expect(scopeOf(member('others'), all)).toBeUndefined();
    expect(scopeOf(member(null), all)).toBeUndefined();
  });

  it('is everything for who may see what is nobody’s', () => {
    expect(scopeOf(() => true, all)).toBe('all');
  });
});
