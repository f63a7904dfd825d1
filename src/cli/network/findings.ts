// What `ingot doctor network` makes of what the services tell. Pure.

export interface MachineLinks {
  machine_links: readonly {
    machine_id: string;
    switch_id: string;
    port_id: string;
    switch_info: string | null;
    switch: string | null;
    state: string;
    found: string | null;
    error: string | null;
    differences: readonly { what: string; wanted: string; found: string }[];
    ports: readonly { id: string; network_id: string; purpose: string | null; status: string }[];
  }[];
  neighbours: readonly {
    machine_id: string;
    mac_address: string;
    nic: string;
    switch_id: string;
    port_id: string;
    switch_info: string | null;
    vlan: number | null;
    frame_size: number | null;
  }[];
  networks: readonly {
    id: string;
    name: string;
    mtu: number;
    physical_network: string | null;
    vlan: number | null;
    machines: number;
    dhcp: readonly string[];
    hosts: number;
  }[];
}

/** A port of bare metal, as its API shows it. */
export interface RecordedPort {
  node_uuid: string;
  address: string;
  pxe_enabled: boolean;
  physical_network: string | null;
  local_link_connection: { switch_id?: string; port_id?: string; switch_info?: string; network_type?: string };
}

/** A node as far as its networks go. */
export interface RecordedNode {
  uuid: string;
  name: string | null;
  network_interface: string | null;
}

export interface NetworkFinding {
  what: 'cabling' | 'switch' | 'uplink' | 'dhcp' | 'mtu';
  state: 'good' | 'bad' | 'absent';
  /** The node, switch port or network it is about. */
  about: string;
  seen: string;
  remedy?: string;
}

/** Ethernet header, a VLAN tag and the checksum. */
const AROUND_A_PACKET = 22;

/** Compares records with what was seen, and explains. */
export function findingsOf(
  nodes: readonly RecordedNode[],
  ports: readonly RecordedPort[],
  seen: MachineLinks,
): NetworkFinding[] {
  const nameOf = (uuid: string) => nodes.find((node) => node.uuid === uuid)?.name ?? uuid;
  return [...cabling(nodes, ports, seen, nameOf), ...switches(seen, nameOf), ...dhcp(seen), ...mtu(seen, nameOf)];
}

function cabling(
  nodes: readonly RecordedNode[],
  ports: readonly RecordedPort[],
  { neighbours }: MachineLinks,
  nameOf: (uuid: string) => string,
): NetworkFinding[] {
  const found: NetworkFinding[] = [];
  const moved = new Set(nodes.filter((node) => node.network_interface === 'neutron').map(({ uuid }) => uuid));
  let right = 0;
  for (const port of ports) {
    const { switch_id: id, port_id: at, network_type: type } = port.local_link_connection;
    const about = `${nameOf(port.node_uuid)}, ${port.address}`;
    const heard = neighbours.find((one) => one.mac_address === port.address.toLowerCase());
    if (type === 'unmanaged') continue;
    if (id === undefined || at === undefined) {
      if (!moved.has(port.node_uuid) || !port.pxe_enabled) continue;
      found.push({
        what: 'cabling',
        state: 'bad',
        about,
        seen:
          heard === undefined
            ? 'nobody knows where its cable ends'
            : `LLDP says ${place(heard)}; the record says nothing`,
        remedy:
          heard === undefined
            ? 'inspect the node with LLDP on its switch, or set local_link_connection by hand'
            : 'inspect it again (network.lldp = "missing" fills it in), or set local_link_connection',
      });
      continue;
    }
    if (heard === undefined) continue;
    // Switches name their ports in more than one way: only what is written out in full is compared.
    if (heard.switch_id.toLowerCase() === id.toLowerCase() && samePort(heard.port_id, at)) right++;
    else
      found.push({
        what: 'cabling',
        state: 'bad',
        about,
        seen: `the record says ${port.local_link_connection.switch_info ?? id} port ${at}, LLDP says ${place(heard)}`,
        remedy:
          'put the cable back, or correct local_link_connection (network.lldp = "always" does it at each inspection)',
      });
  }
  const twice = Map.groupBy(neighbours, (one) => `${one.switch_id} ${one.port_id}`);
  for (const several of twice.values()) {
    const macs = [...new Set(several.map(({ mac_address }) => mac_address))];
    const [first] = several;
    if (macs.length < 2 || first === undefined) continue;
    found.push({
      what: 'cabling',
      state: 'bad',
      about: place(first),
      seen: `heard by ${macs.length} NICs: ${several.map((one) => `${nameOf(one.machine_id)} ${one.nic}`).join(', ')}`,
      remedy: 'there is a hub or another switch in between, or an inspection is older than the cabling: inspect again',
    });
  }
  if (right > 0)
    found.push({ what: 'cabling', state: 'good', about: 'LLDP', seen: `${right} cables end where the records say` });
  return found;
}

const place = (one: { switch_id: string; port_id: string; switch_info: string | null }): string =>
  `${one.switch_info ?? one.switch_id} port ${one.port_id}`;

/** `Ethernet1/5`, `Eth1/5` and `eth1/5` are one. */
function samePort(a: string, b: string): boolean {
  const parts = (text: string) => /^([a-z]*)[^a-z\d]*(.*)$/i.exec(text.trim().toLowerCase());
  const [one, two] = [parts(a), parts(b)];
  if (one === null || two === null) return a === b;
  const [short, long] = [one[1] ?? '', two[1] ?? ''].sort((x, y) => x.length - y.length) as [string, string];
  return one[2] === two[2] && long.startsWith(short) && (short !== '' || long === '');
}

function switches({ machine_links: links }: MachineLinks, nameOf: (uuid: string) => string): NetworkFinding[] {
  const found: NetworkFinding[] = [];
  let right = 0;
  for (const link of links) {
    const about = `${link.switch ?? link.switch_info ?? link.switch_id} port ${link.port_id} (${nameOf(link.machine_id)})`;
    const differ = link.differences
      .map(({ what, wanted, found: is }) => `${what} is ${is}, wanted ${wanted}`)
      .join('; ');
    if (link.switch === null) {
      found.push({
        what: 'switch',
        state: 'bad',
        about,
        seen: 'no such switch is registered, or it was not asked yet',
        remedy: 'ingot switch add',
      });
    } else if (link.error !== null || link.state === 'failed') {
      found.push({
        what: 'switch',
        state: 'bad',
        about,
        seen: link.error ?? 'it could not be set',
        remedy: 'ingot switch diff; the port is put right as soon as the switch answers',
      });
    } else if (differ !== '') {
      found.push({
        what: 'switch',
        state: 'bad',
        about,
        seen: differ,
        remedy:
          'somebody changed it at the switch: it is put right at the next reading, unless the switch is registered with drift "report"',
      });
    } else if (link.state === 'pending') {
      found.push({ what: 'switch', state: 'absent', about, seen: 'not set yet', remedy: 'is a conductor running?' });
    } else right++;
  }
  if (right > 0)
    found.push({ what: 'switch', state: 'good', about: 'VLANs', seen: `${right} ports read back as wanted` });
  return found;
}

function dhcp({ networks }: MachineLinks): NetworkFinding[] {
  return networks.flatMap((network): NetworkFinding[] => {
    const about = `network ${network.name || network.id}`;
    if (network.dhcp.length > 1) {
      return [
        {
          what: 'dhcp',
          state: 'bad',
          about,
          seen: `both ${network.dhcp.join(' and ')} answer on it`,
          remedy: 'one responder for all subnets of a network: change dhcp_responder',
        },
      ];
    }
    if (!network.dhcp.includes('ovn')) return [];
    const where = `${network.physical_network ?? 'no physical network'}${network.vlan === null ? '' : ` VLAN ${network.vlan}`}`;
    if (network.hosts > 0) {
      return [{ what: 'dhcp', state: 'good', about, seen: `OVN answers from ${network.hosts} hosts on ${where}` }];
    }
    return [
      {
        what: 'dhcp',
        state: 'bad',
        about,
        seen: `OVN is to answer its ${network.machines} machines, and no live host reaches ${where}`,
        remedy: 'give a host the bridge mapping of that physical network, and the VLAN on its uplink',
      },
    ];
  });
}

function mtu(
  { networks, neighbours, machine_links: links }: MachineLinks,
  nameOf: (uuid: string) => string,
): NetworkFinding[] {
  const found: NetworkFinding[] = [];
  for (const heard of neighbours) {
    if (heard.frame_size === null) continue;
    const size = heard.frame_size;
    const on = links
      .filter((link) => link.switch_id === heard.switch_id && samePort(link.port_id, heard.port_id))
      .flatMap((link) => link.ports.map(({ network_id }) => networks.find(({ id }) => id === network_id)));
    for (const network of on) {
      if (network === undefined || network.mtu + AROUND_A_PACKET <= size) continue;
      found.push({
        what: 'mtu',
        state: 'bad',
        about: `${place(heard)} (${nameOf(heard.machine_id)})`,
        seen: `it passes frames of ${size} bytes, and network ${network.name || network.id} has packets of ${network.mtu}`,
        remedy: `raise the frame size of the switch port to ${network.mtu + AROUND_A_PACKET} or more, or lower the network's mtu`,
      });
    }
  }
  return found;
}
