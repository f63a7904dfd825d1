import { createHash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ROUNDS = 5000;

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** `length` bytes of `of`, repeated. */
function stretched(of: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) out[i] = of[i % of.length] as number;
  return out;
}

/**
 * A password as /etc/shadow holds it: crypt(3) with SHA-512 (`$6$`), by Ulrich Drepper's specification. `salt` is 1 to 16
 * characters of crypt's alphabet. Takes some milliseconds, by design.
 */
export function sha512Crypt(password: string, salt: string): string {
  if (!/^[./0-9A-Za-z]{1,16}$/.test(salt)) throw new TypeError('a salt is 1 to 16 characters of ./0-9A-Za-z');
  const key = Buffer.from(password, 'utf8');
  const salted = Buffer.from(salt, 'latin1');
  const b = sha512(key, salted, key);
  const first: Uint8Array[] = [key, salted, stretched(b, key.length)];
  for (let count = key.length; count > 0; count >>= 1) first.push((count & 1) === 1 ? b : key);
  let a = sha512(...first);
  const p = stretched(sha512(...Array<Buffer>(key.length).fill(key)), key.length);
  const s = stretched(sha512(...Array<Buffer>(16 + (a[0] as number)).fill(salted)), salted.length);
  for (let i = 0; i < ROUNDS; i++) {
    const odd = (i & 1) === 1;
    const parts: Uint8Array[] = [odd ? p : a];
    if (i % 3 !== 0) parts.push(s);
    if (i % 7 !== 0) parts.push(p);
    parts.push(odd ? a : p);
    a = sha512(...parts);
  }
  return `$6$${salt}$${encoded(a)}`;
}

/** The digest's bytes in crypt's order, six bits at a time, lowest first. */
function encoded(digest: Buffer): string {
  let out = '';
  const add = (high: number, middle: number, low: number, count: number) => {
    let word = (high << 16) | (middle << 8) | low;
    for (let i = 0; i < count; i++) {
      out += ALPHABET[word & 0x3f];
      word >>= 6;
    }
  };
  let [x, y, z] = [0, 21, 42];
  for (let i = 0; i < 21; i++) {
    add(digest[x] as number, digest[y] as number, digest[z] as number, 4);
    [x, y, z] = [y + 1, z + 1, x + 1];
  }
  add(0, 0, digest[63] as number, 2);
  return out;
}
