import { isIPv4, isIPv6 } from 'node:net';

// Addresses and prefixes as numbers. Texts come from the database, where they are written the shortest way, or from
// callers, where they are anything.

export interface Address {
  version: 4 | 6;
  value: bigint;
}

export interface Prefix {
  version: 4 | 6;
  first: bigint;
  last: bigint;
  length: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** Reads an address without a mask; undefined when it is none. Zones (`%eth0`) are none. */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { version: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // The last 32 bits may be written as IPv4.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? undefined : readAddress(dotted[2] as string)?.value;
  const plain =
    tail === undefined ? text : `${dotted?.[1] ?? ''}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = '', rest] = plain.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const left = words(head);
  const right = words(rest ?? '');
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return { version: 6, value: all.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n) };
}

/** Reads `address/length`, or an address alone; undefined when it is none. Bits after the length do not matter. */
export function readPrefix(text: string): Prefix | undefined {
  const [base = '', length, ...more] = text.split('/');
  const address = readAddress(base);
  if (address === undefined || more.length > 0) return undefined;
  const bits = BITS[address.version];
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const long = length === undefined ? bits : Number(length);
  if (long > bits) return undefined;
  const size = 1n << BigInt(bits - long);
  const first = address.value - (address.value % size);
  return { version: address.version, first, last: first + size - 1n, length: long };
}

/** True when the address lies in the prefix. False for texts that are neither. */
export function within(address: string, prefix: string): boolean {
  const one = readAddress(address);
  const all = readPrefix(prefix);
  return (
    one !== undefined &&
    all !== undefined &&
    one.version === all.version &&
    all.first <= one.value &&
    one.value <= all.last
  );
}

/** True when the two have an address in common. */
export function overlap(a: string, b: string): boolean {
  const one = readPrefix(a);
  const two = readPrefix(b);
  return (
    one !== undefined &&
    two !== undefined &&
    one.version === two.version &&
    one.first <= two.last &&
    two.first <= one.last
  );
}

/** True when both texts mean the same address. */
export function sameAddress(a: string, b: string): boolean {
  const one = readAddress(a);
  const two = readAddress(b);
  return one !== undefined && two !== undefined && one.version === two.version && one.value === two.value;
}

/** One way to write a prefix, so that two of them can be compared as texts. */
export function prefixKey(text: string): string {
  const prefix = readPrefix(text);
  return prefix === undefined ? text : `${prefix.version}:${prefix.first.toString(16)}/${prefix.length}`;
}
