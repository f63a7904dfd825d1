import type { AclRule, GuardPlan } from '#contracts/switches';

/** A bond as the switch has it. */
export interface LagConfig {
  /** Number of the channel: `Port-Channel5`, `ae5`, `bond5`. */
  group: number;
  mode: 'lacp' | 'static';
  mlag: boolean;
}

/**
 * How a port stands on a switch, in the terms all drivers share: what they read, and what they are told to make. `null`
 * in the last five says, of a reading, that the switch does not tell, and of a wish, that nobody cares.
 */
export interface PortConfig {
  /** `other`: routed, or ready to negotiate a trunk. Never written. */
  mode: 'access' | 'trunk' | 'other';
  /** The VLAN of untagged frames; null: they are dropped. */
  untagged: number | null;
  /** VLANs of a trunk that pass tagged, ascending, without `untagged`. */
  tagged: readonly number[] | 'all';
  enabled: boolean;
  lag: LagConfig | null;
  mtu: number | null;
  description: string | null;
  edge: boolean | null;
  stormPercent: number | null;
  /** Hears no other isolated port. Absent: it does, or the switch cannot keep ports apart. */
  isolated?: true;
  acl: AclConfig | null;
}

/** Filter rules by direction; null: none. */
export interface AclConfig {
  in: readonly AclRule[] | null;
  out: readonly AclRule[] | null;
  stateful?: boolean;
  guard?: GuardPlan | null;
  /** Names of the lists that are in force, where the switch has names for them. Of a reading; never compared. */
  lists?: readonly string[];
}

/** A filter nobody could ask for: what a switch has of others' making. */
export const FOREIGN_FILTER: AclConfig = { in: null, out: null, guard: { hosts: [] } };
/** True for such a one, which cannot be written again. */
export const isForeign = ({ in: from, out, guard }: AclConfig): boolean =>
  from === null && out === null && guard?.hosts.length === 0;
/** No filter at all. */
export const NO_FILTER: AclConfig = { in: null, out: null };

/** A port as it comes from the factory, for readers that fill in what they find. */
export const PLAIN_PORT: PortConfig = {
  mode: 'access',
  untagged: 1,
  tagged: [],
  enabled: true,
  lag: null,
  mtu: null,
  description: null,
  edge: null,
  stormPercent: null,
  acl: null,
};

/** VLANs with ranges, as people and most switches write them: `10,20-23`; `none` and `all` in words. */
export function vlanText(vlans: readonly number[] | 'all'): string {
  if (vlans === 'all') return 'all';
  if (vlans.length === 0) return 'none';
  const parts: string[] = [];
  const sorted = [...vlans].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++;
    parts.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`);
    i = end + 1;
  }
  return parts.join(',');
}

/** Reads `10,20-23`, `all`, `none`, also with blanks; what is no VLAN is left out. */
export function readVlans(text: string): readonly number[] | 'all' {
  const said = text.trim().toLowerCase();
  if (said === 'all' || said === '1-4094') return 'all';
  if (said === 'none' || said === '') return [];
  const found = new Set<number>();
  for (const part of said.split(/[\s,]+/)) {
    const range = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (range === null) continue;
    const first = Number(range[1]);
    const last = Math.min(4094, Number(range[2] ?? range[1]));
    for (let vlan = first; vlan <= last; vlan++) found.add(vlan);
  }
  return [...found].sort((a, b) => a - b);
}
