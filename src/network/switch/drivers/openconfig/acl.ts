import type { AclRule } from '#contracts/switches';
import { type AclConfig, FOREIGN_FILTER, isForeign, NO_FILTER } from '../../model/config.ts';
import { sameFilters } from '../../model/difference.ts';
import type { ChangeSet } from '../contract.ts';
import type { OcAcls, OcAce, OcAclSet } from './acl-read.ts';

// Filters by openconfig-acl (release/models/acl/openconfig-acl.yang of github.com/openconfig/public): sets of entries, and
// interfaces that name the sets they are judged by. All of it is in the one transaction of a change, so that a set is
// replaced where it stands: no moment is without it.

export type Family = 4 | 6;
export type Direction = 'in' | 'out';
const FAMILIES = [4, 6] as const;
const DIRECTIONS = ['in', 'out'] as const;

/** What is to be written for one port or bond. */
export interface OcFilterEdit {
  kind: 'filters';
  /** The interface, and our key of it in `acl/interfaces`. */
  name: string;
  /** Sets to be as here. */
  sets: readonly OcAclSet[];
  /** Sets the interface is judged by, and no others. */
  bound: readonly { direction: Direction; family: Family; name: string }[];
  /** It has an entry of that key by now. */
  known: boolean;
  /** Entries of others for the same interface, by their key. */
  others: readonly string[];
  /** Sets of ours nobody is judged by any more. */
  unused: readonly { family: Family; name: string }[];
}

const setName = (port: string, direction: Direction, family: Family): string =>
  `INGOT-${port.replaceAll(/[^\w]/g, '-')}-${direction.toUpperCase()}${family}`;

/** Filters of an interface as they read. */
export function filtersAt(acls: OcAcls, port: string): AclConfig {
  const here = acls.bindings.filter((one) => one.interface === port);
  const ours = DIRECTIONS.flatMap((direction) => FAMILIES.map((family) => [family, setName(port, direction, family)]));
  const lists = [
    ...here.map(({ id }) => `key:${id}`),
    ...acls.sets.flatMap(({ family, name }) =>
      ours.some(([f, n]) => f === family && n === name) ? [`set${family}:${name}`] : [],
    ),
  ];
  const found: { in: AclRule[] | null; out: AclRule[] | null } = { in: null, out: null };
  for (const direction of DIRECTIONS) {
    const bound = here.flatMap((one) => one[direction]);
    if (bound.length === 0) continue;
    // Ours come in pairs: with one of them alone, the other family passes.
    const rules = FAMILIES.map((family) => {
      const name = setName(port, direction, family);
      const is = bound.some((one) => one.family === family && one.name === name);
      return is ? rulesOf(acls.sets.find((one) => one.family === family && one.name === name)) : undefined;
    });
    if (bound.length !== FAMILIES.length || rules.includes(undefined)) return { ...FOREIGN_FILTER, lists };
    found[direction] = (rules as AclRule[][]).flat();
  }
  return { ...(found.in === null && found.out === null ? NO_FILTER : found), lists };
}

const PROTOCOLS: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  4: { tcp: 6, udp: 17, icmp: 1 },
  6: { tcp: 6, udp: 17, icmp: 58 },
};

/** The last entry is said: what a set without a match does is the switch's business. */
function entriesOf(family: Family, rules: readonly AclRule[]): OcAce[] {
  const own = rules.filter((rule) => rule.family === family);
  const last: AclRule = { action: 'deny', family, protocol: 'any', source: null, destination: null, ports: null };
  return [...own, last].map(({ action, protocol, source, destination, ports }, i) => ({
    sequence: (i + 1) * 10,
    allow: action === 'allow',
    protocol: PROTOCOLS[family][protocol] ?? null,
    source: anywhere(source),
    destination: anywhere(destination),
    port: ports === null ? null : ports[0] === ports[1] ? `${ports[0]}` : `${ports[0]}..${ports[1]}`,
  }));
}

const anywhere = (cidr: string | null): string | null => (cidr === null || cidr.endsWith('/0') ? null : cidr);

/** undefined: no set of ours reads so. */
function rulesOf(set: OcAclSet | undefined): AclRule[] | undefined {
  if (set?.entries == null) return undefined;
  const { family } = set;
  const rules: AclRule[] = [];
  for (const { allow, protocol, source, destination, port } of set.entries) {
    const word = Object.entries(PROTOCOLS[family]).find(([, number]) => number === protocol)?.[0];
    if (protocol !== null && word === undefined) return undefined;
    const [from, to = from] = port === null ? [] : port.split('..').map(Number);
    rules.push({
      action: allow ? 'allow' : 'deny',
      family,
      protocol: (word ?? 'any') as AclRule['protocol'],
      source: anywhere(source),
      destination: anywhere(destination),
      ports: from === undefined || to === undefined ? null : [from, to],
    });
  }
  const last = rules.pop();
  const closes =
    last?.action === 'deny' && last.protocol === 'any' && last.source === null && last.destination === null;
  return closes ? rules : undefined;
}

/** Filters of ports and bonds that change. */
export function filterEdits(changes: ChangeSet, bondName: (group: number) => string): OcFilterEdit[] {
  const ports = changes.ports.map(({ port, from, to }) =>
    // Who is in a bond has none of its own.
    editOf(port, from.lag === null ? from.acl : null, to.lag === null ? to.acl : from.lag === null ? NO_FILTER : null),
  );
  const bonds = changes.lags.map(({ group, to }) => {
    const was = changes.ports.find(({ from }) => from.lag?.group === group)?.from.acl ?? null;
    return editOf(bondName(group), was, to === null ? NO_FILTER : to.config.acl);
  });
  return [...ports, ...bonds].filter((edit) => edit !== null);
}

/** `from` null: nothing is known to be there. `to` null: nobody cares. */
function editOf(port: string, from: AclConfig | null, to: AclConfig | null): OcFilterEdit | null {
  if (to === null || isForeign(to) || sameFilters(from ?? NO_FILTER, to)) return null;
  const bound = DIRECTIONS.flatMap((direction) =>
    to[direction] === null
      ? []
      : FAMILIES.map((family) => ({ direction, family, name: setName(port, direction, family) })),
  );
  const lists = from?.lists ?? [];
  const keys = lists.flatMap((text) => (text.startsWith('key:') ? [text.slice(4)] : []));
  const sets = lists.flatMap((text) => {
    const found = /^set([46]):(.*)$/.exec(text);
    return found === null ? [] : [{ family: Number(found[1]) as Family, name: found[2] as string }];
  });
  return {
    kind: 'filters',
    name: port,
    sets: bound.map(({ direction, family, name }) => ({
      name,
      family,
      entries: entriesOf(family, to[direction] ?? []),
    })),
    bound,
    known: keys.includes(port),
    others: keys.filter((key) => key !== port),
    unused: sets.filter(({ family, name }) => !bound.some((one) => one.family === family && one.name === name)),
  };
}
