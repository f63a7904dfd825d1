import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { type CipherSuite, sameCode } from './rakp.ts';

export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  openRequest: 0x10,
  openResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const;

/** The keys of an active session; both directions use the same ones. */
export interface PacketKeys {
  suite: CipherSuite;
  k1: Buffer;
  k2: Buffer;
}

/** A packet without RMCP envelope. `version` 1.5 packets are only used before a session, unauthenticated. */
export interface Packet {
  version: '1.5' | '2.0';
  type: number;
  sessionId: number;
  sequence: number;
  authenticated: boolean;
  encrypted: boolean;
  payload: Buffer;
}

const FORMAT_RMCPP = 0x06;
const NEXT_HEADER = 0x07;

/** Reads the session header (IPMI 2.0, 13.6). Protected payloads are still closed: see `openPayload`. */
export function readPacket(bytes: Buffer): (Packet & { trailer: Buffer; signed: Buffer }) | undefined {
  if (bytes.length < 10) return undefined;
  const none = { trailer: Buffer.alloc(0), signed: Buffer.alloc(0) };
  if (bytes[0] === 0) {
    const length = bytes[9] ?? 0;
    if (bytes.length < 10 + length) return undefined;
    const head = { sequence: bytes.readUInt32LE(1), sessionId: bytes.readUInt32LE(5) };
    const payload = bytes.subarray(10, 10 + length);
    return { version: '1.5', type: PAYLOAD.ipmi, ...head, authenticated: false, encrypted: false, payload, ...none };
  }
  if (bytes[0] !== FORMAT_RMCPP || bytes.length < 12) return undefined;
  const flags = bytes[1] ?? 0;
  const length = bytes.readUInt16LE(10);
  if (bytes.length < 12 + length || (flags & 0x3f) === 0x02) return undefined; // OEM payloads are not ours
  const authenticated = (flags & 0x40) !== 0;
  return {
    version: '2.0',
    type: flags & 0x3f,
    sessionId: bytes.readUInt32LE(2),
    sequence: bytes.readUInt32LE(6),
    authenticated,
    encrypted: (flags & 0x80) !== 0,
    payload: bytes.subarray(12, 12 + length),
    trailer: authenticated ? bytes.subarray(12 + length) : Buffer.alloc(0),
    signed: bytes,
  };
}

/** Checks and decrypts a packet's payload with the session's keys; undefined when it is not genuine. */
export function openPayload(
  packet: Packet & { trailer: Buffer; signed: Buffer },
  keys: PacketKeys,
): Buffer | undefined {
  if (!packet.authenticated || !packet.encrypted) return undefined;
  const { codeLength, hash } = keys.suite;
  const { signed, trailer } = packet;
  if (trailer.length < codeLength + 2) return undefined;
  const code = createHmac(hash, keys.k1).update(signed.subarray(0, -codeLength)).digest().subarray(0, codeLength);
  if (!sameCode(code, Buffer.from(signed.subarray(-codeLength)))) return undefined;
  const { payload } = packet;
  if (payload.length < 32 || payload.length % 16 !== 0) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', keys.k2, payload.subarray(0, 16));
  decipher.setAutoPadding(false);
  const clear = Buffer.concat([decipher.update(payload.subarray(16)), decipher.final()]);
  const pad = clear[clear.length - 1] ?? 0;
  return pad >= clear.length ? undefined : clear.subarray(0, clear.length - 1 - pad);
}

/** Writes a packet. With `keys` it is encrypted (with `iv`, 16 random bytes) and authenticated. */
export function writePacket(
  packet: Omit<Packet, 'authenticated' | 'encrypted'>,
  protection?: { keys: PacketKeys; iv: Buffer },
): Buffer {
  if (packet.version === '1.5') {
    const head = Buffer.alloc(10);
    head.writeUInt32LE(packet.sequence, 1);
    head.writeUInt32LE(packet.sessionId, 5);
    head.writeUInt8(packet.payload.length, 9);
    return Buffer.concat([head, packet.payload]);
  }
  const payload =
    protection === undefined ? packet.payload : encrypt(packet.payload, protection.keys.k2, protection.iv);
  const head = Buffer.alloc(12);
  head.writeUInt8(FORMAT_RMCPP, 0);
  head.writeUInt8(packet.type | (protection === undefined ? 0 : 0xc0), 1);
  head.writeUInt32LE(packet.sessionId, 2);
  head.writeUInt32LE(packet.sequence, 6);
  head.writeUInt16LE(payload.length, 10);
  const body = Buffer.concat([head, payload]);
  if (protection === undefined) return body;
  const { suite, k1 } = protection.keys;
  // padded so that header, payload, pad and the two bytes after it are a multiple of four
  const pad = (4 - ((body.length + 2) % 4)) % 4;
  const signed = Buffer.concat([body, Buffer.alloc(pad, 0xff), Buffer.from([pad, NEXT_HEADER])]);
  return Buffer.concat([signed, createHmac(suite.hash, k1).update(signed).digest().subarray(0, suite.codeLength)]);
}

function encrypt(payload: Buffer, key: Buffer, iv: Buffer): Buffer {
  const pad = (16 - ((payload.length + 1) % 16)) % 16;
  const padding = Buffer.from([...Array.from({ length: pad }, (_, i) => i + 1), pad]);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  cipher.setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(Buffer.concat([payload, padding])), cipher.final()]);
}
