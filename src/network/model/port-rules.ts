import { addressText, parseAddress, parsePrefix, prefixText } from '#kernel/addresses';
import { refusals } from '../refusals.ts';

// What ports are checked for, beside their addresses. Pure.

export interface AddressPair {
  ip_address: string;
  mac_address?: string;
}
export interface DhcpOption {
  opt_name: string;
  opt_value: string | null;
  ip_version?: 4 | 6;
}

const MOST_PAIRS = 10;

/** Pairs of addresses a port may send as, each with a MAC address. Throws what Neutron does. */
export function pairsOf(sent: readonly AddressPair[], ownMac: string): { ip_address: string; mac_address: string }[] {
  if (sent.length > MOST_PAIRS) throw refusals.AllowedAddressPairExhausted(MOST_PAIRS);
  const seen = new Set<string>();
  return sent.map(({ ip_address: text, mac_address: mac = ownMac }) => {
    const address = parseAddress(text);
    const prefix = parsePrefix(text);
    if (address === undefined && prefix === undefined)
      throw refusals.InvalidInput(`'${text}' is not a valid IP address or prefix`);
    const ip = address === undefined ? prefixText(prefix as never) : addressText(address);
    const pair = { ip_address: ip, mac_address: mac.toLowerCase() };
    const key = `${pair.ip_address} ${pair.mac_address}`;
    if (seen.has(key)) throw refusals.DuplicateAddressPairInRequest(pair.mac_address, pair.ip_address);
    seen.add(key);
    return pair;
  });
}

/** DHCP options after a change: one named again takes the place of the old, one without value goes. */
export function mergeOptions(old: readonly DhcpOption[], sent: readonly DhcpOption[]): DhcpOption[] {
  const key = ({ opt_name: name, ip_version: version = 4 }: DhcpOption) => `${version} ${name}`;
  const found = new Map(old.map((option) => [key(option), option]));
  for (const option of sent) {
    if (option.opt_name.trim() === '') throw refusals.InvalidInput('an extra DHCP option needs a name');
    if (option.opt_value === null) found.delete(key(option));
    else
      found.set(key(option), {
        opt_name: option.opt_name,
        opt_value: option.opt_value,
        ip_version: option.ip_version ?? 4,
      });
  }
  return [...found.values()];
}

/** A MAC address a port can have. Throws `InvalidInput`. */
export function macOf(text: string): string {
  const mac = text.toLowerCase().replaceAll('-', ':');
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw refusals.InvalidInput(`'${text}' is not a valid MAC address`);
  if ((Number.parseInt(mac.slice(0, 2), 16) & 1) === 1 || mac === '00:00:00:00:00:00')
    throw refusals.InvalidInput(`'${text}' is the MAC address of no machine`);
  return mac;
}

/** A port's name in DNS. Throws `InvalidInput`. */
export function demandDnsName(name: unknown): void {
  if (typeof name !== 'string' || name === '') return;
  if (
    name.length > 255 ||
    !/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i.test(name)
  )
    throw refusals.InvalidInput(`'${name.slice(0, 80)}' is not a valid DNS name`);
}

/** Ports the network makes for itself have no rules to follow. */
export const isTrusted = (deviceOwner: string): boolean => deviceOwner.startsWith('network:');

export interface Security {
  port_security_enabled: boolean;
  groups: readonly string[];
  pairs: readonly unknown[];
}

/** Groups and pairs need port security. Throws `PortSecurityAndIPRequiredForSecurityGroups`, `AddressPairAndPortSecurityRequired`. */
export function demandSecurity({ port_security_enabled: secured, groups, pairs }: Security): void {
  if (secured) return;
  if (groups.length > 0) throw refusals.PortSecurityAndIPRequiredForSecurityGroups();
  if (pairs.length > 0) throw refusals.AddressPairAndPortSecurityRequired();
}
