import type { Reader } from '#store/contract';

// What can be shared, and who uses it because it is.

interface Kind {
  table: string;
  /** Projects that use the object `$1`, as rows of `project_id`. */
  users: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  network: {
    table: 'net_networks',
    users: `select project_id from net_ports where network_id = $1 and device_owner not like 'network:%'
      union all select project_id from net_subnets where network_id = $1`,
  },
  qos_policy: {
    table: 'net_qos_policies',
    users: `select project_id from net_ports where qos_policy_id = $1
      union all select project_id from net_networks where qos_policy_id = $1`,
  },
  security_group: {
    table: 'net_security_groups',
    users: `select p.project_id from net_port_security_groups g join net_ports p on p.id = g.port_id where g.group_id = $1`,
  },
  address_group: {
    table: 'net_address_groups',
    users: 'select project_id from net_security_group_rules where remote_address_group_id = $1',
  },
  subnetpool: {
    table: 'net_subnet_pools',
    users: 'select project_id from net_subnets where subnetpool_id = $1',
  },
  address_scope: {
    table: 'net_address_scopes',
    users: 'select project_id from net_subnet_pools where address_scope_id = $1',
  },
};

export const OBJECT_TYPES = Object.keys(KINDS);
export const isExternalAction = (action: string): boolean => action === 'access_as_external';

/** Whose an object is; undefined when there is none. */
export async function ownerOf(reader: Reader, kind: string, id: string): Promise<string | undefined> {
  const table = KINDS[kind]?.table;
  if (table === undefined) return undefined;
  const text = `select project_id from ${table} where id = $1`;
  return (await reader.query<{ project_id: string }>({ name: `network owner of ${kind}`, text, values: [id] }))[0]
    ?.project_id;
}

export interface PolicyRow {
  id: string;
  object_type: string;
  object_id: string;
  target_project: string;
  action: string;
}

export async function readPolicy(reader: Reader, id: string): Promise<PolicyRow | undefined> {
  const text = 'select id, object_type, object_id, target_project, action from net_rbac_policies where id = $1';
  return (await reader.query<PolicyRow>({ name: 'network rbac', text, values: [id] }))[0];
}

/** A project that uses an object by this policy alone: it is not the owner, and no other policy lets it. */
export async function findDependent(reader: Reader, policy: PolicyRow): Promise<string | undefined> {
  const { id, object_type: kind, object_id: object, target_project: target, action } = policy;
  const users = isExternalAction(action)
    ? 'select project_id from net_routers where gateway_network_id = $1 union all select project_id from net_floating_ips where floating_network_id = $1'
    : KINDS[kind]?.users;
  if (users === undefined) return undefined;
  const text = `select u.project_id from (${users}) u
    where u.project_id <> '' and ($3 = '*' or u.project_id = $3)
      and u.project_id is distinct from (select o.project_id from ${KINDS[kind]?.table} o where o.id = $1)
      and not exists (select from net_rbac_policies r where r.object_id = $1 and r.action = $4 and r.id <> $2
        and r.target_project in ('*', u.project_id))
    limit 1`;
  const name = `network rbac users ${kind} ${action}`;
  return (await reader.query<{ project_id: string }>({ name, text, values: [object, id, target, action] }))[0]
    ?.project_id;
}
