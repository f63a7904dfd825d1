import { macBytes } from './v4.ts';

// DHCPv6 (RFC 8415), as much of it as it takes to ask who is there.

export interface Advertisement {
  /** DUID of the server, in hexadecimal. */
  server: string;
  /** The first address it would give; null: none. */
  address: string | null;
}

const CLIENT_ID = 1;
const SERVER_ID = 2;
const IA_NA = 3;
const IA_ADDRESS = 5;

/** A SOLICIT for one address. */
export function solicit(xid: number, mac: string): Buffer {
  const option = (code: number, body: readonly number[]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(code, 0);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const head = Buffer.alloc(4);
  head.writeUInt32BE(xid & 0xffffff);
  head[0] = 1;
  return Buffer.concat([
    head,
    // A DUID out of the address: no memory of who we were is needed (DUID-LL).
    option(CLIENT_ID, [0, 3, 0, 1, ...macBytes(mac)]),
    option(IA_NA, [...[0, 0, 0, 1], ...Array<number>(8).fill(0)]),
    option(8, [0, 0]),
  ]);
}

/** What an ADVERTISE says; null for everything else. */
export function readAdvertisement(message: Buffer, xid: number): Advertisement | null {
  if (message.length < 4 || message[0] !== 2 || (message.readUInt32BE(0) & 0xffffff) !== (xid & 0xffffff)) return null;
  const options = optionsOf(message.subarray(4));
  const server = options.get(SERVER_ID);
  if (server === undefined) return null;
  const lease = options.get(IA_NA);
  const address = lease === undefined ? undefined : optionsOf(lease.subarray(12)).get(IA_ADDRESS);
  return { server: server.toString('hex'), address: address === undefined ? null : colons(address.subarray(0, 16)) };
}

function optionsOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** Without any shortening, for it is compared with nothing. */
const colons = (bytes: Buffer): string =>
  Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':');
