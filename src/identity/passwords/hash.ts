import { createHash, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { type Random, systemRandom } from '#kernel/random';
import { errors } from '../errors.ts';
import { bcryptMatches, isBcrypt } from './bcrypt.ts';

/** log2 of scrypt's N; 14 costs about 50 ms and 16 MiB. */
const COST = 14;
const MAX_COST = 17;
const BYTES = 32;
/** Longer ones are refused: hashing must not become the attack. */
export const MAX_PASSWORD_BYTES = 512;

/** Hashes and checks passwords with a bound on how many at once, so that a flood of logins costs no more than that. */
export interface PasswordHasher {
  /** `$scrypt$ln=14,r=8,p=1$salt$hash`, the form passlib and htpasswd files use. Throws `LoginBusy`. */
  hash(password: string): Promise<string>;
  /**
   * True when `password` belongs to `hash` (scrypt or bcrypt). With `hash` null it takes the same time and gives
   * false, so that a caller cannot tell a missing user from a wrong password. Throws `LoginBusy`.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
}

export interface HasherOptions {
  /** Hashes computed at the same time. They run in libuv's threads: leave some for files and DNS. Default 2. */
  parallel?: number;
  /** Logins that may wait for their turn. Default 64: at 50 ms each on two threads, under two seconds. */
  queue?: number;
  random?: Random;
}

/** Makes the one hasher of the process. */
export function createHasher(options: HasherOptions = {}): PasswordHasher {
  const turn = turnstile(options.parallel ?? 2, options.queue ?? 64);
  const random = options.random ?? systemRandom;
  const decoy = random.bytes(BYTES);
  const decoySalt = random.bytes(16);
  return {
    hash: (password) =>
      turn(async () => {
        const salt = random.bytes(16);
        const key = await derive(password, salt, COST, 8, 1, BYTES);
        return `$scrypt$ln=${COST},r=8,p=1$${base64(salt)}$${base64(key)}`;
      }),
    verify: async (password, hash) =>
      (hash === null ? undefined : generatedMatches(password, hash)) ??
      turn(async () => {
        if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return false;
        if (hash === null) {
          timingSafeEqual(await derive(password, decoySalt, COST, 8, 1, BYTES), decoy);
          return false;
        }
        if (isBcrypt(hash)) return bcryptMatches(password, hash);
        const parts = parseScrypt(hash);
        if (parts === null) return false;
        const key = await derive(password, parts.salt, parts.ln, parts.r, parts.p, parts.key.length);
        return timingSafeEqual(key, parts.key);
      }),
  };
}

/**
 * Hashes a secret we made ourselves, of 256 bits or more: nobody can try them all, so a fast hash is enough and a
 * script may log in a thousand times a second.
 */
export function hashGenerated(secret: string): string {
  return `$sha256$${createHash('sha256').update(secret).digest('base64url')}`;
}

/** Checks a secret against `hashGenerated`; undefined when the hash is of another kind. */
function generatedMatches(secret: string, hash: string): boolean | undefined {
  if (!hash.startsWith('$sha256$')) return undefined;
  const [given, stored] = [Buffer.from(hashGenerated(secret)), Buffer.from(hash)];
  return given.length === stored.length && timingSafeEqual(given, stored);
}

/** True for a hash `verify` can check. */
export function isKnownHash(hash: string): boolean {
  return isBcrypt(hash) || parseScrypt(hash) !== null;
}

function parseScrypt(hash: string): { ln: number; r: number; p: number; salt: Buffer; key: Buffer } | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{8,88})\$([A-Za-z0-9+/]{16,88})$/.exec(hash);
  if (match === null) return null;
  const [, ln, r, p, salt, key] = match;
  const cost = Number(ln);
  if (cost < 10 || cost > MAX_COST || Number(r) > 16 || Number(p) > 4) return null;
  return {
    ln: cost,
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt ?? '', 'base64'),
    key: Buffer.from(key ?? '', 'base64'),
  };
}

function derive(password: string, salt: Buffer, ln: number, r: number, p: number, bytes: number): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** Lets `parallel` run, `queue` wait, and turns the rest away. */
function turnstile(parallel: number, queue: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= parallel) {
      if (waiting.length >= queue) throw errors.LoginBusy({ retryAfter: 2 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      // The place goes straight to the next one; `running` only falls when nobody waits.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
