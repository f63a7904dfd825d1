import { networkInterfaces } from 'node:os';
import { errors } from '../errors.ts';
import type { Place } from '../model/dhcp.ts';

/** Where this host is on the provisioning network. Throws BootInterface, which names the interfaces there are. */
export function placeOn(name: string, httpPort: number): Place {
  const all = networkInterfaces();
  const addresses = all[name] ?? [];
  const four = addresses.find((one) => one.family === 'IPv4');
  if (four === undefined) throw errors.BootInterface(name, Object.keys(all).join(', '));
  const six = addresses.find((one) => one.family === 'IPv6' && !one.address.startsWith('fe80'));
  return {
    interface: name,
    address: four.address,
    prefix: prefixOf(four.cidr, 24),
    address6: six?.address ?? null,
    prefix6: prefixOf(six?.cidr ?? null, 64),
    httpPort,
  };
}

function prefixOf(cidr: string | null, otherwise: number): number {
  const text = cidr?.split('/')[1];
  return text === undefined ? otherwise : Number(text);
}
