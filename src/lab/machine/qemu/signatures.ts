import { errors } from '../../errors.ts';
import type { EnrolledCertificate } from '../contract.ts';
import { guidAt, guidBytes } from './guid.ts';

// EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1): what PK, KEK, db and dbx hold.

const X509 = 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072';
const HEADER = 28;
const OWNER = 16;

/** A list of signatures of one type and one size; `owner` says who put each there. */
export interface SignatureList {
  type: string;
  header: Buffer;
  signatures: readonly { owner: string; data: Buffer }[];
}

/** The lists of a database. Throws LabBadVariables. */
export function readSignatures(bytes: Buffer): SignatureList[] {
  const lists: SignatureList[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + HEADER > bytes.length) throw errors.LabBadVariables('a signature list is cut off');
    const [length = 0, header = 0, size = 0] = [16, 20, 24].map((field) => bytes.readUInt32LE(at + field));
    const from = at + HEADER + header;
    const end = at + length;
    if (end > bytes.length || from > end || size < OWNER || (end - from) % size !== 0)
      throw errors.LabBadVariables('the sizes of a signature list do not fit');
    const signatures = [];
    for (let one = from; one < end; one += size) {
      const data = Buffer.from(bytes.subarray(one + OWNER, one + size));
      signatures.push({ owner: guidAt(bytes, one), data });
    }
    lists.push({ type: guidAt(bytes, at), header: Buffer.from(bytes.subarray(at + HEADER, from)), signatures });
    at = end;
  }
  return lists;
}

/** The bytes of a database. All signatures of a list have one length. */
export function writeSignatures(lists: readonly SignatureList[]): Buffer {
  const parts = lists.map(({ type, header, signatures }) => {
    const size = OWNER + (signatures[0]?.data.length ?? 0);
    const head = Buffer.alloc(HEADER);
    guidBytes(type).copy(head);
    head.writeUInt32LE(HEADER + header.length + signatures.length * size, 16);
    head.writeUInt32LE(header.length, 20);
    head.writeUInt32LE(size, 24);
    return [head, header, ...signatures.flatMap(({ owner, data }) => [guidBytes(owner), data])];
  });
  return Buffer.concat(parts.flat());
}

/** The certificates of a database. */
export function certificatesIn(database: Buffer): EnrolledCertificate[] {
  return readSignatures(database)
    .filter(({ type }) => type === X509)
    .flatMap(({ signatures }) => signatures.map(({ owner, data }) => ({ owner, der: data })));
}

/** The database with these certificates in place of those it has; digests in it stay. */
export function withCertificates(database: Buffer, certificates: readonly EnrolledCertificate[]): Buffer {
  return writeSignatures([
    ...certificates.map(({ owner, der }) => ({
      type: X509,
      header: Buffer.alloc(0),
      signatures: [{ owner, data: der }],
    })),
    ...readSignatures(database).filter(({ type }) => type !== X509),
  ]);
}
