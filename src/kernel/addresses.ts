import { isIP } from 'node:net';

// Addresses as numbers.

export interface Address {
  version: 4 | 6;
  value: bigint;
}
export interface Prefix {
  version: 4 | 6;
  /** Its first address. */
  first: bigint;
  length: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;
export const widthOf = (version: 4 | 6): number => WIDTH[version];

/** Undefined for text that is no address. */
export function parseAddress(text: string): Address | undefined {
  const version = isIP(text);
  if (version === 4) return { version, value: quad(text) };
  if (version !== 6 || text.includes('%')) return undefined;
  // The last four bytes may be written as an IPv4 address.
  const [, head = text, tail] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const low = tail === undefined ? undefined : quad(tail);
  const words = low === undefined ? text : `${head}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [left = '', right] = words.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeroes = right === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  let value = 0n;
  for (const word of [...before, ...zeroes, ...after]) value = (value << 16n) | BigInt(`0x${word}`);
  return { version, value };
}

const quad = (text: string): bigint => text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

/** As PostgreSQL and people write it: `2001:db8::1`. */
export function addressText({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join('.');
  const words = Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(112 - 16 * at)) & 0xffffn));
  let longest = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && words[at + length] === 0) length++;
    if (length > longest.length) longest = { at, length };
  }
  const text = (part: readonly number[]) => part.map((word) => word.toString(16)).join(':');
  if (longest.at < 0) return text(words);
  return `${text(words.slice(0, longest.at))}::${text(words.slice(longest.at + longest.length))}`;
}

/** `10.0.0.0/24`; undefined for text that is none. Bits behind the prefix are dropped. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, host = '', digits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(host);
  const length = Number(digits);
  if (address === undefined || length > WIDTH[address.version]) return undefined;
  return {
    version: address.version,
    first: (address.value >> rest(address.version, length)) << rest(address.version, length),
    length,
  };
}

const rest = (version: 4 | 6, length: number): bigint => BigInt(WIDTH[version] - length);

export const prefixText = ({ version, first, length }: Prefix): string =>
  `${addressText({ version, value: first })}/${length}`;

/** Its last address. */
export const lastOf = ({ version, first, length }: Prefix): bigint => first + (1n << rest(version, length)) - 1n;

export const contains = (prefix: Prefix, { version, value }: Address): boolean =>
  prefix.version === version && value >= prefix.first && value <= lastOf(prefix);

export const overlap = (a: Prefix, b: Prefix): boolean =>
  a.version === b.version && a.first <= lastOf(b) && b.first <= lastOf(a);

/** May a machine have this address of the prefix? In IPv4 neither the first nor the last, in IPv6 not the first. */
export function isUsable(prefix: Prefix, { version, value }: Address): boolean {
  if (!contains(prefix, { version, value })) return false;
  if (prefix.length >= WIDTH[version] - 1) return true;
  return value !== prefix.first && (version === 6 || value !== lastOf(prefix));
}

/** Addresses no subnet may be made of: loopback, link-local of IPv6, multicast. */
export function isSpecial(prefix: Prefix): boolean {
  const special =
    prefix.version === 4 ? ['127.0.0.0/8', '224.0.0.0/4', '0.0.0.0/8'] : ['::/128', '::1/128', 'ff00::/8', 'fe80::/10'];
  return special.some((text) => {
    const one = parsePrefix(text);
    return one !== undefined && overlap(one, prefix);
  });
}
