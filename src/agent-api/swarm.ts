/*
 * How N machines that write one image take it about once from its source. Each announces itself to the keeper of
 * the manifest, `POST <manifest_url>/peers` with `PeerAnnouncement`, every second while it writes and every few
 * seconds while it only serves, and gets `PeerAnswer`: who else is there, and which blocks it may take from the
 * source itself (`granted`). A block is granted to one machine at a time; the others get it from that one. No grants
 * in the answer: take what no listed peer has.
 * A peer gives blocks at `<url>/blocks/<hash>` over HTTPS with `verify_ca` as the only authority, to who sends
 * `Authorization: Bearer <secret>`.
 */

/** A machine that has blocks of an image. */
export interface Peer {
  /** Source of its blocks: `https://10.0.0.7:9999/v1/ingot`. */
  url: string;
  /** PEM of its own certificate. */
  verify_ca: string;
  /** What others must show it; made by the machine for this image. */
  secret: string;
  /** Blocks it has: a bit for each (bit 0 of byte 0 is block 0), base64; zero blocks count as had. */
  have: string;
}

/** Body of `POST <manifest_url>/peers`. */
export interface PeerAnnouncement extends Peer {
  node_uuid: string;
  /** Blocks it would take from the source now, in the order of its wishes; at most 64. */
  want: readonly number[];
  /** It leaves: nobody should ask it any more. */
  leaving?: boolean;
}

/** Answer of `POST <manifest_url>/peers`. */
export interface PeerAnswer {
  peers: readonly Peer[];
  /** Of `want` (and others nobody has): what this machine is to take from the source. */
  granted?: readonly number[];
  /** Seconds until the next announcement. Default 1. */
  next_seconds?: number;
}

/** A set of blocks as bits. */
export function emptyBits(blocks: number): Uint8Array {
  return new Uint8Array(Math.ceil(blocks / 8));
}

export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

export function hasBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

/** Bits as they stand in an announcement. */
export function bitsToText(bits: Uint8Array): string {
  return Buffer.from(bits).toString('base64');
}

/** The bits of an announcement; what is too long or short reads as not had. */
export function bitsFromText(text: string, blocks: number): Uint8Array {
  const bits = emptyBits(blocks);
  bits.set(Buffer.from(text, 'base64').subarray(0, bits.length));
  return bits;
}
