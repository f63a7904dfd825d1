import type { Reader } from '#store/contract';
import { sharedSql } from '../model/fields.ts';

export interface GroupRow {
  id: string;
  project_id: string;
  name: string;
  is_default: boolean;
  stateful: boolean;
}

export async function readGroup(reader: Reader, id: string): Promise<GroupRow | undefined> {
  const text = 'select id, project_id, name, is_default, stateful from net_security_groups where id = $1';
  return (await reader.query<GroupRow>({ name: 'network group', text, values: [id] }))[0];
}

/** A port in the group. */
export async function findMember(reader: Reader, id: string): Promise<string | undefined> {
  const text = 'select port_id as id from net_port_security_groups where group_id = $1 limit 1';
  return (await reader.query<{ id: string }>({ name: 'network group member', text, values: [id] }))[0]?.id;
}

/** Deletes rules of other groups that name a group. */
export async function dropRulesAbout(reader: Reader, id: string): Promise<void> {
  const text = 'delete from net_security_group_rules where remote_group_id = $1';
  await reader.query({ name: 'network rules about', text, values: [id] });
}

/** Whose a group or an address group is, and whether the caller's project is one it is shared with. */
export async function readOwner(
  reader: Reader,
  kind: 'security_group' | 'address_group',
  id: string,
  project: string,
): Promise<{ project_id: string; shared: boolean } | undefined> {
  const shared = sharedSql(kind).replaceAll('$1', '$2');
  const text = `select t.project_id, ${shared} as shared from net_${kind}s t where t.id = $1`;
  const values = [id, project];
  return (
    await reader.query<{ project_id: string; shared: boolean }>({ name: `network owner ${kind}`, text, values })
  )[0];
}

export interface RuleRow {
  id: string;
  group_id: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  remote_address_group_id: string | null;
}

/** The rule of a group that says the same. */
export async function findSame(reader: Reader, rule: Omit<RuleRow, 'id'>): Promise<string | undefined> {
  const text = `select id from net_security_group_rules where group_id = $1 and direction = $2 and ethertype = $3
    and coalesce(protocol, '') = coalesce($4, '') and coalesce(port_range_min, -1) = coalesce($5::int, -1)
    and coalesce(port_range_max, -1) = coalesce($6::int, -1)
    and coalesce(remote_ip_prefix::text, '') = coalesce($7, '')
    and coalesce(remote_group_id::text, '') = coalesce($8::uuid::text, '')
    and coalesce(remote_address_group_id::text, '') = coalesce($9::uuid::text, '')`;
  const values = [
    rule.group_id,
    rule.direction,
    rule.ethertype,
    rule.protocol,
    rule.port_range_min,
    rule.port_range_max,
    rule.remote_ip_prefix,
    rule.remote_group_id,
    rule.remote_address_group_id,
  ];
  return (await reader.query<{ id: string }>({ name: 'network rule same', text, values }))[0]?.id;
}
