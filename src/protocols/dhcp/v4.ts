// DHCP of IPv4 (RFC 2131, 2132), as much of it as it takes to ask who is there: nothing is ever leased.

export interface Offer {
  /** Option 54: who offers. */
  server: string;
  address: string;
  mask: string | null;
  router: string | null;
  /** Option 26. */
  mtu: number | null;
}

const COOKIE = 0x63825363;
const FIXED = 240;
/** Relays and old servers drop what is shorter. */
const SHORTEST = 300;

/** A DHCPDISCOVER whose answers come to everybody: whoever asks has no address. */
export function discover(xid: number, mac: string): Buffer {
  const message = Buffer.alloc(SHORTEST);
  message.set([1, 1, 6, 0]);
  message.writeUInt32BE(xid, 4);
  message.writeUInt16BE(0x8000, 10);
  message.set(macBytes(mac), 28);
  message.writeUInt32BE(COOKIE, 236);
  message.set([53, 1, 1, 55, 4, 1, 3, 26, 54, 255], FIXED);
  return message;
}

/** What a DHCPOFFER says; null for everything else, other clients' among it. */
export function readOffer(message: Buffer, xid: number): Offer | null {
  if (message.length < FIXED || message[0] !== 2 || message.readUInt32BE(4) !== xid) return null;
  if (message.readUInt32BE(236) !== COOKIE) return null;
  const options = new Map<number, Buffer>();
  for (let at = FIXED; at + 1 < message.length && message[at] !== 255; ) {
    if (message[at] === 0) {
      at++;
      continue;
    }
    const length = message[at + 1] as number;
    options.set(message[at] as number, message.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const server = dotted(options.get(54));
  if (options.get(53)?.[0] !== 2 || server === null) return null;
  const mtu = options.get(26);
  return {
    server,
    address: [...message.subarray(16, 20)].join('.'),
    mask: dotted(options.get(1)),
    router: dotted(options.get(3)),
    mtu: mtu?.length === 2 ? mtu.readUInt16BE(0) : null,
  };
}

export const macBytes = (mac: string): number[] => mac.split(':').map((part) => Number.parseInt(part, 16));
const dotted = (bytes: Buffer | undefined): string | null =>
  bytes === undefined || bytes.length < 4 ? null : [...bytes.subarray(0, 4)].join('.');
