import type { NetworkAnswers } from '#operate/probe/ask';
import type { MachineLinks, NetworkFinding } from './findings.ts';

// What `ingot doctor network` makes of what networks answered. Pure.

/** A subnet, as the network service shows it. */
export interface SeenSubnet {
  id: string;
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  ipv6_address_mode?: string | null;
}

/** A network and what came of asking on it; in words where nobody could. */
export interface AskedNetwork {
  network: MachineLinks['networks'][number];
  subnets: readonly SeenSubnet[];
  answers: NetworkAnswers | string;
}

/** What was found out. */
export function askedFindings(asked: readonly AskedNetwork[]): NetworkFinding[] {
  const unasked = Map.groupBy(asked, ({ answers }) => (typeof answers === 'string' ? answers : null));
  return [...unasked].flatMap(([why, here]) => (why === null ? here.flatMap(findingsOn) : [couldNot(why, here)]));
}

/** One line says it of all networks that have the reason in common. */
function couldNot(why: string, networks: readonly AskedNetwork[]): NetworkFinding {
  const names = networks.map(({ network }) => network.name || network.id);
  const about = names.length === 1 ? `network ${names.join()}` : `${names.length} networks`;
  return { what: 'dhcp', state: 'absent', about, seen: `could not be asked: ${why}`, remedy: REMEDY };
}

function findingsOn({ network, subnets, answers }: AskedNetwork): NetworkFinding[] {
  if (typeof answers === 'string') return [];
  const about = `network ${network.name || network.id}`;
  const leased = subnets.filter((one) => one.enable_dhcp);
  const byOvn = network.dhcp.includes('ovn');
  return [
    ...dhcp4(about, leased, byOvn, answers),
    ...dhcp6(about, leased, byOvn, answers),
    ...frames(about, network.mtu, answers),
  ];
}

const REMEDY = 'run it as root on a host that carries networks (ovn-controller, Open vSwitch)';
function dhcp4(
  about: string,
  leased: readonly SeenSubnet[],
  byOvn: boolean,
  { port, wire }: NetworkAnswers,
): NetworkFinding[] {
  const found = (state: NetworkFinding['state'], seen: string, remedy?: string): NetworkFinding => ({
    what: 'dhcp',
    state,
    about,
    seen,
    ...(remedy === undefined ? {} : { remedy }),
  });
  const here = leased.filter(({ ip_version: version }) => version === 4);
  const all = [...port.offers, ...(wire?.offers ?? [])];
  const servers = [...new Set(all.map(({ server }) => server))];
  const told = servers.map((server) => `${server} (offers ${all.find((one) => one.server === server)?.address})`);
  const stranger = "find the machine with that address (its switch port is in the switch's table of MAC addresses)";
  if (here.length === 0) {
    return servers.length === 0 ? [] : [found('bad', `nobody is to answer, and ${told.join(' and ')} does`, stranger)];
  }
  if (servers.length > 1) {
    const seen = `${servers.length} servers answer: ${told.join(' and ')}`;
    return [found('bad', seen, `${stranger}, and end the server nobody asked for`)];
  }
  if (!byOvn) {
    return servers.length === 0
      ? [found('absent', 'nobody answers a stranger: dnsmasq knows the machines it is to answer')]
      : [found('good', `${told.join()} answers`)];
  }
  if (port.offers.length > 0) return [found('good', `asked, and ${told.join()} answered`)];
  const seen = servers.length === 0 ? 'asked, and nobody answered' : `OVN does not answer, and ${told.join()} does`;
  return [found('bad', seen, 'see the log of the room "network", and ovn-controller\'s on this host')];
}

function dhcp6(
  about: string,
  leased: readonly SeenSubnet[],
  byOvn: boolean,
  { port, wire }: NetworkAnswers,
): NetworkFinding[] {
  const found = (state: NetworkFinding['state'], seen: string): NetworkFinding => ({
    what: 'dhcp',
    state,
    about,
    seen,
  });
  const all = [...port.advertisements, ...(wire?.advertisements ?? [])];
  const servers = [...new Set(all.map(({ server }) => server))];
  if (servers.length > 1) return [found('bad', `${servers.length} servers answer DHCPv6: ${servers.join(' and ')}`)];
  const stateful = byOvn && leased.some((one) => one.ipv6_address_mode === 'dhcpv6-stateful');
  const [first] = all;
  if (first !== undefined) return [found('good', `asked by IPv6, and ${first.server} answered with ${first.address}`)];
  return stateful ? [found('bad', 'asked by IPv6, and nobody answered')] : [];
}

function frames(about: string, mtu: number, { frames: seen, port }: NetworkAnswers): NetworkFinding[] {
  const what = 'mtu';
  const list: NetworkFinding[] = [];
  const [offer] = port.offers;
  if (offer?.mtu != null && offer.mtu !== mtu) {
    list.push({ what, state: 'bad', about, seen: `DHCP says packets have ${offer.mtu} bytes, its record ${mtu}` });
  }
  if (seen === null)
    list.push({ what, state: 'absent', about, seen: 'there is no ping on this host to try frames with' });
  else if (seen.target === null) {
    list.push({ what, state: 'absent', about, seen: 'nobody on it answers ping: frames could not be tried' });
  } else if (seen.passes === mtu) {
    list.push({
      what,
      state: 'good',
      about,
      seen: `packets of ${mtu} bytes, not to be cut, come back from ${seen.target}`,
    });
  } else {
    list.push({
      what,
      state: 'bad',
      about,
      seen: `its packets have ${mtu} bytes, and none above ${seen.passes} comes back from ${seen.target}`,
      remedy: `raise the frame size on the way, or lower the network's mtu to ${seen.passes}`,
    });
  }
  return list;
}
