import type { CatalogEntry } from '../../app/catalog.ts';
import type { Session } from '../../tokens/sessions.ts';
import { keystoneTime } from '../times.ts';

/** A token as clients see it. The catalog stands only in tokens that have a scope. */
export function tokenBody(session: Session, catalog: readonly CatalogEntry[] | null): Record<string, unknown> {
  const { claims, row, roles, accessRules } = session;
  const domain = { id: row.scope_domain_id, name: row.scope_domain_name };
  const scoped = claims.projectId !== null || claims.domainId !== null || claims.system;
  return {
    methods: claims.methods,
    user: {
      id: claims.userId,
      name: row.user_name,
      domain: { id: row.user_domain_id, name: row.user_domain_name },
      password_expires_at: row.password_expires_at === null ? null : keystoneTime(row.password_expires_at),
    },
    audit_ids: claims.auditIds,
    expires_at: keystoneTime(session.expiresAt),
    issued_at: keystoneTime(claims.issuedAt),
    ...(claims.projectId === null
      ? {}
      : { project: { id: claims.projectId, name: row.project_name, domain }, is_domain: false }),
    ...(claims.domainId === null ? {} : { domain }),
    ...(claims.system ? { system: { all: true } } : {}),
    ...(scoped ? { roles } : {}),
    ...(row.project_purpose === 'admin' ? { is_admin_project: true } : {}),
    ...(scoped && catalog !== null ? { catalog } : {}),
    ...(row.credential_id === null
      ? {}
      : {
          application_credential: {
            id: row.credential_id,
            name: row.credential_name,
            restricted: row.credential_unrestricted !== true,
            ...(accessRules === null ? {} : { access_rules: accessRules }),
          },
        }),
  };
}
