import { type PortConfig, PLAIN_PORT } from '../../model/config.ts';
import { readJunosFilters } from './read-junos-filters.ts';
import type { RawReading } from './readers.ts';

interface Draft {
  mode: PortConfig['mode'];
  members: string[];
  native: number | null;
  shut: boolean;
  mtu: number;
  description: string | null;
  group: number | null;
  lacp: boolean;
}

/** What Junos prints as `display set`. A port that has no switching at all is not named; it is no port yet. */
export function readJunos(text: string): RawReading {
  const drafts = new Map<string, Draft>();
  const ids = new Map<string, number>([['default', 1]]);
  const edges = new Set<string>();
  const guards = new Set<string>();
  const draft = (name: string): Draft => {
    let one = drafts.get(name);
    if (one === undefined) {
      one = {
        mode: 'other',
        members: [],
        native: null,
        shut: false,
        mtu: 1514,
        description: null,
        group: null,
        lacp: false,
      };
      drafts.set(name, one);
    }
    return one;
  };
  for (const line of text.split('\n')) {
    const said = /^set (interfaces|vlans|protocols) (.+?)\s*$/.exec(line);
    if (said === null) continue;
    const rest = said[2] as string;
    if (said[1] === 'vlans') {
      const vlan = /^(\S+) vlan-id (\d+)$/.exec(rest);
      if (vlan !== null) ids.set(vlan[1] as string, Number(vlan[2]));
    } else if (said[1] === 'protocols') {
      const edge = /^rstp interface (\S+?)(?:\.0)? edge$/.exec(rest);
      const guard = /^layer2-control bpdu-block interface (\S+?)(?:\.0)?$/.exec(rest);
      if (edge !== null) edges.add(edge[1] as string);
      if (guard !== null) guards.add(guard[1] as string);
    } else {
      const at = /^(\S+) (.+)$/.exec(rest);
      if (at !== null) take(draft(at[1] as string), at[2] as string);
    }
  }
  const raw: RawReading = { ports: new Map(), bonds: new Map(), vlans: new Set(ids.values()) };
  const filters = readJunosFilters(text);
  for (const [name, one] of drafts) {
    const config = { ...finish(one, ids, edges.has(name) && guards.has(name)), acl: filters(name) };
    const bond = /^ae(\d+)$/.exec(name);
    if (bond !== null) {
      raw.bonds.set(Number(bond[1]), {
        ...config,
        lag: { group: Number(bond[1]), mode: one.lacp ? 'lacp' : 'static', mlag: false },
      });
    } else if (/^(ge|xe|et|mge)-\d/.test(name)) raw.ports.set(name, config);
  }
  return raw;
}

function take(one: Draft, line: string): void {
  const mode = /^unit 0 family ethernet-switching interface-mode (access|trunk)$/.exec(line);
  if (mode !== null) one.mode = mode[1] as 'access' | 'trunk';
  else if (line.startsWith('unit 0 family ethernet-switching') && one.mode === 'other') one.mode = 'access';
  const member = /^unit 0 family ethernet-switching vlan members (\S+)$/.exec(line);
  if (member !== null) one.members.push(member[1] as string);
  const native = /^native-vlan-id (\d+)$/.exec(line);
  if (native !== null) one.native = Number(native[1]);
  const mtu = /^mtu (\d+)$/.exec(line);
  if (mtu !== null) one.mtu = Number(mtu[1]);
  const described = /^description "?(.+?)"?$/.exec(line);
  if (described !== null) one.description = described[1] as string;
  const bond = /^(?:gigether-options|ether-options) 802\.3ad ae(\d+)$/.exec(line);
  if (bond !== null) one.group = Number(bond[1]);
  if (line === 'disable') one.shut = true;
  if (line === 'aggregated-ether-options lacp active') one.lacp = true;
}

function finish(one: Draft, ids: ReadonlyMap<string, number>, edge: boolean): PortConfig {
  const vlans = new Set<number>();
  for (const member of one.members) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(member);
    if (range !== null) for (let id = Number(range[1]); id <= Number(range[2] ?? range[1]); id++) vlans.add(id);
    else if (ids.has(member)) vlans.add(ids.get(member) as number);
  }
  const list = [...vlans].sort((a, b) => a - b);
  const base: PortConfig = {
    ...PLAIN_PORT,
    enabled: !one.shut,
    lag: one.group === null ? null : { group: one.group, mode: 'static', mlag: false },
    // It counts the header of a frame, others do not.
    mtu: one.mtu - 14,
    description: one.description,
    edge,
  };
  if (one.mode === 'trunk') {
    const all = one.members.includes('all');
    const passes = one.native !== null && (all || list.includes(one.native));
    return {
      ...base,
      mode: 'trunk',
      untagged: passes ? one.native : null,
      tagged: all ? 'all' : list.filter((vlan) => vlan !== one.native),
    };
  }
  return { ...base, mode: one.mode, untagged: list[0] ?? 1, tagged: [] };
}
