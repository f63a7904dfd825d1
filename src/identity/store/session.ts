import type { Reader } from '#store/contract';

/** What a token is for; exactly one is set, or none (unscoped). */
export interface ScopeIds {
  projectId: string | null;
  domainId: string | null;
  system: boolean;
}

/** The truth about a user in a scope, in one reading. */
export interface SessionRow {
  /** The database's clock, milliseconds. Tokens are stamped with it, so that hosts need not agree on the time. */
  now: number;
  user_name: string;
  user_enabled: boolean;
  user_domain_id: string;
  user_domain_name: string;
  user_domain_enabled: boolean;
  default_project_id: string | null;
  password_expires_at: string | null;
  /** Milliseconds; tokens issued before are void. */
  tokens_after: number | null;
  project_name: string | null;
  project_enabled: boolean | null;
  project_purpose: 'admin' | 'service' | null;
  scope_domain_id: string | null;
  scope_domain_name: string | null;
  scope_domain_enabled: boolean | null;
  /** JSON: `[{"id":…,"name":…}]`, implied ones included, roles of single domains left out. */
  roles: string;
  revoked: boolean;
  credential_id: string | null;
  credential_name: string | null;
  credential_unrestricted: boolean | null;
  /** Milliseconds. */
  credential_expires: number | null;
  /** JSON list of access rules, or null when the credential has no such restriction. */
  access_rules: string | null;
}

/**
 * Reads all that decides whether a token is good and what it is good for. Gives undefined when the user is
 * gone. With an application credential its roles are those of it that the user still has.
 */
export async function readSession(
  reader: Reader,
  userId: string,
  scope: ScopeIds,
  credentialId: string | null,
  auditIds: readonly string[],
): Promise<SessionRow | undefined> {
  const [row] = await reader.query<SessionRow>({
    name: 'identity_session',
    text: SESSION,
    values: [
      userId,
      scope.projectId,
      scope.domainId,
      scope.system,
      credentialId,
      auditIds[0] ?? '',
      auditIds.at(-1) ?? '',
    ],
  });
  return row;
}

const SESSION = 'select * from identity_session($1, $2, $3, $4, $5, $6, $7)';
