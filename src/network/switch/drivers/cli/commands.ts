import type { AclConfig, LagConfig, PortConfig } from '../../model/config.ts';
import { NO_FILTER, vlanText } from '../../model/config.ts';
import { vlansInWords } from '../../model/difference.ts';
import type { ChangeSet, PortChange } from '../contract.ts';
import { type FilterLines, filterLines } from './filters.ts';
import type { Lines, Platform } from './platform.ts';
import { fill, type Step } from './templates.ts';

/** All that is typed for a change, in order. */
export function commandsFor(platform: Platform, changes: ChangeSet, parking: number): Step[] {
  const steps: Step[] = changes.vlans.map((vlan) => ({
    port: null,
    enter: fill(platform.vlan, { vlan, text: `ingot-${vlan}` }),
    lines: [],
    leave: [],
  }));
  const { lag } = platform;
  const filters = holders(platform, changes);
  steps.push(...filters.flatMap(({ make }) => make));
  const bonds = lagSteps(platform, changes, parking);
  const ports = changes.ports.map((change) => portStep(platform, change, parking));
  if (lag?.exposes === true) {
    const opened = changes.ports.filter(({ from, to }) => to.lag !== null && to.enabled && !sameLag(from.lag, to.lag));
    const opens = opened.map(({ port }) => alone(port, fill(platform.port.open, { port })));
    steps.push(...ports, ...bonds, ...opens);
  } else steps.push(...bonds, ...ports);
  for (const { group, to } of changes.lags) {
    if (to !== null || lag === null || lag.remove.length === 0) continue;
    const name = lagName(platform, group);
    // Where a port is named in each line, its filters are named apart, and do not go with it.
    const own =
      platform.port.enter.length > 0 ? [] : filterLines(platform, name, filtersOf(changes, group), NO_FILTER).bind;
    steps.push(alone(null, [...own, ...fill(lag.remove, { group, lag: name })]));
  }
  steps.push(...filters.flatMap(({ drop }) => drop));
  return steps.filter(({ enter, lines }) => enter.length + lines.length > 0);
}

/** The lists of all ports and bonds whose filters change. */
function holders(platform: Platform, changes: ChangeSet): FilterLines[] {
  const ports = changes.ports.map(({ port, from, to }) =>
    // Who joins a bond has none of its own any more.
    filterLines(platform, port, from.lag === null ? from.acl : null, to.lag === null ? to.acl : ownLess(from)),
  );
  const bonds = changes.lags.map(({ group, to }) => {
    const wanted = to === null ? NO_FILTER : to.config.acl;
    return filterLines(platform, lagName(platform, group), filtersOf(changes, group), wanted);
  });
  return [...ports, ...bonds];
}

/** Filters a bond has. */
const filtersOf = (changes: ChangeSet, group: number): AclConfig | null =>
  changes.ports.find(({ from }) => from.lag?.group === group)?.from.acl ?? null;

const ownLess = (from: PortConfig): AclConfig | null => (from.lag === null ? NO_FILTER : null);

const alone = (port: string | null, enter: Lines): Step => ({ port, enter, lines: [], leave: [] });

/** Bonds are made, and carry what they shall. */
function lagSteps(platform: Platform, changes: ChangeSet, parking: number): Step[] {
  const { lag } = platform;
  if (lag === null) return [];
  return changes.lags.flatMap(({ group, from, to }) => {
    if (to === null) return [];
    const name = lagName(platform, group);
    const facts = { group, lag: name, port: name };
    const anew = from === null || from.lag.mode !== to.lag.mode || from.lag.mlag !== to.lag.mlag;
    const pair = anew && to.lag.mlag ? fill(lag.mlag ?? [], facts) : [];
    const was = from === null ? null : (changes.ports.find(({ from: one }) => one.lag?.group === group)?.from ?? null);
    const lines = [...pair, ...standing(platform, name, was, { ...to.config, description: null }, parking)];
    const port = to.members[0] ?? null;
    const { enter, leave } = platform.port;
    return [
      alone(port, anew ? fill(lag.create[to.lag.mode], facts) : []),
      ...(lines.length === 0 ? [] : [{ port, enter: fill(enter, facts), lines, leave: fill(leave, facts) }]),
    ];
  });
}

export const lagName = (platform: Platform, group: number): string =>
  (platform.lag?.name ?? '').replace('{group}', String(group));

const sameLag = (a: LagConfig | null, b: LagConfig | null): boolean =>
  a === null || b === null ? a === b : a.group === b.group && a.mode === b.mode;

function portStep(platform: Platform, { port, from, to }: PortChange, parking: number): Step {
  const { lag, port: say } = platform;
  const facts = { port };
  const stays = sameLag(from.lag, to.lag);
  const lines: string[] = [];
  // A port that is to carry nothing stops first, and one that opens does it last.
  const exposed = lag?.exposes === true && !stays;
  if (from.enabled && (!to.enabled || exposed)) lines.push(...fill(say.shut, facts));
  if (lag !== null && !stays && from.lag !== null) {
    lines.push(...fill(lag.leave, { ...facts, group: from.lag.group, lag: lagName(platform, from.lag.group) }));
  }
  // What a member of a bond had before it joined is not known: after it left, everything is said.
  const was = from.lag === null ? from : { ...OUT_OF_BOND, enabled: from.enabled, description: from.description };
  if (to.lag === null) lines.push(...standing(platform, port, was, to, parking));
  else {
    if (!stays && lag?.members === 'alike') {
      lines.push(...standing(platform, port, null, { ...to, description: null, acl: null }, parking));
    } else if (!stays && lag?.members === 'bare' && from.lag === null) {
      lines.push(...memberships(platform, port, from, null, parking));
    }
    if (!stays && from.lag === null) lines.push(...filterLines(platform, port, from.acl, NO_FILTER).bind);
    lines.push(...describe(platform, port, from, to));
    if (lag !== null && !stays) {
      lines.push(
        ...fill(lag.join[to.lag.mode], { ...facts, group: to.lag.group, lag: lagName(platform, to.lag.group) }),
      );
    }
  }
  // Who joins a bond that is not set yet opens when that is.
  if (to.enabled && (!from.enabled || !stays) && !(exposed && to.lag !== null)) lines.push(...fill(say.open, facts));
  return { port, enter: fill(say.enter, facts), lines, leave: fill(say.leave, facts) };
}

const OUT_OF_BOND: PortConfig = {
  mode: 'other',
  untagged: null,
  tagged: [],
  enabled: true,
  lag: null,
  mtu: null,
  description: null,
  edge: null,
  stormPercent: null,
  acl: null,
};

/** VLANs and the rest of a port or bond; `from` null: nothing is known. */
function standing(
  platform: Platform,
  port: string,
  from: PortConfig | null,
  to: PortConfig,
  parking: number,
): string[] {
  const { port: say } = platform;
  // A filter is there before what it is for.
  const lines: string[] = filterLines(platform, port, from?.acl ?? null, to.acl).bind;
  if (from === null || vlansInWords(from) !== vlansInWords(to)) {
    if (platform.membership === undefined) lines.push(...vlanLines(platform, port, from, to, parking));
    else lines.push(...memberships(platform, port, from, to, parking));
  }
  const facts = { port };
  if (to.mtu !== null && to.mtu !== from?.mtu)
    lines.push(...fill(say.mtu ?? [], { ...facts, mtu: to.mtu, frame: to.mtu + 14 }));
  const kind = to.mode === 'trunk' ? 'trunk' : 'access';
  if (to.edge === true && (from?.edge !== true || from.mode !== to.mode))
    lines.push(...fill(say.edgeOn?.[kind] ?? [], facts));
  if (to.edge === false && from?.edge !== false) lines.push(...fill(say.edgeOff ?? [], facts));
  if (to.stormPercent !== null && to.stormPercent !== from?.stormPercent) {
    lines.push(...fill(say.storm ?? [], { ...facts, percent: to.stormPercent }));
  }
  return [...lines, ...describe(platform, port, from, to)];
}

function describe(platform: Platform, port: string, from: PortConfig | null, to: PortConfig): string[] {
  if (to.description === null || to.description === from?.description) return [];
  return fill(platform.port.describe, { port, text: to.description });
}

function vlanLines(
  platform: Platform,
  port: string,
  from: PortConfig | null,
  to: PortConfig,
  parking: number,
): string[] {
  const { port: say, longestList = 200 } = platform;
  const narrow = (gone: readonly number[]) =>
    gone.length === 0 ? [] : fill(say.narrow ?? [], { port, gone: vlanText(gone) });
  const had = from?.mode === 'trunk' && from.tagged !== 'all' ? [...from.tagged, ...natives(from)] : [];
  if (to.mode !== 'trunk') {
    return [...narrow(had), ...fill(say.access, { port, vlan: to.untagged ?? parking })];
  }
  const native = to.untagged ?? parking;
  const allowed = to.tagged === 'all' ? 'all' : [...to.tagged, ...natives(to)].sort((a, b) => a - b);
  const [first = 'none', ...more] = allowed === 'all' ? ['1-4094'] : pieces(allowed, longestList);
  const gone = allowed === 'all' ? [] : had.filter((vlan) => !allowed.includes(vlan));
  return [
    ...fill(to.untagged === null ? say.trunkOnly : say.trunkNative, { port, native, parking, ...list(first) }),
    ...more.flatMap((piece) => fill(say.allowMore ?? [], { port, ...list(piece) })),
    ...narrow(gone),
  ];
}

const list = (allowed: string) => ({ allowed, words: allowed.replaceAll(',', ' ') });
const natives = ({ untagged }: PortConfig): number[] => (untagged === null ? [] : [untagged]);

/** A list of VLANs in lines a switch can read. */
function pieces(vlans: readonly number[], longest: number): string[] {
  const list: string[] = [];
  for (const range of vlanText(vlans).split(',')) {
    const last = list.at(-1);
    if (last === undefined || last.length + range.length >= longest) list.push(range);
    else list[list.length - 1] = `${last},${range}`;
  }
  return list;
}

/** Where VLANs have ports. `to` null: in none. */
function memberships(
  platform: Platform,
  port: string,
  from: PortConfig | null,
  to: PortConfig | null,
  parking: number,
): string[] {
  const say = platform.membership;
  if (say === undefined) return [];
  const of = (config: PortConfig | null): Map<number, 'untagged' | 'tagged'> => {
    const map = new Map<number, 'untagged' | 'tagged'>();
    if (config === null || config.mode === 'other') return map;
    for (const vlan of config.tagged === 'all' ? [] : config.tagged) map.set(vlan, 'tagged');
    if (config.untagged !== null) map.set(config.untagged, 'untagged');
    else if (say.parks && config.mode === 'trunk') map.set(parking, 'untagged');
    return map;
  };
  const [was, shall] = [of(from), of(to)];
  const out: string[] = [];
  const into: string[] = [];
  for (const [vlan, how] of was) {
    const stays = say.addsFirst ? shall.has(vlan) : shall.get(vlan) === how;
    // Where a port has one untagged VLAN, the next takes its place by itself.
    const replaced = say.addsFirst && how === 'untagged' && [...shall.values()].includes('untagged');
    if (!stays && !replaced) out.push(...fill(say.remove, { port, vlan, how }));
  }
  for (const [vlan, how] of shall) if (was.get(vlan) !== how) into.push(...fill(say[how], { port, vlan }));
  return say.addsFirst ? [...into, ...out] : [...out, ...into];
}
