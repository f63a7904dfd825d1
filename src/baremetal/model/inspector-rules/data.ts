import { inventoryFacts } from '../inventory-facts.ts';
import type { Document } from '../node.ts';

/** Keys of introspection data that inspector's hooks make of the inventory. */
const MADE = [
  'all_interfaces',
  'interfaces',
  'macs',
  'cpus',
  'cpu_arch',
  'memory_mb',
  'local_gb',
  'ipmi_address',
  'ipmi_v6address',
];

type Item = Record<string, unknown>;
const items = (value: unknown): Item[] =>
  Array.isArray(value) ? value.filter((item): item is Item => typeof item === 'object' && item !== null) : [];
const whole = (value: unknown) => (typeof value === 'string' ? Number(value) : null);

/**
 * Introspection data as clients of inspector read it (Terraform's provider takes `all_interfaces`, `cpus`, `cpu_arch` and
 * `memory_mb`): plugin data, the inventory, and what inspector's hooks make of that. What plugin data says itself stays.
 */
export function inspectorData(inventory: Document, pluginData: Document): Document {
  const { properties } = inventoryFacts(inventory);
  const boot = (inventory['boot'] ?? {}) as Item;
  // `01-52-54-…` as PXELINUX has it, or the address itself.
  const pxe = String(pluginData['boot_interface'] ?? boot['pxe_interface'] ?? '')
    .toLowerCase()
    .replace(/^01-/, '')
    .replaceAll('-', ':');
  const all: Record<string, Item> = {};
  for (const nic of items(inventory['interfaces'])) {
    if (typeof nic['name'] !== 'string' || typeof nic['mac_address'] !== 'string') continue;
    all[nic['name']] = {
      mac: nic['mac_address'],
      ip: nic['ipv4_address'] ?? nic['ipv6_address'] ?? null,
      client_id: nic['client_id'] ?? null,
      pxe: pxe !== '' && nic['mac_address'].toLowerCase() === pxe,
    };
  }
  const booted = Object.fromEntries(Object.entries(all).filter(([, nic]) => nic['pxe'] === true));
  const interfaces = Object.keys(booted).length > 0 ? booted : all;
  return {
    all_interfaces: all,
    interfaces,
    macs: Object.values(interfaces).map((nic) => nic['mac']),
    cpus: whole(properties['cpus']),
    cpu_arch: properties['cpu_arch'] ?? null,
    memory_mb: whole(properties['memory_mb']),
    local_gb: whole(properties['local_gb']),
    ipmi_address: inventory['bmc_address'] ?? null,
    ipmi_v6address: inventory['bmc_v6address'] ?? null,
    ...pluginData,
    inventory,
  };
}

/** What of given introspection data is kept: the rest is made again. */
export function withoutMade(pluginData: Document): Document {
  return Object.fromEntries(Object.entries(pluginData).filter(([key]) => !MADE.includes(key)));
}
