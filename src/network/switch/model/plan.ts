import { ipFamily } from '#kernel/ip-family';
import type { AclPlan, AclRule, PortPlan, SwitchAbilities } from '#contracts/switches';
import { errors } from '../errors.ts';
import type { PortConfig } from './config.ts';
import { harmlessText } from './names.ts';

/** What of a switch a plan is judged by. */
export interface PlanRules {
  /** The switch's name, for messages. */
  name: string;
  abilities: SwitchAbilities;
  /** The VLAN where ports stand that carry nothing, and untagged frames nobody wants go. It is no network's. */
  parkingVlan: number;
  /** The switch has no way to shut a port: what carries nothing is cut off in another way. */
  isolates: boolean;
}

const DEFAULT_VLAN = 1;

/**
 * The plan in order: VLANs ascending and once, descriptions harmless, what was left out said. Throws `SwitchBadPlan`
 * for what no switch can or should do, `SwitchCannot` for what this one cannot.
 */
export function checkPlan(port: string, plan: PortPlan, rules: PlanRules): PortPlan {
  const bad = (why: string) => errors.SwitchBadPlan(port, why);
  const vlan = (id: number, what: string): number => {
    if (!Number.isInteger(id) || id < 1 || id > 4094) throw bad(`${what} ${id} is no VLAN (2 to 4094)`);
    if (id === DEFAULT_VLAN) throw bad(`${what} 1 is the default VLAN, which reaches every port nobody has set`);
    if (id === rules.parkingVlan) throw bad(`${what} ${id} is the parking VLAN of ${rules.name}, where nobody talks`);
    return id;
  };
  const { vlans } = plan;
  let checked: PortPlan['vlans'];
  switch (vlans.mode) {
    case 'nothing':
      checked = vlans;
      break;
    case 'access':
      checked = { mode: 'access', vlan: vlan(vlans.vlan, 'VLAN') };
      break;
    case 'trunk': {
      const native = vlans.native === null ? null : vlan(vlans.native, 'native VLAN');
      const allowed = [...new Set(vlans.allowed.map((id) => vlan(id, 'VLAN')))].filter((id) => id !== native);
      if (native === null && allowed.length === 0) throw bad('a trunk without any VLAN; say nothing');
      checked = { mode: 'trunk', native, allowed: allowed.sort((a, b) => a - b) };
      break;
    }
  }
  const { mtu = null, stormPercent = null, edge = null, lag = null, acl = null } = plan;
  if (mtu !== null && (!Number.isInteger(mtu) || mtu < 1280 || mtu > 9216)) throw bad(`MTU ${mtu} is not 1280 to 9216`);
  if (stormPercent !== null && !(stormPercent > 0 && stormPercent <= 100))
    throw bad(`${stormPercent} is no percentage`);
  if (acl !== null) checkAcl(acl, bad);
  const { abilities, name } = rules;
  const cannot = (what: string) => errors.SwitchCannot(name, port, what);
  if (lag !== null && !abilities.lag) throw cannot('link aggregation');
  if (lag?.mlag === true && !abilities.mlag) throw cannot('link aggregation over a pair of switches');
  if (stormPercent !== null && !abilities.storm) throw cannot('storm control');
  if (acl?.in != null && !abilities.acl.includes('in')) throw cannot('filters of what comes from the machine');
  if (acl?.out != null && !abilities.acl.includes('out')) throw cannot('filters of what goes to the machine');
  const typed = [...(acl?.in ?? []), ...(acl?.out ?? [])].some(({ icmpType }) => icmpType !== undefined);
  if (typed && abilities.icmpTypes === false) throw cannot('filters of kinds of ICMP');
  if (acl?.stateful === true && abilities.stateful !== true) throw cannot('filters that know connections');
  if (acl?.guard != null && abilities.guard !== true) throw cannot('a guard of MAC addresses');
  const enabled = plan.vlans.mode !== 'nothing' && (plan.enabled ?? true);
  const description = plan.description == null ? null : harmlessText(plan.description);
  return {
    vlans: checked,
    enabled,
    lag: lag === null ? null : { key: lag.key, mode: lag.mode, mlag: lag.mlag ?? false },
    // What hangs on it is true whether or not it can be set: left out where the switch cannot.
    mtu: abilities.mtu ? mtu : null,
    edge: abilities.edge ? edge : null,
    description,
    stormPercent,
    isolated: abilities.isolation === true && plan.isolated === true,
    acl,
  };
}

function checkAcl(acl: AclPlan, bad: (why: string) => Error): void {
  for (const rule of [...(acl.in ?? []), ...(acl.out ?? [])]) checkRule(rule, bad);
  for (const { mac, ips } of acl.guard?.hosts ?? []) {
    if (!/^(?:[\da-f]{2}:){5}[\da-f]{2}$/.test(mac)) throw bad(`"${mac.slice(0, 40)}" is no MAC address`);
    for (const place of ips ?? []) checkPlace(place, place.includes(':') ? 6 : 4, bad);
  }
}

function checkPlace(place: string, family: 4 | 6, bad: (why: string) => Error): void {
  const [address = '', length = ''] = place.split('/');
  const most = family === 4 ? 32 : 128;
  if (ipFamily(address) !== family || !/^\d{1,3}$/.test(length) || Number(length) > most) {
    throw bad(`"${place.slice(0, 60)}" is no IPv${family} network in a filter rule`);
  }
}

function checkRule(rule: AclRule, bad: (why: string) => Error): void {
  for (const place of [rule.source, rule.destination]) {
    if (place !== null) checkPlace(place, rule.family, bad);
  }
  const type = rule.icmpType;
  if (type !== undefined && !(rule.protocol === 'icmp' && Number.isInteger(type) && type >= 0 && type <= 255)) {
    throw bad(`${type} is no kind of ICMP`);
  }
  if (rule.ports === null) return;
  const [from, to] = rule.ports;
  if (rule.protocol !== 'tcp' && rule.protocol !== 'udp') throw bad('only tcp and udp have ports in a filter rule');
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= 65_535)) {
    throw bad(`${from} to ${to} are no ports`);
  }
}

/** What a switch is told for a plan that was checked. `group`: the number chosen for its bond. */
export function configOf(plan: PortPlan, rules: PlanRules, group: number | null): PortConfig {
  const enabled = plan.enabled ?? plan.vlans.mode !== 'nothing';
  const rest = {
    enabled,
    lag: plan.lag == null || group === null ? null : { group, mode: plan.lag.mode, mlag: plan.lag.mlag ?? false },
    mtu: plan.mtu ?? null,
    description: plan.description ?? null,
    edge: plan.edge ?? null,
    stormPercent: plan.stormPercent ?? null,
    ...(plan.isolated === true && enabled ? { isolated: true as const } : {}),
    acl: plan.acl ?? null,
  };
  const { vlans } = plan;
  if (vlans.mode === 'nothing' || (rules.isolates && !enabled)) {
    return { mode: 'access', untagged: rules.parkingVlan, tagged: [], ...rest, enabled: false };
  }
  if (vlans.mode === 'access') return { mode: 'access', untagged: vlans.vlan, tagged: [], ...rest };
  return { mode: 'trunk', untagged: vlans.native, tagged: vlans.allowed, ...rest };
}
