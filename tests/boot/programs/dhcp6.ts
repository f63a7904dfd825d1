import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { systemClock } from '../../../src/kernel/clock.ts';

/** What a machine says of itself when it asks for an address by DHCPv6. */
export interface Dhcp6Ask {
  interface: string;
  /** Option 61 (RFC 5970): 7 is UEFI, 16 UEFI HTTP boot. null: it does not say (iPXE of Debian 12). */
  arch: number | null;
  /** `PXEClient` or `HTTPClient`, as UEFI firmware says in option 16. */
  vendorClass?: string;
  /** Option 15. */
  userClass?: string;
}

/** What it is told; every field null when that is not in the answer. */
export interface Dhcp6Told {
  address: string | null;
  /** Options 59 and 16. */
  bootUrl: string | null;
  vendorClass: { enterprise: number; text: string } | null;
}

const MESSAGE = { solicit: 1, advertise: 2, request: 3, reply: 7 } as const;
const OPTION = {
  clientId: 1,
  serverId: 2,
  address: 3,
  addressIn: 5,
  wanted: 6,
  userClass: 15,
  vendorClass: 16,
  bootUrl: 59,
  arch: 61,
} as const;
const TRIES = 6;

/** Asks as the firmware of a machine does: its UUID for an identifier, so that only the frame tells its MAC. */
export async function askDhcp6(ask: Dhcp6Ask): Promise<Dhcp6Told | null> {
  const socket = await clientSocket(ask.interface);
  socket.setMulticastInterface(`::%${ask.interface}`);
  try {
    const own = [
      option(OPTION.clientId, Buffer.from(`0004${'ab'.repeat(16)}`, 'hex')),
      option(OPTION.address, Buffer.from('000000070000000000000000', 'hex')),
      option(OPTION.wanted, Buffer.from([0, OPTION.bootUrl, 0, 60, 0, 23, 0, OPTION.vendorClass])),
      ...(ask.arch === null ? [] : [option(OPTION.arch, Buffer.from([ask.arch >> 8, ask.arch & 255]))]),
      ...(ask.userClass === undefined ? [] : [option(OPTION.userClass, counted(ask.userClass))]),
      ...(ask.vendorClass === undefined
        ? []
        : [option(OPTION.vendorClass, Buffer.concat([Buffer.from([0, 0, 1, 0x57]), counted(ask.vendorClass)]))]),
    ];
    const offered = await exchange(socket, ask.interface, MESSAGE.solicit, MESSAGE.advertise, own);
    const server = offered?.get(OPTION.serverId);
    if (offered === null || server === undefined) return null;
    const got = await exchange(socket, ask.interface, MESSAGE.request, MESSAGE.reply, [
      ...own,
      option(OPTION.serverId, server),
    ]);
    return got === null ? null : told(got);
  } finally {
    socket.close();
  }
}

async function exchange(socket: Socket, on: string, type: number, answer: number, options: readonly Buffer[]) {
  const id = Buffer.from([type, ...Buffer.from(String(systemClock.monotonic())).subarray(-3)]);
  const packet = Buffer.concat([id, ...options]);
  for (let round = 0; round < TRIES; round++) {
    const heard = new Promise<Buffer | null>((resolve) => {
      const take = (bytes: Buffer) => {
        if (bytes[0] === answer && bytes.subarray(1, 4).equals(id.subarray(1))) resolve(bytes);
      };
      socket.on('message', take);
      void systemClock.sleep(1000).then(() => {
        socket.off('message', take);
        resolve(null);
      });
    });
    socket.send(packet, 547, `ff02::1:2%${on}`);
    const bytes = await heard;
    if (bytes !== null) return optionsOf(bytes.subarray(4));
  }
  return null;
}

function told(options: Map<number, Buffer>): Dhcp6Told {
  const inner = optionsOf(options.get(OPTION.address)?.subarray(12) ?? Buffer.alloc(0));
  const address = inner.get(OPTION.addressIn)?.subarray(0, 16);
  const vendor = options.get(OPTION.vendorClass);
  return {
    address: address === undefined ? null : (address.toString('hex').match(/.{4}/g) ?? []).join(':'),
    bootUrl: options.get(OPTION.bootUrl)?.toString() ?? null,
    vendorClass:
      vendor === undefined
        ? null
        : {
            enterprise: vendor.readUInt32BE(0),
            text: vendor.toString('latin1', 6, 6 + vendor.readUInt16BE(4)),
          },
  };
}

const counted = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);

function option(code: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

function optionsOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    // A client takes the first of two.
    if (!found.has(bytes.readUInt16BE(at))) found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** On the link-local address: it appears with the card, and may be used once the kernel saw that nobody else has it. */
async function clientSocket(name: string): Promise<Socket> {
  for (let tries = 50; ; tries--) {
    const found = networkInterfaces()[name]?.find((one) => one.address.startsWith('fe80'));
    const socket = createSocket('udp6');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(546, `${found?.address ?? '::1'}%${name}`, resolve);
      });
      return socket;
    } catch (error) {
      socket.close();
      if (tries === 0) throw error;
      await systemClock.sleep(100);
    }
  }
}
