import type { InventoryNic } from '#agent-api/inventory';
import { type Machine, numberAt, outputOf } from '../machine/contract.ts';

const MELLANOX_CLIENT_ID = 'ff:00:00:00:00:00:02:00:00:02:c9:00';
const INFINIBAND = '32';

/** The machine's network cards: what has a device behind it. Bridges, bonds and the like are left out. */
export async function listNics(machine: Machine): Promise<InventoryNic[]> {
  const addresses = await machine.addresses();
  const nics: InventoryNic[] = [];
  for (const name of await machine.names('/sys/class/net')) {
    const device = await machine.resolve(`/sys/class/net/${name}/device`);
    if (device === null) continue;
    const nic = await nicOf(machine, name, device, addresses[name] ?? []);
    if (nic !== null) nics.push(nic);
  }
  return nics;
}

async function nicOf(
  machine: Machine,
  name: string,
  device: string,
  addresses: readonly { address: string; family: 4 | 6 }[],
): Promise<InventoryNic | null> {
  const at = `/sys/class/net/${name}`;
  const hardware = (await machine.text(`${at}/address`))?.toLowerCase();
  if (hardware === undefined || hardware === '') return null;
  const infiniband = (await machine.text(`${at}/type`)) === INFINIBAND;
  const carrier = (await machine.text(`${at}/carrier`)) === '1';
  const speed = await numberAt(machine, `${at}/speed`);
  const driver = await machine.resolve(`${at}/device/driver`);
  const pci = [...device.matchAll(/\/([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=\/|$)/g)].at(-1)?.[1];
  const pciAt = pci === undefined ? `${at}/device` : `/sys/bus/pci/devices/${pci}`;
  return {
    name,
    mac_address: infiniband ? infinibandMac(hardware) : hardware,
    ipv4_address: addresses.find((a) => a.family === 4)?.address ?? null,
    ipv6_address: addresses.find((a) => a.family === 6)?.address ?? null,
    has_carrier: carrier,
    lldp: null,
    vendor: await machine.text(`${pciAt}/vendor`),
    product: await machine.text(`${pciAt}/device`),
    client_id: infiniband ? `${MELLANOX_CLIENT_ID}:${hardware.slice(-23)}` : null,
    biosdevname: null,
    speed_mbps: speed !== null && speed > 0 ? speed : await mostSupported(machine, name),
    pci_address: pci ?? null,
    driver: driver?.split('/').at(-1) ?? null,
    link_layer: infiniband ? 'infiniband' : 'ethernet',
    rdma: (await machine.names(`${at}/device/infiniband`)).length > 0,
  };
}

/** The Ethernet-like address InfiniBand cards of Mellanox go by: the outer octets of the port's GUID. */
export function infinibandMac(address: string): string {
  return address.slice(36, -14) + address.slice(51);
}

/** The fastest link a card can have, where none is up: from ethtool's list. */
async function mostSupported(machine: Machine, name: string): Promise<number | null> {
  const said = await outputOf(machine, 'ethtool', [name], { timeoutMs: 5000 });
  return said === null ? null : fastestOf(said);
}

/** Largest number of `Supported link modes: 1000baseT/Full 10000baseT/Full`. */
export function fastestOf(ethtool: string): number | null {
  const block = /Supported link modes:([\s\S]*?)\n\s*(?:Supported pause|Supports auto)/.exec(ethtool)?.[1] ?? '';
  const speeds = [...block.matchAll(/(\d+)base/g)].map((match) => Number(match[1]));
  return speeds.length === 0 ? null : Math.max(...speeds);
}
