import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';

/** The project's group `default`, made with its rules when it is not there. */
export async function defaultGroup(reader: Reader, project: string): Promise<string> {
  const find = async () => {
    const text = 'select id from net_security_groups where project_id = $1 and is_default';
    return (await reader.query<{ id: string }>({ name: 'network default group', text, values: [project] }))[0]?.id;
  };
  const found = await find();
  if (found !== undefined) return found;
  const id = newUuid();
  const text = `insert into net_security_groups (id, project_id, name, description, is_default)
    values ($1, $2, 'default', 'Default security group', true) on conflict do nothing returning id`;
  const made = await reader.query({ name: 'network default group new', text, values: [id, project] });
  // Another request made it in this moment.
  if (made.length === 0) return (await find()) ?? id;
  await addFirstRules(reader, id, project);
  for (const ethertype of ['IPv4', 'IPv6']) {
    await reader.query({
      name: 'network default group rule',
      text: `insert into net_security_group_rules (id, project_id, group_id, direction, ethertype, remote_group_id)
        values ($1, $2, $3, 'ingress', $4, $3)`,
      values: [newUuid(), project, id, ethertype],
    });
  }
  return id;
}

/** What every new group lets through: all that goes out. */
export async function addFirstRules(reader: Reader, group: string, project: string): Promise<void> {
  const text = `insert into net_security_group_rules (id, project_id, group_id, direction, ethertype)
    values ($1, $3, $4, 'egress', 'IPv4'), ($2, $3, $4, 'egress', 'IPv6')`;
  await reader.query({ name: 'network first rules', text, values: [newUuid(), newUuid(), project, group] });
}

/** Groups of a list that a project may use: its own, and those shared with it. `all`: any. */
export async function usableGroups(
  reader: Reader,
  ids: readonly string[],
  project: string,
  all: boolean,
): Promise<Set<string>> {
  const text = `select g.id from net_security_groups g where g.id = any($1::uuid[]) and ($3 or g.project_id = $2
    or g.id in (select r.object_id from net_rbac_policies r where r.object_type = 'security_group' and r.target_project in ('*', $2)))`;
  const rows = await reader.query<{ id: string }>({ name: 'network groups usable', text, values: [ids, project, all] });
  return new Set(rows.map(({ id }) => id));
}

/** Puts ports into groups. */
export async function joinGroups(reader: Reader, members: readonly { port: string; group: string }[]): Promise<void> {
  if (members.length === 0) return;
  const text = `insert into net_port_security_groups (port_id, group_id)
    select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing`;
  await reader.query({
    name: 'network groups join',
    text,
    values: [members.map(({ port }) => port), members.map(({ group }) => group)],
  });
}

/** Takes a port out of all groups but these. */
export async function leaveGroups(reader: Reader, port: string, keep: readonly string[]): Promise<void> {
  const text = 'delete from net_port_security_groups where port_id = $1 and group_id <> all ($2::uuid[])';
  await reader.query({ name: 'network groups leave', text, values: [port, keep] });
}
