import { type PortConfig, PLAIN_PORT, readVlans } from '../../model/config.ts';
import { readNvueFilters } from './read-nvue-filters.ts';
import type { RawReading } from './readers.ts';

/** What NVUE prints as `nv set` commands. Ports nobody has set anything of are not in it. */
export function readNvue(text: string): RawReading {
  const ports = new Map<string, Draft>();
  const vlans = new Set<number>([1]);
  for (const line of text.split('\n')) {
    const vlan = /^nv set bridge domain br_default vlan (\S+)\s*$/.exec(line);
    if (vlan !== null) {
      const list = readVlans(vlan[1] as string);
      for (const id of list === 'all' ? [] : list) vlans.add(id);
      continue;
    }
    const at = /^nv set interface (\S+) (.+?)\s*$/.exec(line);
    if (at === null) continue;
    for (const name of names(at[1] as string)) {
      let one = ports.get(name);
      if (one === undefined) ports.set(name, (one = { ...FRESH, members: [], list: [] }));
      take(one, at[2] as string);
    }
  }
  const raw: RawReading = { ports: new Map(), bonds: new Map(), vlans };
  const groups = new Map<string, number>();
  const filters = readNvueFilters(text, names);
  for (const [name, one] of ports) {
    const bond = /^bond(\d+)$/.exec(name);
    if (bond === null) continue;
    const group = Number(bond[1]);
    const acl = filters(name);
    raw.bonds.set(group, { ...finish(one), acl, lag: { group, mode: one.lacp ? 'lacp' : 'static', mlag: one.mlag } });
    for (const member of one.members) groups.set(member, group);
  }
  for (const member of groups.keys()) if (!ports.has(member)) ports.set(member, { ...FRESH, members: [], list: [] });
  for (const [name, one] of ports) {
    if (!/^swp\d+(s\d+)?$/.test(name)) continue;
    const group = groups.get(name);
    const lag = group === undefined ? null : { group, mode: 'lacp' as const, mlag: false };
    raw.ports.set(name, { ...finish(one), acl: filters(name), lag });
  }
  return raw;
}

interface Draft {
  access: number | null;
  untagged: number | null | undefined;
  list: number[];
  shut: boolean;
  mtu: number;
  description: string | null;
  edge: boolean;
  guard: boolean;
  members: string[];
  lacp: boolean;
  mlag: boolean;
}

const FRESH: Draft = {
  access: null,
  untagged: undefined,
  list: [],
  shut: false,
  mtu: 9216,
  description: null,
  edge: false,
  guard: false,
  members: [],
  lacp: true,
  mlag: false,
};

/** `swp1-3,7` is how several are told the same. */
function names(text: string): string[] {
  const list: string[] = [];
  for (const part of text.split(',')) {
    const range = /^([a-z]+)(\d+)-(\d+)$/.exec(part);
    if (range === null) list.push(part);
    else for (let n = Number(range[2]); n <= Number(range[3]); n++) list.push(`${range[1]}${n}`);
  }
  return list;
}

function take(one: Draft, line: string): void {
  const said = (pattern: RegExp): string | undefined => pattern.exec(line)?.[1];
  const access = said(/^bridge domain br_default access (\d+)$/);
  if (access !== undefined) one.access = Number(access);
  const untagged = said(/^bridge domain br_default untagged (\d+|none)$/);
  if (untagged !== undefined) one.untagged = untagged === 'none' ? null : Number(untagged);
  const list = said(/^bridge domain br_default vlan (\S+)$/);
  if (list !== undefined) one.list.push(...(readVlans(list) as readonly number[]));
  if (line === 'link state down') one.shut = true;
  const mtu = said(/^link mtu (\d+)$/);
  if (mtu !== undefined) one.mtu = Number(mtu);
  one.description = said(/^description '?"?([^'"]+)'?"?$/) ?? one.description;
  if (line === 'bridge domain br_default stp admin-edge on') one.edge = true;
  if (line === 'bridge domain br_default stp bpdu-guard on') one.guard = true;
  const members = said(/^bond member (\S+)$/);
  if (members !== undefined) one.members.push(...names(members));
  if (line === 'bond mode static') one.lacp = false;
  if (line.startsWith('bond mlag id ')) one.mlag = true;
}

function finish(one: Draft): PortConfig {
  const base: PortConfig = {
    ...PLAIN_PORT,
    enabled: !one.shut,
    mtu: one.mtu,
    description: one.description,
    edge: one.edge && one.guard,
  };
  const tagged = [...new Set(one.list)].sort((a, b) => a - b);
  if (one.access !== null) return { ...base, mode: 'access', untagged: one.access, tagged: [] };
  if (one.untagged === undefined && tagged.length === 0) return { ...base, mode: 'other', untagged: null, tagged: [] };
  const untagged = one.untagged === undefined ? 1 : one.untagged;
  return { ...base, mode: 'trunk', untagged, tagged: tagged.filter((vlan) => vlan !== untagged) };
}
