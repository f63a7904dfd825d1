import type { Reader } from '#store/contract';
import type { RuleFacts } from '../model/qos.ts';

/** The policy, held until the transaction ends; false when it is not there. */
export async function lockPolicy(tx: Reader, id: string): Promise<boolean> {
  const text = 'select from net_qos_policies where id = $1 for update';
  return (await tx.query({ name: 'qos policy locked', text, values: [id] })).length > 0;
}

export async function rulesOfPolicy(reader: Reader, policy: string): Promise<RuleFacts[]> {
  const text = `select id, type, direction, max_kbps::int, min_kbps::int, max_kpps::int, min_kpps::int
                  from net_qos_rules where policy_id = $1 order by seq`;
  return reader.query<RuleFacts>({ name: 'qos rules', text, values: [policy] });
}

/** What a policy holds for: `network <id>` or `port <id>`; undefined when nothing. */
export async function userOfPolicy(reader: Reader, policy: string): Promise<string | undefined> {
  const text = `
    select 'network ' || id as what from net_networks where qos_policy_id = $1 union all
    select 'port ' || id from net_ports where qos_policy_id = $1 union all
    select 'floatingip ' || id from net_floating_ips where qos_policy_id = $1 limit 1`;
  return (await reader.query<{ what: string }>({ name: 'qos policy used', text, values: [policy] }))[0]?.what;
}

/** The default policy of a project, other than `except`. */
export async function defaultPolicy(
  reader: Reader,
  project: string,
  except: string | null,
): Promise<string | undefined> {
  const text = 'select id from net_qos_policies where project_id = $1 and is_default and id is distinct from $2::uuid';
  return (await reader.query<{ id: string }>({ name: 'qos default', text, values: [project, except] }))[0]?.id;
}
