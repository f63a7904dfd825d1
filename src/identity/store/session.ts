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

// Inherited assignments hold for all projects below: of the domain, or of a project further up the tree.
const SESSION = `
with recursive
  line(id, parent_id) as (
    select id, parent_id from identity_projects where id = $2
    union select p.id, p.parent_id from line join identity_projects p on p.id = line.parent_id
  ),
  granted(role_id) as (
    select a.role_id from identity_assignments a
    where (a.user_id = $1 or a.group_id in (select group_id from identity_group_members where user_id = $1))
      and case
        when $2::text is not null then
          (a.project_id = $2 and not a.inherited)
          or (a.inherited and a.project_id in (select id from line where id <> $2))
          or (a.inherited and a.domain_id = (select domain_id from identity_projects where id = $2))
        when $3::text is not null then a.domain_id = $3 and not a.inherited
        when $4::boolean then a.project_id is null and a.domain_id is null
        else false
      end
  ),
  effective(role_id) as (
    select role_id from granted
    union select i.implied_id from effective e join identity_implied_roles i on i.prior_id = e.role_id
  ),
  lent(role_id) as (
    select role_id from identity_application_credential_roles where credential_id = $5
    union select i.implied_id from lent l join identity_implied_roles i on i.prior_id = l.role_id
  )
select
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
  u.name as user_name, u.enabled as user_enabled, u.default_project_id, u.password_expires_at,
  (extract(epoch from u.tokens_after) * 1000)::float8 as tokens_after,
  ud.id as user_domain_id, ud.name as user_domain_name, ud.enabled as user_domain_enabled,
  p.name as project_name, p.enabled as project_enabled, p.purpose as project_purpose,
  sd.id as scope_domain_id, sd.name as scope_domain_name, sd.enabled as scope_domain_enabled,
  (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
     from identity_roles r
    where r.domain_id is null and r.id in (select role_id from effective)
      and ($5::text is null or r.id in (select role_id from lent))) as roles,
  exists (select 1 from identity_revocations v
           where (v.audit_id = $6 and not v.chain) or (v.audit_id = $7 and v.chain)) as revoked,
  c.id as credential_id, c.name as credential_name, c.unrestricted as credential_unrestricted,
  (extract(epoch from c.expires_at) * 1000)::float8 as credential_expires,
  case when c.has_access_rules then
    (select coalesce(json_agg(json_build_object('id', ar.id, 'service', ar.service, 'method', ar.method, 'path', ar.path)), '[]')
       from identity_application_credential_rules cr join identity_access_rules ar on ar.id = cr.rule_id
      where cr.credential_id = c.id) end as access_rules
from identity_users u
join identity_domains ud on ud.id = u.domain_id
left join identity_projects p on p.id = $2
left join identity_domains sd on sd.id = coalesce(p.domain_id, $3)
left join identity_application_credentials c on c.id = $5 and c.user_id = u.id and c.project_id = $2
where u.id = $1`;
