import { isIPv4 } from 'node:net';
import { sameAddress } from './prefix.ts';

// Which address of a port an address of the outside leads to. Pure.

/** An address of a port. */
export interface PortAddress {
  ip: string;
  subnetId: string;
}

/** The address meant, or why none can be. */
export type Chosen = { address: PortAddress } | { refused: string };

/**
 * The address of a port that a floating IP leads to: the one asked for, or the only IPv4 one. Addresses of version 6
 * are reached without translation.
 */
export function chooseAddress(port: string, addresses: readonly PortAddress[], asked: string | undefined): Chosen {
  const v4 = addresses.filter(({ ip }) => isIPv4(ip));
  if (asked !== undefined) {
    if (!isIPv4(asked))
      return { refused: `Cannot process floating IP association with ${asked}, since that is not an IPv4 address` };
    const found = v4.find(({ ip }) => sameAddress(ip, asked));
    return found === undefined ? { refused: `Port ${port} does not have fixed ip ${asked}` } : { address: found };
  }
  const [first, second] = v4;
  if (first === undefined)
    return { refused: `Cannot add floating IP to port ${port} that has no fixed IPv4 addresses` };
  if (second !== undefined) {
    return {
      refused: `Port ${port} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`,
    };
  }
  return { address: first };
}
