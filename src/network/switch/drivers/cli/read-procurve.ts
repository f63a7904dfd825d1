import { type PortConfig, PLAIN_PORT } from '../../model/config.ts';
import { boundText } from './filters.ts';
import type { AclLines } from './platform.ts';
import { filtersBound, readEntries } from './read-filters.ts';
import type { RawReading } from './readers.ts';

/** ProCurve's configuration: VLANs name their ports. */
export function readProcurve(text: string, acl: AclLines): RawReading {
  const ports = new Map<string, PortConfig & { list: number[] }>();
  const bonds = new Map<string, number>();
  const modes = new Map<number, 'lacp' | 'static'>();
  const vlans = new Set<number>([1]);
  const edges = new Set<string>();
  const guards = new Set<string>();
  const lists = new Map<string, string[]>();
  const bound = new Map<string, string[]>();
  let entries: string[] | undefined;
  const get = (name: string) => {
    let one = ports.get(name);
    if (one === undefined) ports.set(name, (one = { ...PLAIN_PORT, untagged: null, tagged: [], list: [] }));
    return one;
  };
  let vlan: number | undefined;
  let at: string | undefined;
  for (const line of text.split('\n')) {
    const said = line.trim();
    if (!/^\s/.test(line)) {
      vlan = undefined;
      at = undefined;
      const opened = /^ip(v6)? access-list (?:extended )?"(.+)"$/.exec(said);
      entries = undefined;
      if (opened !== null) lists.set(`${opened[1] === undefined ? 4 : 6}:${opened[2]}`, (entries = []));
      const id = /^vlan (\d+)$/.exec(said)?.[1];
      if (id !== undefined) vlans.add((vlan = Number(id)));
      at = /^interface (\S+)$/.exec(said)?.[1];
      const bond = /^trunk (\S+) trk(\d+) (lacp|trunk)$/i.exec(said);
      if (bond !== null) {
        modes.set(Number(bond[2]), bond[3] === 'lacp' ? 'lacp' : 'static');
        for (const name of ranges(bond[1] as string)) bonds.set(name, Number(bond[2]));
      }
      const tree = /^spanning-tree (\S+) (admin-edge-port|bpdu-protection)$/.exec(said);
      if (tree !== null)
        for (const name of ranges(tree[1] as string)) (tree[2] === 'admin-edge-port' ? edges : guards).add(name);
    } else if (entries !== undefined) {
      if (said !== 'exit') entries.push(said);
    } else if (vlan !== undefined) {
      const member = /^(untagged|tagged) (\S+)$/.exec(said);
      for (const name of member === null ? [] : ranges(member[2] as string)) {
        if (member?.[1] === 'untagged') get(name).untagged = vlan;
        else get(name).list.push(vlan);
      }
    } else if (at !== undefined) {
      if (said === 'disable') get(at).enabled = false;
      const group = /^ip(v6)? access-group "(.+)" (in|out)$/.exec(said);
      if (group !== null) {
        const here = boundText(group[3] as string, group[1] === undefined ? 4 : 6, group[2] as string);
        bound.set(at, [...(bound.get(at) ?? []), here]);
      }
      const named = /^name "(.+)"$/.exec(said);
      if (named !== null) get(at).description = named[1] as string;
    }
  }
  const raw: RawReading = { ports: new Map(), bonds: new Map(), vlans };
  for (const name of bonds.keys()) get(name);
  for (const [name, { list, ...one }] of ports) {
    const tagged = list.sort((a, b) => a - b);
    const config = {
      ...one,
      tagged,
      mode: tagged.length > 0 ? ('trunk' as const) : ('access' as const),
      edge: edges.has(name) && guards.has(name),
      acl: filtersBound(bound.get(name) ?? [], (family, of) => {
        const lines = lists.get(`${family}:${of}`);
        return lines === undefined ? undefined : readEntries(acl, family as 4 | 6, lines);
      }),
    };
    const number = /^trk(\d+)$/i.exec(name)?.[1];
    if (number !== undefined) {
      const group = Number(number);
      raw.bonds.set(group, { ...config, lag: { group, mode: modes.get(group) ?? 'static', mlag: false } });
    } else {
      const group = bonds.get(name);
      raw.ports.set(name, {
        ...config,
        lag: group === undefined ? null : { group, mode: modes.get(group) ?? 'static', mlag: false },
      });
    }
  }
  return raw;
}

/** `1-3,A5,Trk7`. */
function ranges(text: string): string[] {
  const list: string[] = [];
  for (const part of text.split(',')) {
    const range = /^([A-Za-z/]*)(\d+)-\1?(\d+)$/.exec(part);
    if (range === null) list.push(part);
    else for (let n = Number(range[2]); n <= Number(range[3]); n++) list.push(`${range[1]}${n}`);
  }
  return list;
}
