import { BlockList, isIP } from 'node:net';

/** Where no request of ours goes unless the operator says so: what answers there trusts whoever asks. */
const REFUSED: readonly [family: 'ipv4' | 'ipv6', prefix: string, bits: number, what: string][] = [
  ['ipv4', '0.0.0.0', 8, 'an address of no host'],
  ['ipv4', '127.0.0.0', 8, 'this machine itself'],
  ['ipv4', '169.254.0.0', 16, 'a link-local address, where metadata services are'],
  ['ipv4', '192.0.0.0', 24, 'a reserved address'],
  ['ipv4', '224.0.0.0', 4, 'a multicast address'],
  ['ipv4', '240.0.0.0', 4, 'a reserved address'],
  ['ipv6', '::', 128, 'an address of no host'],
  ['ipv6', '::1', 128, 'this machine itself'],
  ['ipv6', 'fe80::', 10, 'a link-local address, where metadata services are'],
  ['ipv6', 'ff00::', 8, 'a multicast address'],
  ['ipv6', 'fd00:ec2::254', 128, 'a metadata service'],
];

const lists = REFUSED.map(([family, prefix, bits, what]) => {
  const list = new BlockList();
  list.addSubnet(prefix, bits, family);
  return { family, list, what };
});

/** Networks (`10.0.0.0/8`, `::1`) as a set. Throws TypeError for what is none. */
export function networks(texts: readonly string[]): BlockList {
  const set = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new TypeError(`${text} is no network`);
    set.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return set;
}

/** The IPv4 address inside an IPv6 one that stands for it (mapped, compatible, NAT64, 6to4); else the address. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  if (isIP(bare) !== 6) return bare;
  const words = expand(bare);
  const zero = (from: number, to: number) => words.slice(from, to).every((word) => word === 0);
  const low = (at: number) => [words[at] ?? 0, words[at + 1] ?? 0].flatMap((word) => [word >> 8, word & 255]).join('.');
  if (zero(0, 5) && words[5] === 0xffff) return low(6);
  if (zero(0, 6) && !zero(6, 7)) return low(6);
  if (words[0] === 0x64 && words[1] === 0xff9b && zero(2, 6)) return low(6);
  if (words[0] === 0x2002) return low(1);
  return bare;
}

function expand(address: string): number[] {
  const v4 = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text =
    v4 === null
      ? address
      : `${v4[1]}${((Number(v4[2]) << 8) | Number(v4[3])).toString(16)}:${((Number(v4[4]) << 8) | Number(v4[5])).toString(16)}`;
  const [head = '', tail] = text.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const before = words(head);
  const after = tail === undefined ? [] : words(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Why nothing is fetched from an address; undefined when it may be. */
export function refusedAddress(address: string, allowed: BlockList): string | undefined {
  const plain = plainAddress(address);
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (allowed.check(plain, family)) return undefined;
  return lists.find((one) => one.family === family && one.list.check(plain, family))?.what;
}
