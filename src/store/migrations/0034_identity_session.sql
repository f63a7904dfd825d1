-- All that decides what a token is good for, in one reading; see src/identity/store/session.ts.
--
-- As a function because PostgreSQL thinks longer about this statement (1.5 ms) than it works on it (0.3 ms), and left to
-- itself thinks anew each time: its guess for parameters it does not know is worse than for those it does. Here it
-- keeps its plan.
create function identity_session(
  a_user text, a_project text, a_domain text, a_system boolean, a_credential text, a_token text, a_chain text
)
returns table (
  now float8, user_name text, user_enabled boolean, default_project_id text, password_expires_at timestamptz,
  tokens_after float8, user_domain_id text, user_domain_name text, user_domain_enabled boolean,
  project_name text, project_enabled boolean, project_purpose text,
  scope_domain_id text, scope_domain_name text, scope_domain_enabled boolean,
  roles json, revoked boolean,
  credential_id text, credential_name text, credential_unrestricted boolean, credential_expires float8, access_rules json
)
language plpgsql stable
set plan_cache_mode = force_generic_plan
as $body$
#variable_conflict use_column
begin
  return query
  -- Inherited assignments hold for all projects below: of the domain, or of a project further up the tree.
  with recursive
    line(id, parent_id) as (
      select id, parent_id from identity_projects where id = a_project
      union select p.id, p.parent_id from line join identity_projects p on p.id = line.parent_id
    ),
    granted(role_id) as (
      select a.role_id from identity_assignments a
      where (a.user_id = a_user or a.group_id in (select group_id from identity_group_members where user_id = a_user))
        and case
          when a_project is not null then
            (a.project_id = a_project and not a.inherited)
            or (a.inherited and a.project_id in (select id from line where id <> a_project))
            or (a.inherited and a.domain_id = (select domain_id from identity_projects where id = a_project))
          when a_domain is not null then a.domain_id = a_domain and not a.inherited
          when a_system then a.project_id is null and a.domain_id is null
          else false
        end
    ),
    effective(role_id) as (
      select role_id from granted
      union select i.implied_id from effective e join identity_implied_roles i on i.prior_id = e.role_id
    ),
    lent(role_id) as (
      select role_id from identity_application_credential_roles where credential_id = a_credential
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
        and (a_credential is null or r.id in (select role_id from lent))) as roles,
    exists (select 1 from identity_revocations v
             where (v.audit_id = a_token and not v.chain) or (v.audit_id = a_chain and v.chain)) as revoked,
    c.id as credential_id, c.name as credential_name, c.unrestricted as credential_unrestricted,
    (extract(epoch from c.expires_at) * 1000)::float8 as credential_expires,
    case when c.has_access_rules then
      (select coalesce(json_agg(json_build_object('id', ar.id, 'service', ar.service, 'method', ar.method, 'path', ar.path)), '[]')
         from identity_application_credential_rules cr join identity_access_rules ar on ar.id = cr.rule_id
        where cr.credential_id = c.id) end as access_rules
  from identity_users u
  join identity_domains ud on ud.id = u.domain_id
  left join identity_projects p on p.id = a_project
  left join identity_domains sd on sd.id = coalesce(p.domain_id, a_domain)
  left join identity_application_credentials c on c.id = a_credential and c.user_id = u.id and c.project_id = a_project
  where u.id = a_user;
end
$body$;
