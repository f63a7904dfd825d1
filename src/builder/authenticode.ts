import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import type { Certificate } from '#kernel/certificate';
import { elements, integer, NULL, octets, oid, sequence, set, tag } from '#kernel/der';
import { imageDigest, unsigned, withSignature } from './pe.ts';

const OID = {
  signedData: '2a864886f70d010702',
  indirectData: '2b060104018237020104',
  peImage: '2b06010401823702010f',
  sha256: '608648016503040201',
  rsa: '2a864886f70d010101',
  contentType: '2a864886f70d010903',
  messageDigest: '2a864886f70d010904',
};

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const SHA256 = sequence(oid(OID.sha256), NULL);

/**
 * Signs an EFI program with an RSA key, as UEFI's Secure Boot checks it (Authenticode). No time is in the signature, so
 * that the same program and key give the same bytes; sbsign puts it in. Signatures it had are gone.
 */
export function signProgram(image: Buffer, by: Certificate): Buffer {
  const bare = unsigned(image);
  // SpcIndirectDataContent: of a program, whose name nobody gives any more, the digest.
  const name = tag(0x80, Buffer.from('<<<Obsolete>>>', 'utf16le').swap16());
  const file = sequence(tag(0x03, Buffer.from([0])), tag(0xa0, tag(0xa2, name)));
  const content = sequence(sequence(oid(OID.peImage), file), sequence(SHA256, octets(imageDigest(bare))));
  const inside = elements(content)[0]?.content ?? content;
  const certificate = new X509Certificate(by.cert).raw;
  const { issuer, serial } = namesOf(certificate);
  const attributes = set(
    sequence(oid(OID.contentType), set(oid(OID.indirectData))),
    sequence(oid(OID.messageDigest), set(octets(sha256(inside)))),
  );
  const signer = sequence(
    integer(1),
    sequence(issuer, serial),
    SHA256,
    // Signed as the set it is, written under another tag.
    Buffer.concat([Buffer.from([0xa0]), attributes.subarray(1)]),
    sequence(oid(OID.rsa), NULL),
    octets(sign('sha256', attributes, createPrivateKey(by.key))),
  );
  const signed = sequence(
    integer(1),
    set(SHA256),
    sequence(oid(OID.indirectData), tag(0xa0, content)),
    tag(0xa0, certificate),
    set(signer),
  );
  return withSignature(bare, sequence(oid(OID.signedData), tag(0xa0, signed)));
}

/** Issuer and serial number of a certificate, as they stand in it. */
function namesOf(certificate: Buffer): { issuer: Buffer; serial: Buffer } {
  const body = elements(elements(elements(certificate)[0]?.content ?? certificate)[0]?.content ?? certificate);
  // A version comes first, where it is not 1.
  const [serial, , issuer] = body[0]?.type === 0xa0 ? body.slice(1) : body;
  if (serial === undefined || issuer === undefined) throw new RangeError('a certificate is cut off');
  return { issuer: issuer.whole, serial: serial.whole };
}
