import type { SwitchAbilities } from '#contracts/switches';
import { PLAIN_PORT, type PortConfig } from '../../model/config.ts';
import type { ChangeSet, SwitchReading } from '../contract.ts';
import { filterDirections } from '../filter-option.ts';
import { filtersAt, filterEdits, type OcFilterEdit } from './acl.ts';
import type { OcAcls } from './acl-read.ts';

// OpenConfig's interfaces, VLANs and LACP in the terms NETCONF and gNMI share: only what concerns us of them.

/** `interfaces/interface`. */
export interface OcInterface {
  name: string;
  /** `config/type` says that it is a bond, where it says anything. */
  bond: boolean;
  enabled: boolean;
  mtu: number | null;
  description: string | null;
  /** `ethernet/config/aggregate-id`. */
  aggregate: string | null;
  /** `aggregation/config/lag-type`. */
  lacp: boolean;
  /** `switched-vlan/config`. */
  vlan: OcVlan | null;
}

export interface OcVlan {
  mode: 'ACCESS' | 'TRUNK';
  access: number | null;
  native: number | null;
  trunk: readonly number[] | 'all';
}

/** One thing to change. */
export type OcEdit =
  | { kind: 'vlan'; id: number }
  | { kind: 'bond'; name: string; lacp: boolean; create: boolean; vlan: OcVlan; mtu: number | null }
  | {
      kind: 'port';
      name: string;
      enabled: boolean;
      mtu: number | null;
      description: string | null;
      /** The bond it is in; null: in none. undefined: as it is. */
      aggregate: string | null | undefined;
      /** It is in another bond, which it leaves. */
      leaves: boolean;
      /** undefined: of a bond's member. */
      vlan: OcVlan | undefined;
    }
  | { kind: 'remove bond'; name: string }
  | OcFilterEdit;

const BOND = /^(?:Port-Channel|PortChannel|port-channel|ae|bond|lag)-?(\d{1,4})$/;
export const groupOf = (name: string): number | null => {
  const found = BOND.exec(name);
  return found === null ? null : Number(found[1]);
};

/** How the switch stands, out of its interfaces and VLANs. `acls` null: it was not asked for filters. */
export function readingOf(
  interfaces: readonly OcInterface[],
  vlans: ReadonlySet<number>,
  parking: number,
  acls: OcAcls | null,
): SwitchReading {
  const bonds = new Map(interfaces.map((one) => [one.name, one]));
  const ports = new Map<string, PortConfig>();
  for (const one of interfaces) {
    if (groupOf(one.name) !== null || one.bond || !OC_PORT.test(one.name)) continue;
    const bond = one.aggregate === null ? undefined : bonds.get(one.aggregate);
    const holder = bond ?? one;
    ports.set(one.name, {
      ...PLAIN_PORT,
      ...vlansOf(holder.vlan, parking),
      enabled: one.enabled,
      mtu: holder.mtu,
      description: one.description,
      acl: acls === null ? null : filtersAt(acls, holder.name),
      lag:
        one.aggregate === null
          ? null
          : { group: groupOf(one.aggregate) ?? 0, mode: bond?.lacp === false ? 'static' : 'lacp', mlag: false },
    });
  }
  return { ports, vlans };
}

function vlansOf(vlan: OcVlan | null, parking: number): Pick<PortConfig, 'mode' | 'untagged' | 'tagged'> {
  if (vlan === null) return { mode: 'other', untagged: null, tagged: [] };
  if (vlan.mode === 'ACCESS') return { mode: 'access', untagged: vlan.access ?? 1, tagged: [] };
  // A trunk without a list passes all, and without a native VLAN its frames go to the default one.
  const native = vlan.native ?? 1;
  const tagged = vlan.trunk === 'all' ? ('all' as const) : vlan.trunk.filter((id) => id !== native);
  return { mode: 'trunk', untagged: native === parking ? null : native, tagged };
}

function vlanOf({ mode, untagged, tagged }: PortConfig, parking: number): OcVlan {
  if (mode !== 'trunk') return { mode: 'ACCESS', access: untagged ?? parking, native: null, trunk: [] };
  const native = untagged ?? parking;
  const trunk =
    tagged === 'all' ? ('all' as const) : untagged === null ? tagged : [...tagged, untagged].sort((a, b) => a - b);
  return { mode: 'TRUNK', access: null, native, trunk };
}

/** What to change, in the order it has to be. */
export function editsFor(changes: ChangeSet, bondName: (group: number) => string, parking: number): OcEdit[] {
  const edits: OcEdit[] = changes.vlans.map((id) => ({ kind: 'vlan', id }));
  for (const { group, from, to } of changes.lags) {
    if (to === null) continue;
    edits.push({
      kind: 'bond',
      name: bondName(group),
      lacp: to.lag.mode === 'lacp',
      create: from === null,
      vlan: vlanOf(to.config, parking),
      mtu: to.config.mtu,
    });
  }
  for (const { port, from, to } of changes.ports) {
    edits.push({
      kind: 'port',
      name: port,
      enabled: to.enabled,
      mtu: to.lag === null ? to.mtu : null,
      description: to.description,
      aggregate: from.lag?.group === to.lag?.group ? undefined : to.lag === null ? null : bondName(to.lag.group),
      leaves: from.lag !== null && from.lag.group !== to.lag?.group,
      vlan: to.lag === null ? vlanOf(to, parking) : undefined,
    });
  }
  edits.push(...filterEdits(changes, bondName));
  for (const { group, to } of changes.lags) if (to === null) edits.push({ kind: 'remove bond', name: bondName(group) });
  return edits;
}

/** `10`, `20..23` as `trunk-vlans` has them. */
export function readTrunk(items: readonly (string | number)[]): number[] {
  const vlans = new Set<number>();
  for (const item of items) {
    const range = /^(\d{1,4})(?:\.\.(\d{1,4}))?$/.exec(String(item));
    if (range === null) continue;
    for (let id = Number(range[1]); id <= Math.min(4094, Number(range[2] ?? range[1])); id++) vlans.add(id);
  }
  return [...vlans].sort((a, b) => a - b);
}

/** Options both drivers have: the network instance whose VLANs are meant, and how bonds are named. */
export const instanceOf = (options: Readonly<Record<string, string>>): string =>
  options['network_instance'] ?? 'default';
export const bondNamer =
  (options: Readonly<Record<string, string>>) =>
  (group: number): string =>
    `${options['bond_name'] ?? 'Port-Channel'}${group}`;

/** The model of filters is asked for where the options say that the switch has it: `filters=in,out`. */
export const filtersWith = (options: Readonly<Record<string, string>>): readonly ('in' | 'out')[] =>
  filterDirections(options, ['in', 'out'], []);
/** What a switch with OpenConfig can. Kinds of ICMP came into the model in 2023, and into few switches. */
export const OC_ABILITIES = {
  lag: true,
  mlag: false,
  mtu: true,
  edge: false,
  storm: false,
  cutsLinks: true,
  acl: [],
} as const;
export const ocAbilities = (options: Readonly<Record<string, string>>): SwitchAbilities => {
  const acl = filtersWith(options);
  return acl.length === 0 ? OC_ABILITIES : { ...OC_ABILITIES, acl, icmpTypes: false };
};

/** Names of ports as switches of several makers have them. */
export const OC_PORT = /^(?:Ethernet|Eth|ethernet|eth|swp|(?:ge|xe|et)-|ethernet-)\d{1,3}(?:[/:-]\d{1,3}){0,3}$/;
