import { type Chassis, type Network, type OverlayMachine, physicalSegment } from '../../model/truth.ts';
import { bridging, living, order, reaching } from './chassis.ts';
import { answersDhcp, subnetOptions } from './dhcp.ts';
import { metadataRow } from './metadata.ts';
import { Ref, unitKey, type WantedRow } from './wanted.ts';

/** The switch of a network. */
export const switchRef = (networkId: string): Ref => new Ref('Logical_Switch', unitKey('network', networkId));
export const dhcpRef = (networkId: string, subnetId: string): Ref =>
  new Ref('DHCP_Options', `${unitKey('network', networkId)}/dhcp/${subnetId}`);
/** The chassis that answer for machines of a network (external ports); undefined where none can. */
export const chassisGroupRef = (networkId: string): Ref =>
  new Ref('HA_Chassis_Group', `${unitKey('network', networkId)}/ha`);

/** All rows of a network that are not a port's. `metadata`: its hosts serve instances what they ask of themselves. */
export function networkRows(network: Network, chassis: readonly Chassis[], metadata = false): WantedRow[] {
  const unit = unitKey('network', network.id);
  const rows: WantedRow[] = [
    {
      table: 'Logical_Switch',
      key: unit,
      columns: {
        name: `ingot-${network.id}`,
        other_config: { mcast_snoop: 'false', vlan_passthru: 'false' },
      },
      ids: { 'ingot:name': network.name },
    },
  ];
  for (const subnet of network.subnets) {
    if (!answersDhcp(subnet)) continue;
    rows.push({
      table: 'DHCP_Options',
      key: dhcpRef(network.id, subnet.id).key,
      columns: { cidr: subnet.cidr, options: subnetOptions(network, subnet, metadata) },
    });
  }
  if (metadata && !network.external) rows.push(metadataRow(network.id));
  const physical = physicalSegment(network);
  if (physical !== undefined) rows.push(...chassisGroup(network, physical.physicalNetwork as string, chassis));
  for (const segment of network.segments) {
    if (segment.physicalNetwork === null) continue;
    rows.push(...(segment.dynamic ? bridge(network, segment.id, chassis) : [localnet(network, segment.id)]));
  }
  return rows;
}

/** The port by which a switch is one with a VLAN of a physical network. */
function localnet(network: Network, segmentId: string): WantedRow {
  const segment = network.segments.find(({ id }) => id === segmentId);
  return {
    table: 'Logical_Switch_Port',
    key: `${unitKey('network', network.id)}/localnet/${segmentId}`,
    columns: {
      name: `provnet-${segmentId}`,
      type: 'localnet',
      addresses: ['unknown'],
      options: {
        network_name: segment?.physicalNetwork ?? '',
        mcast_flood: 'false',
        mcast_flood_reports: 'true',
        // Answers to frames that came from the outside find their way without a flood.
        localnet_learn_fdb: 'true',
      },
      tag: segment?.segmentationId ?? null,
    },
    in: [{ row: switchRef(network.id), column: 'ports' }],
  };
}

function chassisGroup(network: Network, physicalNetwork: string, chassis: readonly Chassis[]): WantedRow[] {
  const ref = chassisGroupRef(network.id);
  const members = order(network.id, living(reaching(physicalNetwork, chassis)));
  return [
    { table: ref.table, key: ref.key, columns: { name: `ingot-${network.id}` } },
    ...members.map(
      (one, i): WantedRow => ({
        table: 'HA_Chassis',
        key: `${ref.key}/${one.name}`,
        columns: { chassis_name: one.name, priority: 100 - i },
        in: [{ row: ref, column: 'ha_chassis' }],
      }),
    ),
  ];
}

/**
 * The port that bridges a VLAN of a physical network into an overlay, on one chassis at a time. It carries the
 * addresses of all machines behind it: OVN then answers their ARP and DHCP as it does for a port of its own, and
 * floods nothing to the VLAN that is for nobody there. Port security does not hold on such ports; rules do.
 */
function bridge(network: Network, segmentId: string, chassis: readonly Chassis[]): WantedRow[] {
  const segment = network.segments.find(({ id }) => id === segmentId);
  const physicalNetwork = segment?.physicalNetwork ?? '';
  const machines = network.machines.filter((machine) => machine.segmentId === segmentId);
  if (machines.length === 0) return [];
  const on = bridging(segmentId, physicalNetwork, chassis);
  const name = `bridge-${segmentId}`;
  const dhcp = (version: 4 | 6) => {
    const subnet = network.subnets.find((one) => one.version === version && answersDhcp(one));
    return subnet === undefined ? null : dhcpRef(network.id, subnet.id);
  };
  const unit = unitKey('network', network.id);
  const rule = (which: string, match: string): WantedRow => ({
    table: 'ACL',
    key: `${unit}/bridge/${segmentId}/${which}`,
    columns: { direction: 'from-lport', priority: 2000, action: 'drop', match: `inport == "${name}" && ${match}` },
    in: [{ row: switchRef(network.id), column: 'acls' }],
  });
  // A port without port security may send what it likes, and get what nobody else takes.
  const open = machines.some((machine) => !machine.portSecurity);
  const macs = new Set(machines.flatMap(({ mac, pairs }) => [mac, ...pairs.map((pair) => pair.mac_address ?? mac)]));
  return [
    {
      table: 'Logical_Switch_Port',
      key: `${unit}/bridge/${segmentId}`,
      columns: {
        name,
        type: 'l2gateway',
        addresses: [...machines.map(({ mac, ips }) => [mac, ...ips].join(' ')), ...(open ? ['unknown'] : [])],
        options: { network_name: physicalNetwork, ...(on !== undefined && { 'l2gateway-chassis': on.name }) },
        tag: segment?.segmentationId ?? null,
        dhcpv4_options: dhcp(4),
        dhcpv6_options: dhcp(6),
      },
      in: [{ row: switchRef(network.id), column: 'ports' }],
    },
    ...(open ? [] : [rule('mac', `eth.src != {${[...macs].join(', ')}}`)]),
    ...machines.filter((machine) => machine.portSecurity).flatMap((machine) => spoofRules(machine, rule)),
  ];
}

/** What a machine may not send: other addresses than its own, answers of a DHCP server, and a router's advertisements. */
function spoofRules(machine: OverlayMachine, rule: (which: string, match: string) => WantedRow): WantedRow[] {
  const { mac, ips, pairs } = machine;
  const all = [...ips, ...pairs.map((pair) => pair.ip_address)];
  const v4 = [...all.filter((ip) => !ip.includes(':')), '0.0.0.0'].join(', ');
  const v6 = [...all.filter((ip) => ip.includes(':')), '::', 'fe80::/10'].join(', ');
  const own = `eth.src == ${mac}`;
  const id = mac.replaceAll(':', '');
  return [
    rule(`${id}/ip4`, `${own} && ip4.src != {${v4}}`),
    rule(`${id}/arp`, `${own} && arp && (arp.sha != ${mac} || arp.spa != {${v4}})`),
    rule(`${id}/ip6`, `${own} && ip6.src != {${v6}}`),
    rule(`${id}/dhcp`, `${own} && (udp.src == 67 || udp.src == 547)`),
    rule(`${id}/ra`, `${own} && icmp6 && icmp6.type == 134`),
  ];
}
