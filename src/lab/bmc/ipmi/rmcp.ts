/** RMCP and ASF (IPMI 2.0, 13.1): the envelope of everything on UDP port 623. */
const VERSION = 0x06;
const NO_ACK = 0xff;
const CLASS_ASF = 0x06;
const CLASS_IPMI = 0x07;
const ASF_IANA = 4542;

export type RmcpPacket = { kind: 'ipmi'; body: Buffer } | { kind: 'ping'; tag: number };

/** Reads a datagram; undefined for what we need not answer (acknowledgements, other classes, noise). */
export function readRmcp(datagram: Buffer): RmcpPacket | undefined {
  if (datagram.length < 4 || datagram[0] !== VERSION) return undefined;
  if (datagram[3] === CLASS_IPMI) return { kind: 'ipmi', body: datagram.subarray(4) };
  if (datagram[3] !== CLASS_ASF || datagram.length < 12) return undefined;
  if (datagram.readUInt32BE(4) !== ASF_IANA || datagram[8] !== 0x80) return undefined;
  return { kind: 'ping', tag: datagram[9] ?? 0 };
}

/** Puts IPMI bytes into an envelope. */
export function rmcp(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([VERSION, 0, NO_ACK, CLASS_IPMI]), body]);
}

/** The presence pong: here is a BMC that speaks IPMI. */
export function pong(tag: number): Buffer {
  const packet = Buffer.alloc(28);
  packet.set([VERSION, 0, NO_ACK, CLASS_ASF], 0);
  packet.writeUInt32BE(ASF_IANA, 4);
  packet.set([0x40, tag, 0, 16], 8);
  packet.writeUInt32BE(ASF_IANA, 12);
  packet.writeUInt8(0x81, 20); // IPMI supported, ASF version 1.0
  return packet;
}
