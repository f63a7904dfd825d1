import type { MachineLinks, NetworkFinding } from './findings.ts';

// Can a machine's VLAN leave its switch? Ports that nobody moves (to other switches, hosts, routers) are looked at, as
// the switch itself says them. Pure.

/** A port as the switches' API tells of it. */
export interface SwitchPortSeen {
  port: string;
  /** Null: nobody moves it. */
  plan: unknown;
  /** `trunk 10,20-23, untagged 5; open; …` */
  found: string | null;
}

/** What was read of a switch, by its name; null: it could not be asked. */
export type SwitchesSeen = ReadonlyMap<string, readonly SwitchPortSeen[] | null>;

/** Compares the VLANs of machines with what the uplinks of their switches carry. */
export function uplinkFindings({ machine_links: links, networks }: MachineLinks, seen: SwitchesSeen): NetworkFinding[] {
  const found: NetworkFinding[] = [];
  for (const [name, ports] of seen) {
    const about = `switch ${name}`;
    if (ports === null) {
      found.push({
        what: 'uplink',
        state: 'absent',
        about,
        seen: 'it could not be asked',
        remedy: `ingot switch show ${name}`,
      });
      continue;
    }
    const here = links.filter((link) => link.switch === name).flatMap((link) => link.ports);
    const wanted = networks.filter(({ id, vlan }) => vlan !== null && here.some((port) => port.network_id === id));
    const uplinks = ports.filter(({ plan, found: words }) => plan === null && words !== null && isOpen(words));
    let right = 0;
    for (const network of wanted) {
      const vlan = network.vlan as number;
      if (uplinks.some(({ found: words }) => carries(words as string, vlan))) right++;
      else {
        const trunks = uplinks.filter(({ found: words }) => words?.startsWith('trunk')).map(({ port }) => port);
        found.push({
          what: 'uplink',
          state: 'bad',
          about: `${about}, network ${network.name || network.id}`,
          seen: `VLAN ${vlan} of its machines is on no port that leads anywhere else`,
          remedy:
            trunks.length === 0
              ? 'the switch has no trunk beside the machines: is its uplink cabled, and set up as one?'
              : `allow VLAN ${vlan} on the uplink (trunks: ${trunks.slice(0, 8).join(', ')})`,
        });
      }
    }
    if (right > 0) found.push({ what: 'uplink', state: 'good', about, seen: `${right} VLANs of machines leave it` });
  }
  return found;
}

const isOpen = (words: string): boolean => words.split('; ').includes('open');

/** Does a port that reads so carry the VLAN? */
function carries(words: string, vlan: number): boolean {
  const access = /^access (\d+)/.exec(words);
  if (access !== null) return Number(access[1]) === vlan;
  const trunk = /^trunk ([^;]*), untagged (\w+)/.exec(words);
  if (trunk === null) return false;
  const [, tagged = '', untagged = ''] = trunk;
  if (tagged === 'all' || Number(untagged) === vlan) return true;
  return tagged.split(',').some((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return vlan >= first && vlan <= last;
  });
}
