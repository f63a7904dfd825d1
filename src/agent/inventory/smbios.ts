/** A structure of SMBIOS (DMTF DSP0134). */
export interface SmbiosEntry {
  type: number;
  /** The formatted area, header included. */
  data: Buffer;
  strings: readonly string[];
}

const END_OF_TABLE = 127;

/** Structures of `/sys/firmware/dmi/tables/DMI`; stops at the first that does not fit. */
export function parseSmbios(table: Buffer): SmbiosEntry[] {
  const entries: SmbiosEntry[] = [];
  for (let at = 0; at + 4 <= table.length && entries.length < 4096; ) {
    const type = table.readUInt8(at);
    const length = table.readUInt8(at + 1);
    const end = table.indexOf('\0\0', at + length, 'latin1');
    if (length < 4 || end < 0) break;
    const text = table.subarray(at + length, end).toString('latin1');
    entries.push({
      type,
      data: table.subarray(at, at + length),
      strings: text === '' ? [] : text.split('\0').map((s) => s.trim()),
    });
    if (type === END_OF_TABLE) break;
    at = end + 2;
  }
  return entries;
}

/** The string a byte of the structure points at; null for none. */
export function stringAt(entry: SmbiosEntry, offset: number): string | null {
  const index = offset < entry.data.length ? entry.data.readUInt8(offset) : 0;
  const text = index === 0 ? undefined : entry.strings[index - 1];
  return text === undefined || text === '' ? null : text;
}

export interface MemoryModule {
  locator: string | null;
  size_mb: number;
  speed_mts: number | null;
  manufacturer: string | null;
  part_number: string | null;
  serial_number: string | null;
}

/** Memory modules that are plugged in (type 17). */
export function memoryModules(entries: readonly SmbiosEntry[]): MemoryModule[] {
  return entries.flatMap((entry) => {
    const size = moduleSize(entry);
    if (entry.type !== 17 || size === 0) return [];
    const speed = entry.data.length >= 0x17 ? entry.data.readUInt16LE(0x15) : 0;
    return {
      locator: stringAt(entry, 0x10),
      size_mb: size,
      speed_mts: speed > 0 && speed < 0xffff ? speed : null,
      manufacturer: stringAt(entry, 0x17),
      part_number: stringAt(entry, 0x1a),
      serial_number: stringAt(entry, 0x18),
    };
  });
}

function moduleSize(entry: SmbiosEntry): number {
  if (entry.data.length < 0x0e) return 0;
  const size = entry.data.readUInt16LE(0x0c);
  if (size === 0xffff) return 0;
  if (size === 0x7fff) return entry.data.length >= 0x20 ? entry.data.readUInt32LE(0x1c) & 0x7fffffff : 0;
  return (size & 0x8000) === 0 ? size : Math.floor((size & 0x7fff) / 1024);
}
