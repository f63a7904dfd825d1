import { contains, overlap as prefixesOverlap, parseAddress, parsePrefix, type Prefix } from '#kernel/addresses';

// Addresses and prefixes as texts: from the database, where they are written the shortest way, or from callers, who
// write them as they like.

/** True when the address lies in the prefix. False for texts that are neither. */
export function within(address: string, prefix: string): boolean {
  const one = parseAddress(address);
  const all = parsePrefix(prefix);
  return one !== undefined && all !== undefined && contains(all, one);
}

/** True when the two have an address in common. */
export function overlap(a: string, b: string): boolean {
  const one = parsePrefix(a);
  const two = parsePrefix(b);
  return one !== undefined && two !== undefined && prefixesOverlap(one, two);
}

/** True when both texts mean the same address. */
export function sameAddress(a: string, b: string): boolean {
  const one = parseAddress(a);
  const two = parseAddress(b);
  return one !== undefined && two !== undefined && one.version === two.version && one.value === two.value;
}

/** Reads `10.0.0.0/8`, or an address alone, as routes have them. */
export const readDestination = (text: string): Prefix | undefined =>
  parsePrefix(text) ?? parsePrefix(`${text}/${text.includes(':') ? 128 : 32}`);

/** One way to write a prefix or an address, so that two of them can be compared as texts. */
export function prefixKey(text: string): string {
  const prefix = readDestination(text);
  return prefix === undefined ? text : `${prefix.version}:${prefix.first.toString(16)}/${prefix.length}`;
}
