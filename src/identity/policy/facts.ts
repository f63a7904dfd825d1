import type { CallerFacts } from '#contracts/identity';
import type { Scope } from '#contracts/policy';
import type { Caller, PolicyTarget } from '#http/contract';

/** A caller, with what is known of it when the identity service made it. */
export type Subject = Caller & Partial<CallerFacts>;

type Value = string | null | undefined;

const yes = (value: boolean | undefined): string => (value ? 'True' : 'False');

/** The facts of a caller that expressions may name; the names are oslo.policy's. */
export const CALLER_FACTS: Readonly<Record<string, (c: Subject) => Value>> = {
  user_id: (c) => c.userId,
  project_id: (c) => c.projectId,
  tenant: (c) => c.projectId,
  project_name: (c) => c.projectName,
  project_domain_id: (c) => c.projectDomainId,
  user_domain_id: (c) => c.userDomainId,
  domain_id: (c) => c.domainId,
  system_scope: (c) => (c.system ? 'all' : null),
  is_admin_project: (c) => yes(c.adminProject),
  is_service_project: (c) => yes(c.serviceProject),
  is_admin: () => 'False',
  is_public_api: (c) => yes(c.userId === null),
  'token.domain.id': (c) => c.domainId,
  'token.project.domain.id': (c) => c.projectDomainId,
  'token.project.id': (c) => c.projectId,
  'token.user.domain.id': (c) => c.userDomainId,
};

/** What kind of scope the caller's token has. */
export function scopeOf(caller: Subject): Scope {
  if (caller.system) return 'system';
  return caller.domainId !== null ? 'domain' : 'project';
}

/** May a token of this caller be used for a rule that wants one of `needed`? */
export function scopeFits(caller: Subject, needed: readonly Scope[] | undefined): boolean {
  if (needed === undefined || needed.includes(scopeOf(caller))) return true;
  return caller.adminProject === true && needed.includes('system');
}

/** A target's fact as policy compares it: text, or null when there is none. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (value === true) return 'True';
  if (value === false) return 'False';
  return typeof value === 'string' ? value : String(value);
}

/** Reads `a.b.c` of a target: as one key, else key by key. Only own keys count. */
export function readTarget(target: PolicyTarget, path: string): unknown {
  if (Object.hasOwn(target, path)) return target[path];
  let value: unknown = target;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
