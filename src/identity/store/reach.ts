import type { Reader } from '#store/contract';
import { type DomainRow, domains, type ProjectRow, projects } from './tables.ts';

// What a user can get at: directly, by groups, and by what projects inherit.

const MINE = `(a.user_id = $1 or a.group_id in (select group_id from identity_group_members where user_id = $1))`;

/** The projects a user has a role in. */
export function projectsOfUser(reader: Reader, userId: string): Promise<ProjectRow[]> {
  const columns = projects.columns.map((column) => `p.${column}`).join(', ');
  return reader.query<ProjectRow>({
    name: 'identity_projects_of_user',
    text: `with recursive
             mine as (select a.project_id, a.domain_id, a.inherited from identity_assignments a where ${MINE}),
             below(id) as (
               select p.id from identity_projects p join mine on mine.inherited and p.parent_id = mine.project_id
               union select p.id from identity_projects p join below on p.parent_id = below.id)
           select ${columns} from identity_projects p
            where p.id in (select project_id from mine where not inherited)
               or p.id in (select id from below)
               or p.domain_id in (select domain_id from mine where inherited)
            order by p.name, p.id`,
    values: [userId],
  });
}

/** The domains a user has a role in. */
export function domainsOfUser(reader: Reader, userId: string): Promise<DomainRow[]> {
  const columns = domains.columns.map((column) => `d.${column}`).join(', ');
  return reader.query<DomainRow>({
    name: 'identity_domains_of_user',
    text: `select ${columns} from identity_domains d
            where d.id in (select a.domain_id from identity_assignments a where ${MINE} and not a.inherited)
            order by d.name, d.id`,
    values: [userId],
  });
}

/** Has the user a role for the whole system? */
export async function reachesSystem(reader: Reader, userId: string): Promise<boolean> {
  const rows = await reader.query({
    name: 'identity_system_of_user',
    text: `select 1 from identity_assignments a where ${MINE} and a.project_id is null and a.domain_id is null limit 1`,
    values: [userId],
  });
  return rows.length > 0;
}

const RESERVED = `(a.project_id is null and a.domain_id is null)
  or a.project_id in (select id from identity_projects where purpose is not null)`;

/**
 * Has the user (or group) power over the system, by a role in it or in the operators' or services' project? Who
 * manages only a domain must not take over such accounts: resetting their password would be a way up.
 */
export async function isPrivileged(reader: Reader, kind: 'user' | 'group', id: string): Promise<boolean> {
  const who = kind === 'user' ? MINE : 'a.group_id = $1';
  const rows = await reader.query({
    name: `identity_privileged_${kind}`,
    text: `select 1 from identity_assignments a where (${who}) and (${RESERVED}) limit 1`,
    values: [id],
  });
  return rows.length > 0;
}
