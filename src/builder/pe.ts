import { createHash } from 'node:crypto';
import { errors } from './errors.ts';

// The Portable Executable format (Microsoft's PE/COFF specification): what UEFI starts.

const SECTION = 40;
/** Of the optional header of PE32+: the fields used here, and where the data directories begin. */
const AT = { sectionAlignment: 32, fileAlignment: 36, imageSize: 56, headersSize: 60, checkSum: 64, directories: 112 };
/** The data directory that tells where the signatures are: an offset in the file, not an address. */
const SIGNATURES = AT.directories + 4 * 8;

const aligned = (value: number, to: number) => Math.ceil(value / to) * to;

interface Layout {
  coff: number;
  optional: number;
  /** Where the section headers begin, and how many there are. */
  table: number;
  sections: readonly { name: string; address: number; size: number; from: number; bytes: number }[];
}

function layoutOf(image: Buffer): Layout {
  const signature = image.length >= 64 && image.toString('latin1', 0, 2) === 'MZ' ? image.readUInt32LE(60) : 0;
  const coff = signature + 4;
  const optional = coff + 20;
  if (
    signature === 0 ||
    image.length < optional + SIGNATURES + 8 ||
    image.toString('latin1', signature, coff) !== 'PE\0\0' ||
    image.readUInt16LE(optional) !== 0x20b
  )
    throw errors.BuildBroken('that is no EFI program for 64 bits');
  const count = image.readUInt16LE(coff + 2);
  const table = optional + image.readUInt16LE(coff + 16);
  if (table + count * SECTION > image.length) throw errors.BuildBroken('an EFI program is cut off');
  const sections = Array.from({ length: count }, (_, i) => {
    const at = table + i * SECTION;
    const [size = 0, address = 0, bytes = 0, from = 0] = [8, 12, 16, 20].map((field) => image.readUInt32LE(at + field));
    if (from + bytes > image.length) throw errors.BuildBroken('an EFI program is cut off');
    return { name: image.toString('latin1', at, at + 8).replace(/\0+$/, ''), address, size, from, bytes };
  });
  return { coff, optional, table, sections };
}

/** What an EFI program holds under a section's name; undefined: nothing. */
export function section(image: Buffer, name: string): Buffer | undefined {
  const found = layoutOf(image).sections.find((one) => one.name === name);
  return found && image.subarray(found.from, found.from + Math.min(found.size, found.bytes));
}

/**
 * An EFI program with further sections of data, as systemd's stub looks for kernel, initrd and command line in
 * itself. Symbols and signatures of the program are left out: it is another program now. Throws BuildBroken.
 */
export function withSections(program: Buffer, added: readonly { name: string; data: Buffer }[]): Buffer {
  const { coff, optional, table, sections } = layoutOf(program);
  const headers = program.readUInt32LE(optional + AT.headersSize);
  const inFile = program.readUInt32LE(optional + AT.fileAlignment);
  // Pages, though the stub would do with less: firmware may map them.
  const inMemory = Math.max(program.readUInt32LE(optional + AT.sectionAlignment), 4096);
  let at = table + sections.length * SECTION;
  if (at + added.length * SECTION > headers) throw errors.BuildBroken('the EFI program has no room for more sections');
  const end = Math.max(headers, ...sections.map(({ from, bytes }) => from + bytes));
  const head = Buffer.alloc(aligned(end, inFile));
  program.copy(head, 0, 0, end);
  const parts: Buffer[] = [head];
  let from = head.length;
  let address = Math.max(...sections.map((one) => one.address + one.size));
  for (const { name, data } of added) {
    if (name.length > 8) throw errors.BuildBroken(`"${name}" is no name of a section`);
    const bytes = aligned(data.length, inFile);
    address = aligned(address, inMemory);
    head.fill(0, at, at + SECTION);
    head.write(name, at, 'latin1');
    for (const [field, value] of [
      [8, data.length],
      [12, address],
      [16, bytes],
      [20, from],
      [36, 0x4000_0040],
    ] as const)
      head.writeUInt32LE(value, at + field); // 0x40000040: initialised data, may be read
    parts.push(data, Buffer.alloc(bytes - data.length));
    at += SECTION;
    from += bytes;
    address += data.length;
  }
  head.writeUInt16LE(sections.length + added.length, coff + 2);
  head.fill(0, coff + 8, coff + 16); // where symbols were
  head.writeUInt32LE(aligned(address, inMemory), optional + AT.imageSize);
  head.writeUInt32LE(0, optional + AT.checkSum);
  head.fill(0, optional + SIGNATURES, optional + SIGNATURES + 8);
  return Buffer.concat(parts);
}

/** An EFI program as it is signed: without its signatures, ending where one could begin. */
export function unsigned(image: Buffer): Buffer {
  const { optional } = layoutOf(image);
  const from = image.readUInt32LE(optional + SIGNATURES);
  const bare = Buffer.from(from === 0 ? image : image.subarray(0, from));
  bare.fill(0, optional + SIGNATURES, optional + SIGNATURES + 8);
  bare.writeUInt32LE(0, optional + AT.checkSum);
  return Buffer.concat([bare, Buffer.alloc(aligned(bare.length, 8) - bare.length)]);
}

/**
 * The digest that a signature of an EFI program is of (Microsoft's Authenticode, "Calculating the PE Image Hash"):
 * headers, sections by their place in the file, what comes after them; without check sum and signatures.
 */
export function imageDigest(image: Buffer): Buffer {
  const { optional, sections } = layoutOf(image);
  const headers = image.readUInt32LE(optional + AT.headersSize);
  const hash = createHash('sha256');
  const without = [
    [optional + AT.checkSum, 4],
    [optional + SIGNATURES, 8],
  ] as const;
  let at = 0;
  for (const [from, bytes] of without) {
    hash.update(image.subarray(at, from));
    at = from + bytes;
  }
  hash.update(image.subarray(at, headers));
  let hashed = headers;
  for (const { from, bytes } of sections.filter((one) => one.bytes > 0).toSorted((a, b) => a.from - b.from)) {
    hash.update(image.subarray(from, from + bytes));
    hashed += bytes;
  }
  const signatures = image.readUInt32LE(optional + SIGNATURES + 4);
  return hash.update(image.subarray(hashed, Math.max(hashed, image.length - signatures))).digest();
}

/** The program with one signature (PKCS #7) behind it. */
export function withSignature(bare: Buffer, pkcs7: Buffer): Buffer {
  const { optional } = layoutOf(bare);
  const entry = Buffer.alloc(aligned(8 + pkcs7.length, 8));
  entry.writeUInt32LE(entry.length, 0);
  entry.writeUInt16LE(0x0200, 4); // revision 2
  entry.writeUInt16LE(0x0002, 6); // PKCS #7 signed data
  pkcs7.copy(entry, 8);
  const signed = Buffer.concat([bare, entry]);
  signed.writeUInt32LE(bare.length, optional + SIGNATURES);
  signed.writeUInt32LE(entry.length, optional + SIGNATURES + 4);
  return signed;
}
