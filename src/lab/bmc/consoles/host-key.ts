import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

/** What PKCS#8 writes before the 32 bytes of an Ed25519 key. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * An SSH host key in OpenSSH's format, the same every time for the same words: a lab started again is the same rack.
 * No secret at all, as befits a lab.
 */
export function hostKeyOf(...words: readonly (string | number)[]): string {
  const seed = createHash('sha256')
    .update(['ingot-lab-ssh', ...words].join(':'))
    .digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const kind = field('ssh-ed25519');
  const blob = Buffer.concat([kind, field(open)]);
  const hidden = Buffer.concat([
    Buffer.alloc(8, 1), // two equal numbers that show a right passphrase
    blob,
    field(Buffer.concat([seed, open])),
    field('lab'),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (hidden.length % 8)) % 8 }, (_, i) => i + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    count,
    field(blob),
    field(Buffer.concat([hidden, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
