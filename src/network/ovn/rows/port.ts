import { isMachine, type Network, type Port, physicalSegment } from '../../model/truth.ts';
import { answersDhcp, portOptions, subnetOptions } from './dhcp.ts';
import { chassisGroupRef, dhcpRef, switchRef } from './network.ts';
import { groupRef } from './security-group.ts';
import { DROP_GROUP, Ref, unitKey, type WantedRow, type WantedValue } from './wanted.ts';

/** Owners whose ports are only records: nothing of theirs is on the wire by itself. */
const NO_PORT = new Set(['network:floatingip', 'network:floatingip_agent_gateway', 'network:router_ha_interface']);

/** True for ports that services of the network own: rules of security do not hold for them. */
export const isService = (port: Pick<Port, 'deviceOwner'>): boolean => port.deviceOwner.startsWith('network:');

/** All rows of a port. `metadata`: as its network has it. */
export function portRows(port: Port, network: Network, metadata = false): WantedRow[] {
  if (NO_PORT.has(port.deviceOwner)) return [];
  const machine = isMachine(port);
  const physical = physicalSegment(network);
  // On an overlay a machine stands behind the port of its VLAN; see `bridge`.
  if (machine && physical === undefined) return [];
  if (port.routerId !== null) return [routerPort(port)];
  const options = dhcp(port, network, metadata);
  const secured = port.portSecurity && !isService(port);
  const own: WantedRow = {
    table: 'Logical_Switch_Port',
    key: unitKey('port', port.id),
    columns: {
      name: port.id,
      type: machine ? 'external' : '',
      enabled: port.adminUp,
      addresses: [addressesOf(port), ...(secured || machine ? [] : ['unknown'])],
      port_security: secured && !machine ? securityOf(port) : [],
      options: !machine && port.hostId !== '' ? { 'requested-chassis': port.hostId } : {},
      // A machine's VLANs come apart at its switch, not at the port of the parent.
      parent_name: machine ? null : (port.trunk?.parentId ?? null),
      tag: machine ? null : (port.trunk?.tag ?? null),
      dhcpv4_options: options.v4,
      dhcpv6_options: options.v6,
      ha_chassis_group: machine && port.hostId !== '' ? chassisGroupRef(network.id) : null,
    },
    ids: { 'ingot:name': port.name, 'ingot:device': port.deviceId },
    in: [
      { row: switchRef(network.id), column: 'ports' },
      ...(secured ? [{ row: DROP_GROUP, column: 'ports' }] : []),
      ...(isService(port) ? [] : port.groups.map((id) => ({ row: groupRef(id), column: 'ports' }))),
    ],
  };
  return [own, ...options.rows, ...names(port, network), ...(machine ? [] : qosRows(port, network))];
}

/** The switch's side of a router's leg. */
function routerPort(port: Port): WantedRow {
  return {
    table: 'Logical_Switch_Port',
    key: unitKey('port', port.id),
    columns: {
      name: port.id,
      type: 'router',
      enabled: port.adminUp,
      addresses: ['router'],
      options: {
        'router-port': `lrp-${port.id}`,
        // Gratuitous ARP for what is translated, so that a fail-over is noticed by the switches outside.
        ...(port.deviceOwner === 'network:router_gateway' && {
          'nat-addresses': 'router',
          'exclude-lb-vips-from-garp': 'true',
        }),
      },
    },
    in: [{ row: switchRef(port.networkId), column: 'ports' }],
  };
}

const addressesOf = (port: Port): string => [port.mac, ...port.fixedIps.map(({ ip }) => ip)].join(' ');

/** What the port may send: its own addresses, and pairs it is allowed. */
function securityOf(port: Port): string[] {
  const byMac = new Map<string, string[]>([[port.mac, port.fixedIps.map(({ ip }) => ip)]]);
  for (const pair of port.pairs) {
    const mac = pair.mac_address ?? port.mac;
    byMac.set(mac, [...(byMac.get(mac) ?? []), pair.ip_address]);
  }
  return [...byMac].map(([mac, ips]) => [mac, ...ips].join(' '));
}

/** DHCP: a reference to the subnet's options, or a row of the port's own where it has options of its own. */
function dhcp(
  port: Port,
  network: Network,
  metadata: boolean,
): { v4: WantedValue; v6: WantedValue; rows: WantedRow[] } {
  const found: { v4: WantedValue; v6: WantedValue; rows: WantedRow[] } = { v4: null, v6: null, rows: [] };
  if (isService(port)) return found;
  for (const version of [4, 6] as const) {
    const subnet = network.subnets.find(
      (one) => one.version === version && answersDhcp(one) && port.fixedIps.some((ip) => ip.subnetId === one.id),
    );
    const mine = portOptions(port, version);
    if (subnet === undefined || mine === null) continue;
    let ref = dhcpRef(network.id, subnet.id);
    if (mine !== undefined) {
      ref = new Ref('DHCP_Options', `${unitKey('port', port.id)}/dhcp${version}`);
      const options = { ...subnetOptions(network, subnet, metadata), ...mine };
      found.rows.push({ table: 'DHCP_Options', key: ref.key, columns: { cidr: subnet.cidr, options } });
    }
    if (version === 4) found.v4 = ref;
    else found.v6 = ref;
  }
  return found;
}

/** OVN's own name server knows the port by these names. */
function names(port: Port, network: Network): WantedRow[] {
  if (port.dnsName === '' || port.fixedIps.length === 0) return [];
  const domain = (port.dnsDomain === '' ? network.dnsDomain : port.dnsDomain).replace(/\.$/, '').toLowerCase();
  const ips = port.fixedIps.map(({ ip }) => ip).join(' ');
  const name = port.dnsName.toLowerCase();
  const records: Record<string, string> = { [name]: ips };
  if (domain !== '') records[`${name}.${domain}`] = ips;
  return [
    {
      table: 'DNS',
      key: `${unitKey('port', port.id)}/dns`,
      columns: { records },
      in: [{ row: switchRef(network.id), column: 'dns_records' }],
    },
  ];
}

/** Limits and marks. What leaves the port (egress) comes in at the switch (from-lport). */
function qosRows(port: Port, network: Network): WantedRow[] {
  return port.qos.flatMap((rule): WantedRow[] => {
    const out = rule.direction !== 'ingress';
    const row = (which: string, columns: WantedRow['columns']): WantedRow => ({
      table: 'QoS',
      key: `${unitKey('port', port.id)}/qos/${which}`,
      columns: {
        direction: out ? 'from-lport' : 'to-lport',
        priority: 2002,
        match: `${out ? 'inport' : 'outport'} == "${port.id}"`,
        ...columns,
      },
      in: [{ row: switchRef(network.id), column: 'qos_rules' }],
    });
    if (rule.type === 'bandwidth_limit' && rule.maxKbps !== null) {
      // A burst of nothing lets no TCP through; OVN's own default is a tenth of the rate.
      const burst =
        rule.maxBurstKbps === null || rule.maxBurstKbps === 0 ? Math.ceil(rule.maxKbps * 0.8) : rule.maxBurstKbps;
      return [row(`limit-${out ? 'out' : 'in'}`, { bandwidth: { rate: rule.maxKbps, burst } })];
    }
    if (rule.type === 'dscp_marking' && rule.dscp !== null) return [row('dscp', { action: { dscp: rule.dscp } })];
    return [];
  });
}
