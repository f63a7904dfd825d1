import { errors } from '../errors.ts';

const LINK_TYPES = new Set([
  'bridge',
  'dvs',
  'hw_veb',
  'hyperv',
  'ovs',
  'tap',
  'vhostuser',
  'vif',
  'phy',
  'bond',
  'vlan',
]);
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const NETWORK_TYPES = new Set(['ipv4', 'ipv4_dhcp', 'ipv6', 'ipv6_dhcp', 'ipv6_slaac']);

function invalid(why: string): never {
  throw errors.Invalid(`Invalid network_data: ${why} `);
}

function objects(value: unknown, name: string): Record<string, unknown>[] {
  if (!Array.isArray(value)) invalid(`'${name}' must be a list`);
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      invalid(`each of '${name}' must be an object`);
    return item as Record<string, unknown>;
  });
}

function required(item: Record<string, unknown>, name: string, keys: readonly string[]): void {
  for (const key of keys) if (item[key] === undefined) invalid(`'${key}' is a required property of '${name}'`);
}

function text(item: Record<string, unknown>, name: string, key: string): string {
  const value = item[key];
  if (typeof value !== 'string') invalid(`'${key}' of '${name}' must be a string`);
  return value;
}

/**
 * Checks `network_data`: null, `{}`, or OpenStack's network metadata (`network_data.json`: links, networks,
 * services). Throws 400 with what is wrong.
 */
export function checkNetworkData(value: unknown): void {
  if (value === null || value === undefined) return;
  const data = value as Record<string, unknown>;
  if (Object.keys(data).length === 0) return;
  required(data, 'network_data', ['links', 'networks', 'services']);
  for (const link of objects(data['links'], 'links')) {
    required(link, 'links', ['id', 'type']);
    text(link, 'links', 'id');
    const type = text(link, 'links', 'type');
    if (!LINK_TYPES.has(type)) invalid(`the type of a link must be one of ${[...LINK_TYPES].join(', ')}`);
    const mac = type === 'vlan' ? 'vlan_mac_address' : 'ethernet_mac_address';
    required(link, 'links', [mac]);
    if (!MAC.test(text(link, 'links', mac))) invalid(`${mac} must be a MAC address`);
    if (type === 'bond') required(link, 'links', ['bond_mode', 'bond_links']);
    if (type === 'vlan') required(link, 'links', ['vlan_id', 'vlan_link']);
    const { mtu } = link;
    if (mtu !== undefined && mtu !== null && !(typeof mtu === 'number' && mtu >= 1 && mtu <= 65_535)) {
      invalid('mtu must be a number from 1 to 65535');
    }
  }
  for (const network of objects(data['networks'], 'networks')) {
    required(network, 'networks', ['id', 'link', 'network_id', 'type']);
    const type = text(network, 'networks', 'type');
    if (!NETWORK_TYPES.has(type)) invalid(`'${type.slice(0, 40)}' is not a type of network`);
  }
  for (const service of objects(data['services'], 'services')) {
    required(service, 'services', ['address', 'type']);
    if (text(service, 'services', 'type') !== 'dns') invalid("the type of a service must be 'dns'");
  }
}
