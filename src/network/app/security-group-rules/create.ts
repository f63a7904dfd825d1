import { checkRule, type RuleWish } from '../../model/group-rule.ts';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findSame, readOwner } from '../../store/group-rules.ts';
import { insertRows, touchRows } from '../../store/rows.ts';

/** Makes rules of security groups. Throws `SecurityGroupRuleExists` for one that is there. */
export async function createSecurityGroupRules(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx } = call;
  const groups = new Set<string>();
  for (const [at, wish] of wishes.entries()) {
    const group = String(wish['security_group_id']).toLowerCase();
    const owner = await call.once(`group ${group}`, () => readOwner(tx, 'security_group', group, call.project));
    if (owner === undefined || !call.allows('get_security_group', owner)) throw refusals.SecurityGroupNotFound(group);
    // Who it is shared with uses it, and does not change it.
    call.demand('create_security_group_rule', owner);
    const optional = <T>(name: string) => (wish[name] ?? null) as T | null;
    const checked = checkRule({
      ethertype: wish['ethertype'] as RuleWish['ethertype'],
      protocol: optional('protocol'),
      port_range_min: optional('port_range_min'),
      port_range_max: optional('port_range_max'),
      remote_ip_prefix: optional('remote_ip_prefix'),
      remote_group_id: optional('remote_group_id'),
      remote_address_group_id: optional('remote_address_group_id'),
    });
    await demandRemotes(call, checked);
    const rule = { ...checked, group_id: group, direction: String(wish['direction']) };
    const same = await findSame(tx, rule);
    if (same !== undefined) throw refusals.SecurityGroupRuleExists(same);
    await insertRows(tx, 'net_security_group_rules', [{ ...columns[at], ...rule, project_id: owner.project_id }]);
    groups.add(group);
  }
  await touchRows(tx, 'net_security_groups', [...groups].sort());
}

async function demandRemotes(
  call: Call,
  { remote_group_id: group, remote_address_group_id: addresses }: RuleWish,
): Promise<void> {
  if (group !== null) {
    const found = await readOwner(call.tx, 'security_group', group, call.project);
    if (found === undefined || !call.allows('get_security_group', found)) throw refusals.SecurityGroupNotFound(group);
  }
  if (addresses !== null) {
    const found = await readOwner(call.tx, 'address_group', addresses, call.project);
    if (found === undefined || !call.allows('get_address_group', found)) throw refusals.AddressGroupNotFound(addresses);
  }
}
