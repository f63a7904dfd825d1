import { crc32 } from 'node:zlib';

/** What stands in a recording: what the machine said, or what the recorder has to say about the recording. */
export type RecordKind = 'output' | 'note';

/** One piece of a recording. All its bytes belong to one tenancy, or to nobody (null): only operators read those. */
export interface ConsoleRecord {
  kind: RecordKind;
  /** Wall clock of the recorder, milliseconds. */
  at: number;
  tenancy: number | null;
  bytes: Buffer;
}

/** A record and where it ends in the log. */
export interface PlacedRecord extends ConsoleRecord {
  position: number;
  end: number;
}

export const HEAD_BYTES = 28;
/** Longer pieces are written as several records. */
export const MAX_PAYLOAD = 16 * 1024;
const MAGIC = 0x0d1c;
const KINDS: readonly RecordKind[] = ['output', 'note'];

/**
 * A record as it lies in the file: magic, kind, length, time, tenancy, checksum of all that and the payload. A file
 * that ends within a record (a crash) is cut there.
 */
export function encodeRecord({ kind, at, tenancy, bytes }: ConsoleRecord): Buffer {
  const out = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  out.writeUInt16LE(MAGIC, 0);
  out.writeUInt8(KINDS.indexOf(kind), 2);
  out.writeUInt8(0, 3);
  out.writeUInt32LE(bytes.length, 4);
  out.writeDoubleLE(at, 8);
  out.writeBigUInt64LE(BigInt(tenancy ?? 0), 16);
  bytes.copy(out, HEAD_BYTES);
  out.writeUInt32LE(crc32(out.subarray(HEAD_BYTES), crc32(out.subarray(0, 24))), 24);
  return out;
}

/**
 * Reads the record at `offset`. `short`: it goes on beyond these bytes. `broken`: what stands there is none.
 */
export function decodeRecord(
  buffer: Buffer,
  offset: number,
): { record: ConsoleRecord; size: number } | 'short' | 'broken' {
  if (buffer.length - offset < HEAD_BYTES) return 'short';
  const length = buffer.readUInt32LE(offset + 4);
  const kind = KINDS[buffer.readUInt8(offset + 2)];
  if (buffer.readUInt16LE(offset) !== MAGIC || kind === undefined || length > MAX_PAYLOAD) return 'broken';
  const size = HEAD_BYTES + length;
  if (buffer.length - offset < size) return 'short';
  const bytes = buffer.subarray(offset + HEAD_BYTES, offset + size);
  const sum = crc32(bytes, crc32(buffer.subarray(offset, offset + 24)));
  if (sum !== buffer.readUInt32LE(offset + 24)) return 'broken';
  const tenancy = Number(buffer.readBigUInt64LE(offset + 16));
  return {
    record: { kind, at: buffer.readDoubleLE(offset + 8), tenancy: tenancy === 0 ? null : tenancy, bytes },
    size,
  };
}
