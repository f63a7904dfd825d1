import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { NULL, octets, oid, sequence, set, tag, time, utf8 } from './der.ts';
import type { Random } from './random.ts';

/** A key and its self-signed certificate, PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

export interface CertificateWish {
  commonName: string;
  organization: string;
  /** DNS names and addresses it is for. */
  names: readonly string[];
  notBefore: Date;
  notAfter: Date;
  /** P-256, unless who reads it knows RSA only, as firmware does. */
  key?: 'p256' | 'rsa2048';
}

const OID = {
  commonName: '550403',
  organization: '55040a',
  ecdsaSha256: '2a8648ce3d040302',
  rsaSha256: '2a864886f70d01010b',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
};

/**
 * Makes a self-signed certificate (RFC 5280). Node can read certificates but not make them: the
 * agent in the ramdisk needs one for its address, an emulated BMC ones that are expired, early or for another name.
 */
export function selfSigned(wish: CertificateWish, random: Random): Certificate {
  const rsa = wish.key === 'rsa2048';
  const { publicKey, privateKey } = rsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(
    set(sequence(oid(OID.organization), utf8(wish.organization))),
    set(sequence(oid(OID.commonName), utf8(wish.commonName))),
  );
  const algorithm = rsa ? sequence(oid(OID.rsaSha256), NULL) : sequence(oid(OID.ecdsaSha256));
  const serial = random.bytes(12);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and no leading zero byte
  const yes = tag(0x01, Buffer.from([0xff]));
  const extensions = [sequence(oid(OID.basicConstraints), yes, octets(sequence(yes)))];
  if (wish.names.length > 0)
    extensions.push(sequence(oid(OID.subjectAltName), octets(sequence(...wish.names.map(generalName)))));
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))), // version 3
    tag(0x02, serial),
    algorithm,
    name,
    sequence(time(wish.notBefore), time(wish.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, sequence(...extensions)),
  );
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const cert = pem('CERTIFICATE', sequence(body, algorithm, signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
}

/** The private key object of a certificate, for tests that sign with it. */
export function privateKeyOf(certificate: Certificate): KeyObject {
  return createPrivateKey(certificate.key);
}

function generalName(name: string): Buffer {
  const version = isIP(name);
  if (version === 0) return tag(0x82, Buffer.from(name, 'latin1'));
  return tag(0x87, version === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6Bytes(name));
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((w) => Number.parseInt(w, 16)));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  const bytes = Buffer.alloc(16);
  all.forEach((word, i) => bytes.writeUInt16BE(word, i * 2));
  return bytes;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
