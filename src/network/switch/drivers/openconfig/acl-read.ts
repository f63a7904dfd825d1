// openconfig-acl as it is read: one reader for XML and JSON, which differ in little but brackets.

export interface OcAce {
  sequence: number;
  allow: boolean;
  /** Its number; null: any. */
  protocol: number | null;
  source: string | null;
  destination: string | null;
  /** Destination: `22`, `8000..8099`. */
  port: string | null;
}

export interface OcAclSet {
  name: string;
  family: 4 | 6;
  /** In order; null: there is one that says more than ours do. */
  entries: readonly OcAce[] | null;
}

export interface OcBound {
  name: string;
  /** null: of another kind. */
  family: 4 | 6 | null;
}

/** `acl/interfaces/interface`. */
export interface OcAclBinding {
  id: string;
  interface: string;
  in: readonly OcBound[];
  out: readonly OcBound[];
}

export interface OcAcls {
  sets: readonly OcAclSet[];
  bindings: readonly OcAclBinding[];
}

type Tree = Readonly<Record<string, unknown>>;

const dig = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Tree)[name] : undefined), value);
const many = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = dig(value, ...path);
  return found === undefined ? [] : Array.isArray(found) ? found : [found];
};
function text(value: unknown, ...path: readonly string[]): string | null {
  const found = dig(value, ...path);
  if (typeof found === 'string' || typeof found === 'number') return String(found);
  const inner = dig(found, '#text');
  return typeof inner === 'string' ? inner : null;
}
/** Names of identities come with the prefix or the name of their module. */
const identity = (said: string | null): string | null => said?.replace(/^[\w-]+:/, '') ?? null;

const FAMILIES: Readonly<Record<string, 4 | 6>> = { ACL_IPV4: 4, ACL_IPV6: 6 };
const PROTOCOLS: Readonly<Record<string, number>> = { IP_ICMP: 1, IP_TCP: 6, IP_UDP: 17, IP_ICMPV6: 58 };

/** All of `acl`, without prefixes of modules. */
export function readAcls(acl: unknown): OcAcls {
  const sets = many(acl, 'acl-sets', 'acl-set').flatMap((set): OcAclSet[] => {
    const family = FAMILIES[identity(text(set, 'type')) ?? ''];
    return family === undefined ? [] : [{ name: text(set, 'name') ?? '', family, entries: readEntries(set, family) }];
  });
  const bindings = many(acl, 'interfaces', 'interface').map((one): OcAclBinding => {
    const id = text(one, 'id') ?? '';
    return {
      id,
      // A key is whatever its maker liked: what it stands for is said beside it, or it is the name.
      interface: text(one, 'interface-ref', 'config', 'interface') ?? id,
      in: many(one, 'ingress-acl-sets', 'ingress-acl-set').map(readBound),
      out: many(one, 'egress-acl-sets', 'egress-acl-set').map(readBound),
    };
  });
  return { sets, bindings };
}

const readBound = (one: unknown): OcBound => ({
  name: text(one, 'set-name') ?? '',
  family: FAMILIES[identity(text(one, 'type')) ?? ''] ?? null,
});

function readEntries(set: unknown, family: 4 | 6): OcAce[] | null {
  const found: OcAce[] = [];
  for (const entry of many(set, 'acl-entries', 'acl-entry')) {
    const ip = `ipv${family}`;
    const known =
      onlySays(dig(entry, ip, 'config'), ['source-address', 'destination-address', 'protocol']) &&
      onlySays(dig(entry, 'transport', 'config'), ['destination-port']) &&
      [`ipv${10 - family}`, 'l2', 'mpls', 'input-interface'].every((name) =>
        onlySays(dig(entry, name, 'config'), []),
      ) &&
      [`icmpv4`, 'icmpv6'].every((name) => onlySays(dig(entry, ip, name, 'config'), []));
    const action = identity(text(entry, 'actions', 'config', 'forwarding-action'));
    const sequence = Number(text(entry, 'sequence-id'));
    const said = text(entry, ip, 'config', 'protocol');
    const protocol = said === null ? null : (PROTOCOLS[identity(said) ?? ''] ?? Number(said));
    if (!known || (action !== 'ACCEPT' && action !== 'DROP') || !Number.isInteger(sequence)) return null;
    const port = text(entry, 'transport', 'config', 'destination-port');
    found.push({
      sequence,
      allow: action === 'ACCEPT',
      protocol,
      source: text(entry, ip, 'config', 'source-address')?.toLowerCase() ?? null,
      destination: text(entry, ip, 'config', 'destination-address')?.toLowerCase() ?? null,
      port: identity(port) === 'ANY' ? null : port,
    });
  }
  return found.sort((a, b) => a.sequence - b.sequence);
}

/** Says nothing but these; what is said to be anything is not said. */
function onlySays(config: unknown, names: readonly string[]): boolean {
  if (typeof config !== 'object' || config === null) return true;
  return Object.keys(config).every(
    (name) => names.includes(name) || name.startsWith('@') || identity(text(config, name)) === 'ANY',
  );
}
