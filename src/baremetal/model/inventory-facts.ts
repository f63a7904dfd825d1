import type { Document } from './node.ts';

/** What an inventory says of a machine in the words allocations can ask for. */
export interface InventoryFacts {
  /** For `properties`: cpus, cpu_arch, memory_mb, local_gb. */
  properties: Document;
  /** For `properties.capabilities`: name → value. */
  capabilities: Record<string, string>;
  /** Traits of ours; those that no longer hold are `FAMILIES` minus these. */
  traits: string[];
}

const GIB = 1024 ** 3;

/** Traits that inspection gives and takes away; nobody else's are touched. */
export const INSPECTED_TRAITS = /^CUSTOM_(CPU|MEMORY|DISK|NIC)_/;

type Item = Record<string, unknown>;

const items = (value: unknown): Item[] =>
  Array.isArray(value) ? value.filter((item): item is Item => typeof item === 'object' && item !== null) : [];
/** A whole number a machine can have; 0 for anything else. */
const number = (value: unknown): number =>
  typeof value === 'number' && value > 0 && value < 1e18 ? Math.floor(value) : 0;

/** Nominal speeds of links, Mbit/s: a NIC counts for the largest it reaches. */
const SPEEDS: readonly (readonly [mbps: number, name: string])[] = [
  [400_000, '400G'],
  [200_000, '200G'],
  [100_000, '100G'],
  [50_000, '50G'],
  [40_000, '40G'],
  [25_000, '25G'],
  [10_000, '10G'],
  [1_000, '1G'],
];

/** `NVME`, `SSD` or `HDD`. */
function diskKind(disk: Item): string {
  if (disk['tran'] === 'nvme' || String(disk['name'] ?? '').includes('nvme')) return 'NVME';
  return disk['rotational'] === true ? 'HDD' : 'SSD';
}

/** A capacity as it is printed on the drive, GB: 480,103,981,056 bytes are 480, 3,840,755,982,336 are 3840. */
function nominalGb(bytes: number): number {
  const gb = Math.max(1, Math.round(bytes / 1e9));
  const step = 10 ** Math.max(0, Math.floor(Math.log10(gb)) - 2);
  return Math.round(gb / step) * step;
}

/** InfiniBand has 20-octet addresses; RoCE is Ethernet with an RDMA device. */
function fabricOf(nic: Item): string | null {
  const link = String(nic['link_layer'] ?? nic['link_type'] ?? '').toLowerCase();
  const address = String(nic['mac_address'] ?? '');
  if (link === 'infiniband' || address.split(':').length === 20 || typeof nic['client_id'] === 'string')
    return 'INFINIBAND';
  return nic['rdma'] === true || link === 'roce' ? 'ROCE' : null;
}

/** Reads an inventory as Ironic keeps it (`inventory` of continue_inspection). What is missing gives nothing. */
export function inventoryFacts(inventory: Document): InventoryFacts {
  const cpu = (inventory['cpu'] ?? {}) as Item;
  const memory = (inventory['memory'] ?? {}) as Item;
  const properties: Document = {};
  const capabilities: Record<string, string> = {};
  const traits = new Set<string>();

  const cpus = number(cpu['count']);
  if (cpus > 0) {
    properties['cpus'] = String(cpus);
    traits.add(`CUSTOM_CPU_${cpus}`);
  }
  if (typeof cpu['architecture'] === 'string') properties['cpu_arch'] = cpu['architecture'];
  if (number(cpu['socket_count']) > 0) capabilities['cpu_sockets'] = String(cpu['socket_count']);
  const flags = Array.isArray(cpu['flags']) ? cpu['flags'] : [];
  if (flags.includes('vmx') || flags.includes('svm')) capabilities['cpu_vt'] = 'true';
  if (flags.includes('aes')) capabilities['cpu_aes'] = 'true';

  const memoryMb = number(memory['physical_mb']);
  if (memoryMb > 0) {
    properties['memory_mb'] = String(memoryMb);
    traits.add(`CUSTOM_MEMORY_${Math.round(memoryMb / 1024)}G`);
  }

  const counts = new Map<string, number>();
  for (const disk of items(inventory['disks'])) {
    const size = number(disk['size']);
    if (size === 0) continue;
    const kind = diskKind(disk);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    traits.add(`CUSTOM_DISK_${kind}`);
    traits.add(`CUSTOM_DISK_${kind}_${nominalGb(size)}G`);
  }
  for (const [kind, count] of counts) capabilities[`disk_${kind.toLowerCase()}_count`] = String(count);
  const root = items(inventory['disks'])
    .map((disk) => number(disk['size']))
    .filter((size) => size >= 4 * GIB);
  // The last gibibyte is left out: partition tables at both ends, and rounding between tools.
  if (root.length > 0) properties['local_gb'] = String(Math.floor(Math.min(...root) / GIB) - 1);

  let fastest = 0;
  for (const nic of items(inventory['interfaces'])) {
    const mbps = number(nic['speed_mbps']);
    fastest = Math.max(fastest, mbps);
    const speed = SPEEDS.find(([least]) => mbps >= least);
    if (speed !== undefined) traits.add(`CUSTOM_NIC_${speed[1]}`);
    const fabric = fabricOf(nic);
    if (fabric !== null) {
      traits.add(`CUSTOM_NIC_${fabric}`);
      capabilities[fabric.toLowerCase()] = 'true';
    }
  }
  if (fastest > 0) capabilities['nic_speed_mbps'] = String(fastest);

  const boot = ((inventory['boot'] ?? {}) as Item)['current_boot_mode'];
  if (boot === 'uefi' || boot === 'bios') capabilities['boot_mode'] = boot;
  return { properties, capabilities, traits: [...traits].sort() };
}

/** `a:1,b:2` with some capabilities set and the others kept. */
export function mergeCapabilities(text: unknown, found: Readonly<Record<string, string>>): string {
  const kept = (typeof text === 'string' ? text.split(',') : []).filter(
    (part) => part !== '' && found[part.split(':')[0] as string] === undefined,
  );
  return [...kept, ...Object.entries(found).map(([name, value]) => `${name}:${value}`)].join(',');
}
