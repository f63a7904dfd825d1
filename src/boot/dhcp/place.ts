import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { errors } from '../errors.ts';
import type { Place } from '../model/dhcp.ts';

/** Where this host is on the provisioning network. Throws BootInterface, which names the interfaces there are. */
export function placeOn(name: string, httpPort: number): Place {
  const all = networkInterfaces();
  const addresses = all[name] ?? [];
  const four = addresses.find((one) => one.family === 'IPv4');
  if (four === undefined) throw errors.BootInterface(name, Object.keys(all).join(', '));
  const six = ownAddress6(addresses);
  return {
    interface: name,
    address: four.address,
    prefix: prefixOf(four.cidr, 24),
    address6: six?.address ?? null,
    prefix6: prefixOf(six?.cidr ?? null, 64),
    httpPort,
  };
}

/**
 * The one it was given before one it made of its MAC: hearing our own router advertisements it makes one, and would be
 * somebody else to machines after the next start.
 */
export function ownAddress6(addresses: readonly NetworkInterfaceInfo[]): NetworkInterfaceInfo | undefined {
  const six = addresses.filter((one) => one.family === 'IPv6' && !one.address.startsWith('fe80'));
  return six.find((one) => !one.address.endsWith(madeOf(one.mac))) ?? six[0];
}

/** The half of an address that a card makes of its MAC (RFC 4291, EUI-64). */
function madeOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((part) => Number.parseInt(part, 16));
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `:${words.map((word) => word.toString(16)).join(':')}`;
}

function prefixOf(cidr: string | null, otherwise: number): number {
  const text = cidr?.split('/')[1];
  return text === undefined ? otherwise : Number(text);
}
