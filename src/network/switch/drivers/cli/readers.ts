import { type LagConfig, type PortConfig, PLAIN_PORT, readVlans } from '../../model/config.ts';
import type { SwitchReading } from '../contract.ts';
import { boundText } from './filters.ts';
import { filtersBound, readEntries } from './read-filters.ts';
import type { AclLines, BlockRules, Platform } from './platform.ts';
import { readJunos } from './read-junos.ts';
import { readNvue } from './read-nvue.ts';
import { readProcurve } from './read-procurve.ts';
import { readSonic } from './read-sonic.ts';

/** A reading before bonds and parking are seen through: bonds stand by themselves. */
export interface RawReading {
  ports: Map<string, PortConfig>;
  /** By number. */
  bonds: Map<number, PortConfig>;
  vlans: Set<number> | null;
}

/** What a configuration says of ports. Throws what the text is not. */
export function readConfiguration(platform: Platform, text: string, names: string, parking: number): SwitchReading {
  const raw = rawReading(platform, text);
  if (platform.showPorts !== undefined) {
    for (const [, name = ''] of names.matchAll(platform.showPorts.port)) {
      if (!raw.ports.has(name)) raw.ports.set(name, UNTOLD);
    }
  }
  const ports = new Map<string, PortConfig>();
  for (const [name, own] of raw.ports) {
    const bond = own.lag === null ? undefined : raw.bonds.get(own.lag.group);
    const config =
      own.lag === null || bond === undefined
        ? own
        : {
            ...bond,
            enabled: own.enabled,
            description: own.description,
            lag: { ...own.lag, mode: modeOf(own.lag, bond.lag), mlag: bond.lag?.mlag ?? false },
          };
    // Where untagged frames of a trunk end in the parking VLAN, they are dropped as far as anybody is concerned.
    ports.set(name, config.mode === 'trunk' && config.untagged === parking ? { ...config, untagged: null } : config);
  }
  return { ports, vlans: raw.vlans };
}

/** Of a bond whose own block does not say whether it speaks LACP: its members' lines do. */
const MEMBERS_KNOW = -1;
const modeOf = (own: LagConfig, bond: LagConfig | null): LagConfig['mode'] =>
  bond === null || bond.group === MEMBERS_KNOW ? own.mode : bond.mode;

/** A port the configuration says nothing of. */
const UNTOLD: PortConfig = { ...PLAIN_PORT, mode: 'other', untagged: null, edge: false };

function rawReading(platform: Platform, text: string): RawReading {
  switch (platform.reader) {
    case 'blocks':
      return readBlocks(platform, platform.blocks as BlockRules, text);
    case 'junos':
      return readJunos(text);
    case 'nvue':
      return readNvue(text);
    case 'sonic':
      return readSonic(text);
    case 'procurve':
      return readProcurve(text, platform.acl as AclLines);
  }
}

/** Cisco's way: a line that is not indented begins a block. */
function readBlocks(platform: Platform, rules: BlockRules, text: string): RawReading {
  const raw: RawReading = { ports: new Map(), bonds: new Map(), vlans: new Set([1]) };
  let block: string[] | undefined;
  const blocks: [head: string, lines: string[]][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('!')) block = undefined;
    else if (/^\s/.test(line)) block?.push(line.trim());
    else blocks.push([line.trim(), (block = [])]);
  }
  const lists = new Map<string, readonly string[]>();
  for (const family of [4, 6] as const) {
    for (const [head, lines] of blocks) {
      const name = rules.lists?.[family].head.exec(head)?.[1];
      if (name !== undefined) lists.set(`${family}:${name}`, lines);
    }
  }
  const read = (lines: readonly string[]) => {
    const { acl } = platform;
    const port = readBlock(rules, lines);
    if (acl === undefined) return port;
    const rulesOf = (family: number, name: string) => {
      const entries = lists.get(`${family}:${name}`);
      return entries === undefined ? undefined : readEntries(acl, family as 4 | 6, entries);
    };
    return { ...port, acl: filtersBound(boundIn(rules, lines), rulesOf) };
  };
  for (const [head, lines] of blocks) {
    const vlan = rules.vlan.exec(head);
    if (vlan !== null) {
      const list = readVlans(vlan[1] as string);
      for (const id of list === 'all' ? [] : list) raw.vlans?.add(id);
      continue;
    }
    const name = rules.port.exec(head)?.[1];
    if (name === undefined) continue;
    const bond = platform.lag?.reads.exec(name);
    if (bond != null) raw.bonds.set(Number(bond[1]), read(lines));
    else if (platform.portName.test(name)) raw.ports.set(name, read(lines));
  }
  return raw;
}

/** Lists bound to a port. */
function boundIn(rules: BlockRules, lines: readonly string[]): string[] {
  const found: string[] = [];
  for (const family of [4, 6] as const) {
    for (const line of lines) {
      const [, name, direction] = rules.lists?.[family].bound.exec(line) ?? [];
      if (name !== undefined && direction !== undefined) found.push(boundText(direction, family, name));
    }
  }
  return found;
}

function readBlock(rules: BlockRules, lines: readonly string[]): PortConfig {
  let access = 1;
  let native = 1;
  let mode: PortConfig['mode'] = rules.defaults.mode;
  let allowed: readonly number[] | 'all' = rules.defaults.allowed === 'all' ? 'all' : [];
  let settled = rules.settled === null;
  let edge = false;
  const port = { ...PLAIN_PORT, mtu: rules.defaults.mtu as number | null };
  const is = (pattern: RegExp | null, line: string): RegExpExecArray | null =>
    pattern === null ? null : pattern.exec(line);
  const value = (match: RegExpExecArray | null, use: (text: string, match: RegExpExecArray) => void) => {
    if (match !== null) use(match[1] ?? '', match);
  };
  for (const line of lines) {
    value(is(rules.access, line), (text) => (access = Number(text)));
    value(is(rules.native, line), (text) => (native = Number(text)));
    value(is(rules.mode, line), (text) => (mode = text === 'access' || text === 'trunk' ? text : 'other'));
    value(is(rules.routed, line), () => (mode = 'other'));
    value(is(rules.allowed, line), (text) => {
      const list = readVlans(text);
      const more = / add /.test(line) && allowed !== 'all' && list !== 'all';
      allowed = more ? [...(allowed as readonly number[]), ...(list as readonly number[])] : list;
    });
    value(is(rules.settled, line), () => (settled = true));
    value(/^description "?(.+?)"?$/.exec(line), (text) => (port.description = text));
    value(/^mtu (\d+)$/.exec(line), (text) => (port.mtu = Number(text)));
    value(is(rules.storm, line), (text) => (port.stormPercent = Number(text)));
    value(is(rules.edge, line), () => (edge = true));
    value(is(rules.member, line), (text, match) => {
      port.lag = {
        group: Number(text),
        mode: /active|passive/.test(match[2] ?? 'on') ? 'lacp' : 'static',
        mlag: false,
      };
    });
    value(is(rules.lacp, line), () => (port.lag = { group: 0, mode: 'lacp', mlag: port.lag?.mlag ?? false }));
    value(
      is(rules.mlag, line),
      () => (port.lag = { group: MEMBERS_KNOW, mode: port.lag?.mode ?? 'static', mlag: true }),
    );
    if (line === 'shutdown') port.enabled = false;
  }
  port.edge = edge && lines.some((line) => rules.guard.test(line));
  if (!settled) mode = 'other';
  if (mode !== 'trunk') return { ...port, mode, untagged: access, tagged: [] };
  if (rules.nativeIsAccess === true) native = access;
  const list: readonly number[] | 'all' = allowed;
  const passes = rules.nativeIsAccess === true || list === 'all' || list.includes(native);
  return {
    ...port,
    mode,
    untagged: passes ? native : null,
    tagged: list === 'all' ? 'all' : list.filter((vlan) => vlan !== native),
  };
}
