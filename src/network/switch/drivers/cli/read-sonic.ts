import { type PortConfig, PLAIN_PORT } from '../../model/config.ts';
import { readSonicFilters } from './read-sonic-filters.ts';
import type { RawReading } from './readers.ts';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** SONiC's configuration database as JSON. Throws a SyntaxError for anything else. */
export function readSonic(text: string): RawReading {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  const tables = JSON.parse(json) as Readonly<Record<string, Table | undefined>>;
  const vlans = new Set<number>([1]);
  for (const name of Object.keys(tables['VLAN'] ?? {})) vlans.add(Number(name.replace('Vlan', '')));
  const memberships = new Map<string, { untagged: number | null; tagged: number[] }>();
  for (const [key, facts] of Object.entries(tables['VLAN_MEMBER'] ?? {})) {
    const [vlan = '', port = ''] = key.split('|');
    const one = memberships.get(port) ?? { untagged: null, tagged: [] };
    memberships.set(port, one);
    const id = Number(vlan.replace('Vlan', ''));
    if (facts['tagging_mode'] === 'untagged') one.untagged = id;
    else one.tagged.push(id);
  }
  const filters = readSonicFilters(tables['ACL_TABLE'], tables['ACL_RULE']);
  const raw: RawReading = { ports: new Map(), bonds: new Map(), vlans };
  const read = (name: string, facts: Readonly<Record<string, string>>): PortConfig => {
    const { untagged, tagged } = memberships.get(name) ?? { untagged: null, tagged: [] };
    return {
      ...PLAIN_PORT,
      mode: tagged.length > 0 ? 'trunk' : 'access',
      untagged,
      tagged: tagged.sort((a, b) => a - b),
      enabled: facts['admin_status'] === 'up',
      mtu: facts['mtu'] === undefined ? null : Number(facts['mtu']),
      description: facts['description'] ?? null,
      acl: filters(name),
    };
  };
  const groupOf = (name: string) => Number(/^PortChannel(\d+)$/.exec(name)?.[1] ?? 0);
  for (const [name, facts] of Object.entries(tables['PORTCHANNEL'] ?? {})) {
    const group = groupOf(name);
    const mode = facts['static'] === 'true' ? ('static' as const) : ('lacp' as const);
    raw.bonds.set(group, { ...read(name, facts), lag: { group, mode, mlag: false } });
  }
  const bonds = new Map<string, number>();
  for (const key of Object.keys(tables['PORTCHANNEL_MEMBER'] ?? {})) {
    const [bond = '', port = ''] = key.split('|');
    bonds.set(port, groupOf(bond));
  }
  for (const [name, facts] of Object.entries(tables['PORT'] ?? {})) {
    const group = bonds.get(name);
    raw.ports.set(name, {
      ...read(name, facts),
      lag: group === undefined ? null : { group, mode: 'lacp', mlag: false },
    });
  }
  return raw;
}
