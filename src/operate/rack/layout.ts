import type { MachineWish } from '#lab/machine/spec';
import type { BmcPlace } from '#lab/up';
import type { Config } from '#platform/settings';

/** The VLAN in which machines boot and are cleaned, and our leg in it. Addresses of a namespace: nobody else sees them. */
export const PROVISIONING = {
  vlan: 100,
  ifname: 'prov0',
  address: '10.77.0.1',
  prefix: 24,
  /** iPXE waits 13 s for a router that speaks IPv6: ours does. */
  address6: 'fd77:1::1/64',
} as const;

/** The rack's switch, as networks name it, and the VLANs on it that tenants get. */
export const RACK_NETWORK = 'rack1';
const TENANTS = { first: 200, last: 299 } as const;
export const TENANT_VLANS = `${TENANTS.first}-${TENANTS.last}`;

/** The outside of the rack: a VLAN with a leg of ours in it. Routers have their gateways, floating IPs their addresses there. */
export const OUTSIDE = { vlan: 190, ifname: 'out0', subnet: '192.0.2.0/24', address: '192.0.2.1', prefix: 24 } as const;

/** The cable from the rack's switch to the host that carries networks, and the bridge there that it is put into. */
export const UPLINK = {
  ifname: 'rack1up',
  bridge: 'br-rack1',
  vlans: [OUTSIDE.vlan, ...Array.from({ length: TENANTS.last - TENANTS.first + 1 }, (_, i) => TENANTS.first + i)],
} as const;

/** BMCs listen on loopback addresses of the namespace, at the ports that probes look at. */
export const BMC_NET = '127.0.77';

/** Where to look for the BMCs. */
export function bmcRange(machines: number): string {
  return `${BMC_NET}.1-${machines}`;
}

/** The account of all BMCs of the rack. They can be reached from inside the namespace only. */
export const BMC_LOGIN = { name: 'admin', password: 'rehearse' } as const;

/** Where the BMC of machine i answers. */
export function bmcPlace(index: number): BmcPlace {
  return { address: `${BMC_NET}.${index + 1}`, redfishPort: 443, ipmiPort: 623 };
}

const GIB = 1024 ** 3;

/** The machines: a bit of everything, so that both kinds of firmware, drives and drivers are seen. */
export function rackMachines({ lab }: Pick<Config, 'lab'>): MachineWish[] {
  return Array.from({ length: lab.machines }, (_, i) => ({
    name: `rack1-u${String(i + 1).padStart(2, '0')}`,
    mode: i % 3 === 1 ? ('bios' as const) : ('uefi' as const),
    memoryMiB: lab.memory_mib,
    vnc: true,
    disks: i % 3 === 2 ? [{ bus: 'sata', sizeBytes: 6 * GIB }] : [{ bus: 'nvme', sizeBytes: 4 * GIB }],
    nics: [{}, {}],
  }));
}
