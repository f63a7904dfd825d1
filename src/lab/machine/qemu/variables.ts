import { errors } from '../../errors.ts';
import type { BootPlan, EnrolledCertificate, KeyDatabase } from '../contract.ts';
import { guidAt, guidBytes } from './guid.ts';
import { certificatesIn, withCertificates } from './signatures.ts';

/** GUIDs of the namespaces we touch (UEFI 2.10, EDK2). */
export const VENDOR = {
  global: '8be4df61-93ca-11d2-aa0d-00e098032b8c',
  imageSecurity: 'd719b2cb-3d3a-4596-a3bc-dad00e67656f',
  secureBootEnable: 'f0a30bc7-af08-4556-99c4-001009c93a44',
  customMode: 'c076ec0c-7028-4399-a072-71ee5c448b9f',
  vendorKeys: '9073e4e0-60ec-4b6e-9903-4c223c260f3c',
} as const;

const STORE = 'aaf32c78-947b-439a-a180-2e144ec37792';
const HEADER = 60;
const ADDED = 0x3f;
/** A variable whose replacement was begun but not ended is still the valid one. */
const IN_TRANSITION = 0x3e;
const DELETED_MASK = 0xfd;

/** One UEFI variable. */
export interface Variable {
  name: string;
  vendor: string;
  attributes: number;
  data: Buffer;
  /** Of authenticated variables; 16 zero bytes for others. */
  timestamp: Buffer;
}

/** Written by whoever proves it by a signature (time-based): what all databases of keys are. */
const KEYS_ATTRIBUTES = 0x27;

const SECURE_BOOT_KEYS: readonly [name: KeyDatabase, vendor: string][] = [
  ['PK', VENDOR.global],
  ['KEK', VENDOR.global],
  ['db', VENDOR.imageSecurity],
  ['dbx', VENDOR.imageSecurity],
];
const SECURE_BOOT_STATE: readonly [name: string, vendor: string][] = [
  ['SecureBootEnable', VENDOR.secureBootEnable],
  ['CustomMode', VENDOR.customMode],
  ['VendorKeysNv', VENDOR.vendorKeys],
];

/**
 * The variable store of an EDK2 firmware volume (OVMF_VARS): an append-only log of variables, edited as the
 * firmware would: the old copy is marked deleted, the new one appended. Only while the machine is off.
 */
export class VariableStore {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** Takes a whole OVMF_VARS image and works on a copy. Throws LabBadVariables. */
  constructor(image: Buffer) {
    this.#bytes = Buffer.from(image);
    if (image.length < 100 || image.toString('latin1', 40, 44) !== '_FVH')
      throw errors.LabBadVariables('no volume header');
    const header = image.readUInt16LE(48);
    if (header + 28 > image.length || guidAt(image, header) !== STORE)
      throw errors.LabBadVariables('no authenticated variable store');
    this.#start = header + 28;
    this.#end = Math.min(header + image.readUInt32LE(header + 16), image.length);
  }

  /** The whole image with the edits. */
  get image(): Buffer {
    return this.#bytes;
  }

  /** The live variables, in the order they were written. */
  list(): Variable[] {
    return [...this.#entries()].filter((e) => e.live).map((e) => e.variable);
  }

  get(name: string, vendor: string): Variable | undefined {
    return this.list().find((v) => v.name === name && v.vendor === vendor);
  }

  /** Marks a variable deleted; nothing when there is none. */
  delete(name: string, vendor: string): void {
    for (const entry of this.#entries()) {
      if (!entry.live || entry.variable.name !== name || entry.variable.vendor !== vendor) continue;
      this.#bytes.writeUInt8((this.#bytes[entry.offset + 2] ?? 0) & DELETED_MASK, entry.offset + 2);
    }
  }

  /** Writes a variable, replacing one of the same name. Throws LabBadVariables when the store is full. */
  set(variable: Variable): void {
    const held = this.get(variable.name, variable.vendor);
    if (held?.data.equals(variable.data) && held.attributes === variable.attributes) return;
    this.delete(variable.name, variable.vendor);
    const name = Buffer.from(`${variable.name}\0`, 'utf16le');
    const size = HEADER + name.length + variable.data.length;
    if (this.#freeOffset() + size > this.#end) this.#reclaim();
    const offset = this.#freeOffset();
    if (offset + size > this.#end) throw errors.LabBadVariables('it is full');
    this.#append(offset, variable, name);
  }

  #append(offset: number, variable: Variable, name: Buffer): void {
    const at = this.#bytes.subarray(offset);
    at.writeUInt16LE(0x55aa, 0);
    at.writeUInt8(ADDED, 2);
    at.writeUInt8(0, 3);
    at.writeUInt32LE(variable.attributes, 4);
    at.fill(0, 8, 16); // monotonic count
    variable.timestamp.copy(at, 16, 0, 16);
    at.writeUInt32LE(0, 32); // public key index
    at.writeUInt32LE(name.length, 36);
    at.writeUInt32LE(variable.data.length, 40);
    guidBytes(variable.vendor).copy(at, 44);
    name.copy(at, HEADER);
    variable.data.copy(at, HEADER + name.length);
  }

  /** Whether a platform key is enrolled, and whether the firmware enforces signatures. */
  secureBoot(): { keys: boolean; enabled: boolean } {
    const keys = this.get('PK', VENDOR.global) !== undefined;
    return { keys, enabled: keys && this.get('SecureBootEnable', VENDOR.secureBootEnable)?.data[0] === 1 };
  }

  /** The certificates of the databases that are there. */
  certificates(): Partial<Record<KeyDatabase, EnrolledCertificate[]>> {
    const found: Partial<Record<KeyDatabase, EnrolledCertificate[]>> = {};
    for (const [name, vendor] of SECURE_BOOT_KEYS) {
      const database = this.get(name, vendor);
      if (database !== undefined) found[name] = certificatesIn(database.data);
    }
    return found;
  }

  /**
   * Brings keys and the switch to what is wanted; `defaults` is a store with the vendor's keys enrolled.
   * True when something changed. Without keys the machine is in setup mode and cannot enforce.
   */
  applySecureBoot(wanted: BootPlan['secureBoot'], defaults: VariableStore): boolean {
    const before = Buffer.from(this.#bytes);
    if (wanted.keys === 'none') {
      for (const [name, vendor] of [...SECURE_BOOT_KEYS, ...SECURE_BOOT_STATE]) this.delete(name, vendor);
      return !before.equals(this.#bytes);
    }
    if (!this.secureBoot().keys) {
      for (const [name, vendor] of [...SECURE_BOOT_KEYS, ...SECURE_BOOT_STATE]) {
        const variable = defaults.get(name, vendor);
        if (variable !== undefined) this.set(variable);
      }
    }
    for (const [name, vendor] of SECURE_BOOT_KEYS) {
      const certificates = wanted.certificates[name];
      if (certificates === undefined) continue;
      // From the vendor's, for its digests: what a system added to a database the BMC was told of is gone.
      const base = defaults.get(name, vendor) ?? {
        attributes: KEYS_ATTRIBUTES,
        data: Buffer.alloc(0),
        timestamp: Buffer.alloc(16),
      };
      const data = withCertificates(base.data, certificates);
      if (data.length === 0) this.delete(name, vendor);
      else this.set({ ...base, name, vendor, data });
    }
    this.set({
      name: 'SecureBootEnable',
      vendor: VENDOR.secureBootEnable,
      attributes: 3,
      data: Buffer.from([wanted.enabled ? 1 : 0]),
      timestamp: Buffer.alloc(16),
    });
    return !before.equals(this.#bytes);
  }

  /** Forgets what was deleted, as firmware does when it needs the room. */
  #reclaim(): void {
    const live = this.list();
    this.#bytes.fill(0xff, this.#start, this.#end);
    for (const variable of live)
      this.#append(this.#freeOffset(), variable, Buffer.from(`${variable.name}\0`, 'utf16le'));
  }

  #freeOffset(): number {
    let offset = this.#start;
    for (const entry of this.#entries()) offset = entry.next;
    return offset;
  }

  *#entries(): Generator<{ offset: number; next: number; live: boolean; variable: Variable }> {
    const b = this.#bytes;
    let offset = this.#start;
    while (offset + HEADER <= this.#end && b.readUInt16LE(offset) === 0x55aa) {
      const state = b.readUInt8(offset + 2);
      const nameSize = b.readUInt32LE(offset + 36);
      const dataSize = b.readUInt32LE(offset + 40);
      const nameAt = offset + HEADER;
      const next = (nameAt + nameSize + dataSize + 3) & ~3;
      if (next > this.#end) throw errors.LabBadVariables(`a variable at ${offset} reaches beyond the store`);
      yield {
        offset,
        next,
        live: state === ADDED || state === IN_TRANSITION,
        variable: {
          name: b.toString('utf16le', nameAt, nameAt + Math.max(0, nameSize - 2)),
          vendor: guidAt(b, offset + 44),
          attributes: b.readUInt32LE(offset + 4),
          data: Buffer.from(b.subarray(nameAt + nameSize, nameAt + nameSize + dataSize)),
          timestamp: Buffer.from(b.subarray(offset + 16, offset + 32)),
        },
      };
      offset = next;
    }
  }
}

/** Non-volatile, visible at boot time and run time. */
const NV_BS_RT = 7;

/** Asks the firmware to enter its settings menu at the next start (UEFI 2.10, 8.5.4). */
export function askForSetup(store: VariableStore): void {
  const data = Buffer.alloc(8);
  data.writeUInt8(1, 0);
  store.set({ name: 'OsIndications', vendor: VENDOR.global, attributes: NV_BS_RT, data, timestamp: Buffer.alloc(16) });
}

/** The number of the boot entry the lab writes; firmware counts its own from 0. */
const LAB_ENTRY = 0x1ab0;

/**
 * Makes the next start an HTTP boot, once: a boot entry with a short-form URI path, and BootNext. Null: an empty path,
 * with which the firmware takes the URI that DHCP offers (option 67, when option 60 says HTTPClient). Debian's OVMF
 * does both, over plain HTTP; it asks HEAD, then GET, with a Host header that leaves the port out.
 */
export function bootUriNext(store: VariableStore, uri: string | null): void {
  const address = uri ?? '';
  const node = Buffer.alloc(4 + Buffer.byteLength(address));
  node.writeUInt8(0x03, 0); // messaging device path
  node.writeUInt8(0x18, 1); // URI
  node.writeUInt16LE(node.length, 2);
  node.write(address, 4, 'utf8');
  const path = Buffer.concat([node, Buffer.from([0x7f, 0xff, 0x04, 0x00])]);
  const description = Buffer.from('Lab HTTP boot\0', 'utf16le');
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0); // LOAD_OPTION_ACTIVE
  head.writeUInt16LE(path.length, 4);
  const timestamp = Buffer.alloc(16);
  const entry = `Boot${LAB_ENTRY.toString(16).toUpperCase().padStart(4, '0')}`;
  const data = Buffer.concat([head, description, path]);
  store.set({ name: entry, vendor: VENDOR.global, attributes: NV_BS_RT, data, timestamp });
  const next = Buffer.alloc(2);
  next.writeUInt16LE(LAB_ENTRY, 0);
  store.set({ name: 'BootNext', vendor: VENDOR.global, attributes: NV_BS_RT, data: next, timestamp });
}
