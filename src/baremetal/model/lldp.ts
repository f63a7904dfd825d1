import type { Neighbour } from '#contracts/network';
import type { Document } from './node.ts';

// LLDP as ramdisks report it: the TLVs a NIC heard, each `[type, hex]` (IEEE 802.1AB). Whoever is on the cable may send
// anything, so that nothing of it is trusted to be well formed.

const CHASSIS = 1;
const PORT = 2;
const SYSTEM_NAME = 5;
const ORGANISATION = 127;
const BY_MAC = { chassis: 4, port: 3 } as const;
const MOST_NICS = 64;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

type Tlv = readonly [type: number, value: Buffer];

/** Whom each NIC of an inspected machine heard. NICs that heard nobody, or nothing that names a port, are left out. */
export function neighboursOf(inventory: Document, pluginData: Document): Neighbour[] {
  const raw = (pluginData['lldp_raw'] ?? {}) as Record<string, unknown>;
  const nics = Array.isArray(inventory['interfaces']) ? (inventory['interfaces'] as unknown[]) : [];
  return nics.slice(0, MOST_NICS).flatMap((one): Neighbour[] => {
    const nic = (typeof one === 'object' && one !== null ? one : {}) as Document;
    const mac = String(nic['mac_address'] ?? '').toLowerCase();
    const name = String(nic['name'] ?? '').slice(0, 64);
    if (!MAC.test(mac) || name === '') return [];
    const found = readNeighbour(tlvsOf(Object.hasOwn(raw, name) ? raw[name] : nic['lldp']));
    return found === null ? [] : [{ mac, nic: name, ...found }];
  });
}

function tlvsOf(value: unknown): Tlv[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 256).flatMap((one): Tlv[] => {
    if (!Array.isArray(one) || typeof one[0] !== 'number' || typeof one[1] !== 'string') return [];
    return /^([0-9a-f]{2})*$/i.test(one[1]) ? [[one[0], Buffer.from(one[1], 'hex')]] : [];
  });
}

function readNeighbour(tlvs: readonly Tlv[]): Omit<Neighbour, 'mac' | 'nic'> | null {
  const value = (type: number) => tlvs.find((tlv) => tlv[0] === type)?.[1];
  const switchId = idOf(value(CHASSIS), BY_MAC.chassis);
  const portId = idOf(value(PORT), BY_MAC.port);
  if (switchId === null || portId === null) return null;
  const name = textOf(value(SYSTEM_NAME) ?? Buffer.alloc(0));
  return {
    switchId,
    portId,
    switchInfo: name === '' ? null : name,
    vlan: numberOf(tlvs, '0080c201'),
    mtu: numberOf(tlvs, '00120f04'),
  };
}

/** The first byte says what the rest is: a MAC address, or text. */
function idOf(value: Buffer | undefined, byMac: number): string | null {
  if (value === undefined || value.length < 2) return null;
  const rest = value.subarray(1);
  if (value[0] === byMac) return rest.length === 6 ? macOf(rest) : null;
  const text = textOf(rest);
  return text === '' ? null : text;
}

const macOf = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?!$)/g, '$1:');

/** Printable ASCII, at most 255 characters; '' for anything else. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/\0+$/, '');
  return text.length <= 255 && /^[\x20-\x7e]*$/.test(text) ? text.trim() : '';
}

/** A 16-bit number of an organisation's TLV, after its OUI and subtype. */
function numberOf(tlvs: readonly Tlv[], prefix: string): number | null {
  for (const [type, value] of tlvs) {
    if (type === ORGANISATION && value.length >= 6 && value.toString('hex', 0, 4) === prefix) {
      const number = value.readUInt16BE(4);
      return number === 0 ? null : number;
    }
  }
  return null;
}

/** What a neighbour is as `local_link_connection`; null where the switch does not say its MAC address. */
export function localLinkOf({ switchId, portId, switchInfo }: Neighbour): Document | null {
  if (!MAC.test(switchId)) return null;
  return { switch_id: switchId, port_id: portId, ...(switchInfo === null ? {} : { switch_info: switchInfo }) };
}
