import type { PortDifference } from '#contracts/switches';
import { type AclConfig, type LagConfig, type PortConfig, vlanText } from './config.ts';

/** VLANs of a port, as people say them. */
export function vlansInWords({ mode, untagged, tagged }: PortConfig): string {
  switch (mode) {
    case 'access':
      return `access ${untagged ?? 'none'}`;
    case 'trunk':
      return `trunk ${vlanText(tagged)}, untagged ${untagged ?? 'dropped'}`;
    case 'other':
      return 'routed or negotiating';
  }
}

const lagInWords = (lag: LagConfig | null): string =>
  lag === null ? 'none' : `${lag.mode} ${lag.group}${lag.mlag ? ' over a pair' : ''}`;
const aclInWords = (acl: AclConfig | null): string => {
  const rules = [
    ...(acl?.in == null ? [] : [`${acl.in.length} rules in`]),
    ...(acl?.out == null ? [] : [`${acl.out.length} rules out`]),
    ...(acl?.stateful === true ? ['stateful'] : []),
    ...(acl?.guard == null ? [] : [`only ${acl.guard.hosts.map(({ mac }) => mac).join(' ')}`]),
  ];
  return rules.length === 0 ? 'none' : rules.join(', ');
};

/** The whole of a port in one line. */
export function portInWords(config: PortConfig): string {
  const parts = [vlansInWords(config), config.enabled ? 'open' : 'shut'];
  if (config.lag !== null) parts.push(`bond ${lagInWords(config.lag)}`);
  if (config.mtu !== null) parts.push(`MTU ${config.mtu}`);
  if (config.edge === true) parts.push('edge');
  if (config.isolated === true) parts.push('isolated');
  if (config.stormPercent !== null) parts.push(`storm ${config.stormPercent}%`);
  if (config.acl !== null) parts.push(aclInWords(config.acl));
  return parts.join('; ');
}

/** What of `found` is not as `wanted` has it; what nobody cares about, or the switch does not tell, is no difference. */
export function differencesOf(wanted: PortConfig, found: PortConfig): PortDifference[] {
  const list: PortDifference[] = [];
  const add = (what: PortDifference['what'], a: string, b: string) => {
    if (a !== b) list.push({ what, wanted: a, found: b });
  };
  add('vlans', vlansInWords(wanted), vlansInWords(found));
  add('enabled', wanted.enabled ? 'open' : 'shut', found.enabled ? 'open' : 'shut');
  add('lag', lagInWords(wanted.lag), lagInWords(found.lag));
  for (const what of ['mtu', 'edge', 'description'] as const) {
    const [a, b] = [wanted[what], found[what]];
    if (a !== null) add(what, String(a), String(b ?? (what === 'edge' ? false : 'none')));
  }
  if (wanted.stormPercent !== null) add('storm', `${wanted.stormPercent}%`, `${found.stormPercent ?? 'no '}%`);
  // A port that carries nothing hears nobody anyhow.
  if (wanted.enabled && wanted.isolated !== found.isolated) {
    add('isolated', String(wanted.isolated ?? false), String(found.isolated ?? false));
  }
  if (wanted.acl !== null && !sameFilters(wanted.acl, found.acl)) {
    const [a, b] = [aclInWords(wanted.acl), aclInWords(found.acl)];
    list.push({ what: 'acl', wanted: a, found: a === b ? `${b}, other ones` : b });
  }
  return list;
}

/** In one order of keys, so that equal ones read the same. Rules of one family never decide over the other's. */
function rulesOf(acl: AclConfig | null): unknown {
  const plain = (rules: AclConfig['in']) => {
    const all = rules?.map(({ action, family, protocol, source, destination, ports, icmpType = null }) => [
      family,
      action,
      protocol,
      source,
      destination,
      ports,
      icmpType,
    ]);
    return all === undefined
      ? null
      : [...all.filter(([family]) => family === 4), ...all.filter(([family]) => family === 6)];
  };
  const hosts = acl?.guard?.hosts.map(({ mac, ips }) => [mac, ips]) ?? null;
  return [plain(acl?.in ?? null), plain(acl?.out ?? null), acl?.stateful ?? false, hosts];
}

/** True when both let the same through. */
export const sameFilters = (a: AclConfig | null, b: AclConfig | null): boolean =>
  JSON.stringify(rulesOf(a)) === JSON.stringify(rulesOf(b));

/** Differences in one line. */
export const differencesInWords = (list: readonly PortDifference[]): string =>
  list.map(({ what, wanted, found }) => `${what}: ${found} (wanted ${wanted})`).join('; ');

/** True when nothing tells the two apart, even what nobody asked for: a port is as it was. */
export const sameConfig = (a: PortConfig, b: PortConfig): boolean =>
  differencesOf(a, b).length === 0 && differencesOf(b, a).length === 0;
