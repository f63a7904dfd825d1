import type { Reader, Tx } from '#store/contract';
import { noteChange } from './changes.ts';
import type { RoleRow } from './tables.ts';
import { roles } from './tables.ts';

/** Who is granted what, on what. */
export interface Grant {
  userId: string | null;
  groupId: string | null;
  projectId: string | null;
  domainId: string | null;
  inherited: boolean;
}

const SAME = `user_id is not distinct from $1 and group_id is not distinct from $2
  and project_id is not distinct from $3 and domain_id is not distinct from $4 and inherited = $5`;
const places = (grant: Grant) => [grant.userId, grant.groupId, grant.projectId, grant.domainId, grant.inherited];

/** Roles granted to exactly this actor on exactly this target. */
export function rolesGranted(reader: Reader, grant: Grant): Promise<RoleRow[]> {
  const columns = roles.columns.map((column) => `r.${column}`).join(', ');
  return reader.query<RoleRow>({
    text: `select ${columns} from identity_assignments a join identity_roles r on r.id = a.role_id
           where ${SAME.replaceAll(/(\w+) (is not|=)/g, 'a.$1 $2')} order by r.name, r.id`,
    values: places(grant),
  });
}

/** Grants a role; being granted already is fine. */
export async function grantRole(tx: Tx, grant: Grant, roleId: string): Promise<void> {
  await tx.query({
    text: `insert into identity_assignments (user_id, group_id, project_id, domain_id, inherited, role_id)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    values: [...places(grant), roleId],
  });
  await noteGrant(tx, grant);
}

/** Takes a role back; false when it was not granted. */
export async function takeRole(tx: Tx, grant: Grant, roleId: string): Promise<boolean> {
  const rows = await tx.query({
    text: `delete from identity_assignments where ${SAME} and role_id = $6 returning 1`,
    values: [...places(grant), roleId],
  });
  await noteGrant(tx, grant);
  return rows.length > 0;
}

async function noteGrant(tx: Tx, grant: Grant): Promise<void> {
  if (grant.userId !== null) await noteChange(tx, 'user', grant.userId);
  else await noteChange(tx, 'all');
}

export interface AssignmentFilter {
  userId?: string | undefined;
  groupId?: string | undefined;
  roleId?: string | undefined;
  projectId?: string | undefined;
  domainId?: string | undefined;
  system?: boolean | undefined;
  inherited?: boolean | undefined;
  /** Groups resolved to users, inheritance to projects, implied roles added. */
  effective: boolean;
  /** With `projectId`: the projects below it too. */
  subtree: boolean;
  /** Only what concerns this domain and its projects. */
  withinDomain?: string | undefined;
}

export interface AssignmentRow {
  role_id: string;
  role_name: string;
  role_domain_id: string | null;
  role_domain_name: string | null;
  user_id: string | null;
  user_name: string | null;
  group_id: string | null;
  group_name: string | null;
  actor_domain_id: string;
  actor_domain_name: string;
  project_id: string | null;
  project_name: string | null;
  domain_id: string | null;
  domain_name: string | null;
  target_domain_id: string | null;
  target_domain_name: string | null;
  inherited: boolean;
  /** Of an effective assignment: the group it came by. */
  via_group: string | null;
}

const DIRECT = `
  found as (
    select role_id, user_id, group_id, project_id, domain_id, inherited, null::text as via_group
    from identity_assignments)`;

// Each step widens: members for groups, projects below for inheritance, then roles for implications.
const EFFECTIVE = `
  people as (
    select a.role_id, coalesce(a.user_id, m.user_id) as user_id, a.project_id, a.domain_id, a.inherited,
           a.group_id as via_group
      from identity_assignments a left join identity_group_members m on m.group_id = a.group_id
     where coalesce(a.user_id, m.user_id) is not null and ($1::text is null or coalesce(a.user_id, m.user_id) = $1)),
  below(root, id) as (
    select parent_id, id from identity_projects where parent_id is not null
    union select b.root, p.id from below b join identity_projects p on p.parent_id = b.id),
  placed as (
    select role_id, user_id, project_id, domain_id, via_group from people where not inherited
    union select p.role_id, p.user_id, b.id, null, p.via_group from people p join below b on b.root = p.project_id
           where p.inherited
    union select p.role_id, p.user_id, j.id, null, p.via_group from people p join identity_projects j on j.domain_id = p.domain_id
           where p.inherited),
  implied(prior, role_id) as (
    select id, id from identity_roles
    union select i.prior, r.implied_id from implied i join identity_implied_roles r on r.prior_id = i.role_id),
  found as (
    select distinct i.role_id, p.user_id, null::text as group_id, p.project_id, p.domain_id, false as inherited,
           min(p.via_group) as via_group
      from placed p join implied i on i.prior = p.role_id join identity_roles r on r.id = i.role_id
     where r.domain_id is null
     group by i.role_id, p.user_id, p.project_id, p.domain_id)`;

/** Lists assignments as `GET /v3/role_assignments` does. */
export function listAssignments(reader: Reader, filter: AssignmentFilter): Promise<AssignmentRow[]> {
  return reader.query<AssignmentRow>({
    name: filter.effective ? 'identity_assignments_effective' : 'identity_assignments_direct',
    text: `with recursive
      line(id) as (
        select $4::text
        union select p.id from line join identity_projects p on p.parent_id = line.id where $8::boolean),
      ${filter.effective ? EFFECTIVE : DIRECT}
      select f.role_id, r.name as role_name, r.domain_id as role_domain_id, rd.name as role_domain_name,
             f.user_id, u.name as user_name, f.group_id, g.name as group_name,
             ad.id as actor_domain_id, ad.name as actor_domain_name,
             f.project_id, p.name as project_name, f.domain_id, d.name as domain_name,
             pd.id as target_domain_id, pd.name as target_domain_name, f.inherited, f.via_group
        from found f
        join identity_roles r on r.id = f.role_id
        left join identity_domains rd on rd.id = r.domain_id
        left join identity_users u on u.id = f.user_id
        left join identity_groups g on g.id = f.group_id
        join identity_domains ad on ad.id = coalesce(u.domain_id, g.domain_id)
        left join identity_projects p on p.id = f.project_id
        left join identity_domains pd on pd.id = p.domain_id
        left join identity_domains d on d.id = f.domain_id
       where ($1::text is null or f.user_id = $1) and ($2::text is null or f.group_id = $2)
         and ($3::text is null or f.role_id = $3) and ($4::text is null or f.project_id in (select id from line))
         and ($5::text is null or f.domain_id = $5)
         and ($6::boolean is null or (f.project_id is null and f.domain_id is null) = $6)
         and ($7::boolean is null or f.inherited = $7)
         and ($9::text is null or coalesce(f.domain_id, p.domain_id) = $9)
       order by f.user_id, f.group_id, f.project_id, f.domain_id, r.name`,
    values: [
      filter.userId ?? null,
      filter.groupId ?? null,
      filter.roleId ?? null,
      filter.projectId ?? null,
      filter.domainId ?? null,
      filter.system ?? null,
      filter.inherited ?? null,
      filter.subtree,
      filter.withinDomain ?? null,
    ],
  });
}
