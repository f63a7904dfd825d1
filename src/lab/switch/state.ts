// What an emulated switch holds, whatever language it is told it in.

/** A port, or a bond of ports. */
export interface LabPort {
  name: string;
  mode: 'access' | 'trunk' | 'dynamic' | 'routed';
  access: number;
  native: number;
  allowed: Set<number> | 'all';
  /** Untagged frames pass whether or not the list of a trunk has their VLAN. */
  nativePasses: boolean;
  /** Says whether it would negotiate a trunk. */
  negotiates: boolean;
  shut: boolean;
  mtu: number;
  description: string;
  edge: boolean;
  guard: boolean;
  storm: number | null;
  /** Number of the bond it is in. */
  channel: number | null;
  channelMode: string;
  /** Of a bond over two switches: its number there. */
  mlag: number | null;
  /** Names of access lists that are bound, by direction and version of IP: `in4`. */
  filters: Record<string, string>;
}

/** An entry of an access list. */
export interface LabAce {
  action: 'permit' | 'deny';
  protocol: string;
  /** A network, or `any`. */
  source: string;
  destination: string;
  ports: [from: number, to: number] | null;
  /** Of ICMP. */
  kind: number | null;
  /** Where a list is of more than one: the version of IP; null: every frame. */
  family?: 4 | 6 | null;
  /** Where entries have names, or numbers of their own. */
  name?: string;
}

/** All of a switch's configuration. */
export interface LabConfig {
  vlans: Map<number, string>;
  ports: Map<string, LabPort>;
  channels: Map<number, LabPort>;
  /** Access lists by version of IP and name: `4:NAME`. */
  lists: Map<string, LabAce[]>;
  /** Rows of its database, where it has one and they are shown as they are: `ACL_RULE|NAME|RULE_10`. */
  rows: Map<string, Record<string, string>>;
}

/** A port as it comes from the factory. */
export function freshPort(name: string, mode: LabPort['mode'] = 'access'): LabPort {
  return {
    name,
    mode,
    access: 1,
    native: 1,
    allowed: 'all',
    nativePasses: false,
    negotiates: true,
    shut: false,
    mtu: 1500,
    description: '',
    edge: false,
    guard: false,
    storm: null,
    channel: null,
    channelMode: '',
    mlag: null,
    filters: {},
  };
}

export function freshConfig(ports: readonly string[], mode: LabPort['mode'] = 'access'): LabConfig {
  return {
    vlans: new Map([[1, 'default']]),
    ports: new Map(ports.map((name) => [name, freshPort(name, mode)])),
    channels: new Map(),
    lists: new Map(),
    rows: new Map(),
  };
}

export const copyConfig = (config: LabConfig): LabConfig => structuredClone(config);

/** VLANs a port's frames really go to. */
export interface LabVlans {
  mode: string;
  untagged: number | null;
  tagged: number[];
}

/** What a port forwards, a bond's members as the bond says. */
export function forwards(config: LabConfig, name: string): LabVlans {
  const own = config.ports.get(name);
  const port = own?.channel == null ? own : config.channels.get(own.channel);
  if (port === undefined) return { mode: 'none', untagged: null, tagged: [] };
  if (port.mode === 'access') return { mode: 'access', untagged: port.access === 0 ? null : port.access, tagged: [] };
  if (port.mode !== 'trunk') return { mode: port.mode, untagged: null, tagged: [] };
  const { allowed, native } = port;
  const all = allowed === 'all' ? [...config.vlans.keys()] : [...allowed];
  return {
    mode: 'trunk',
    untagged: native !== 0 && (port.nativePasses || all.includes(native)) ? native : null,
    tagged: all.filter((vlan) => vlan !== native).sort((a, b) => a - b),
  };
}

/** `10,20-22` as switches write and read it. Throws what is no list. */
export function parseList(text: string): Set<number> {
  const set = new Set<number>();
  for (const part of text.split(/[,\s]+/).filter((piece) => piece !== '')) {
    const [first, last = first] = part.split('-').map(Number);
    if (!(first !== undefined && last !== undefined && first >= 1 && last <= 4094 && first <= last)) {
      throw new RangeError(`bad VLAN list ${text}`);
    }
    for (let vlan = first; vlan <= last; vlan++) set.add(vlan);
  }
  return set;
}

export function writeList(vlans: Iterable<number>): string {
  const sorted = [...vlans].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i] as number;
    while (sorted[i + 1] === (sorted[i] as number) + 1) i++;
    parts.push(first === sorted[i] ? `${first}` : `${first}-${sorted[i]}`);
  }
  return parts.join(',');
}
