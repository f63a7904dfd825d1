import type { LldpTlv } from '#agent-api/inventory';
import type { Machine } from '../machine/contract.ts';

/** Neighbours speak every 30 s. */
const LISTEN_SECONDS = 32;
const MOST_NICS = 64;
const ETHERTYPE = 0x88cc;
const END = 0;

/**
 * Listens for link-layer neighbours on NICs with a link, all at once; Node has no raw sockets, so tcpdump does it.
 * What could not be heard or read is left out.
 */
export async function listenForNeighbours(
  machine: Machine,
  nics: readonly string[],
): Promise<Record<string, readonly LldpTlv[]>> {
  const heard: Record<string, readonly LldpTlv[]> = {};
  const listen = async (nic: string) => {
    const file = `/run/ingot-lldp.${nic}`;
    try {
      const window = ['-G', String(LISTEN_SECONDS), '-W', '1', '-c', '1'];
      await machine.run(
        'tcpdump',
        ['-i', nic, '-Z', 'root', '-U', '-s', '1600', ...window, '-w', file, 'ether proto 0x88cc'],
        {
          timeoutMs: (LISTEN_SECONDS + 15) * 1000,
        },
      );
    } catch {
      return; // no tcpdump, or a NIC that went away
    }
    const capture = await machine.bytes(file, 65_536);
    await machine.remove(file);
    const frame = capture === null ? null : firstFrame(capture);
    const tlvs = frame === null ? null : parseLldp(frame);
    if (tlvs !== null) heard[nic] = tlvs;
  };
  await Promise.all(nics.slice(0, MOST_NICS).map(listen));
  return heard;
}

/** First frame of a pcap file (either byte order); null when there is none. */
export function firstFrame(pcap: Buffer): Buffer | null {
  if (pcap.length < 40) return null;
  const magic = pcap.readUInt32LE(0);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  if (!little && magic !== 0xd4c3b2a1 && magic !== 0x4d3cb2a1) return null;
  const length = little ? pcap.readUInt32LE(32) : pcap.readUInt32BE(32);
  return length > pcap.length - 40 ? null : pcap.subarray(40, 40 + length);
}

/**
 * TLVs of an LLDP frame (IEEE 802.1AB), values in hex; null when it is none. Ends at the first TLV that does not
 * fit: a neighbour may send anything.
 */
export function parseLldp(frame: Buffer): LldpTlv[] | null {
  if (frame.length < 14) return null;
  let at = 12;
  // One or two VLAN tags may stand before the type.
  while (at + 4 <= frame.length && [0x8100, 0x88a8].includes(frame.readUInt16BE(at))) at += 4;
  if (at + 2 > frame.length || frame.readUInt16BE(at) !== ETHERTYPE) return null;
  const tlvs: LldpTlv[] = [];
  for (at += 2; at + 2 <= frame.length; ) {
    const head = frame.readUInt16BE(at);
    const type = head >> 9;
    const length = head & 0x1ff;
    if (type === END || at + 2 + length > frame.length) break;
    tlvs.push([type, frame.subarray(at + 2, at + 2 + length).toString('hex')]);
    at += 2 + length;
  }
  return tlvs;
}
