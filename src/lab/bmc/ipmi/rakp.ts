import { createHmac, timingSafeEqual } from 'node:crypto';

/** The algorithms of one cipher suite (IPMI 2.0, table 22-20). All of ours encrypt with AES-CBC-128. */
export interface CipherSuite {
  id: 3 | 17;
  hash: 'sha1' | 'sha256';
  /** Numbers on the wire. */
  authentication: number;
  integrity: number;
  confidentiality: number;
  /** Bytes of a packet's authentication code and of RAKP 4's. */
  codeLength: number;
}

export const SUITES: readonly CipherSuite[] = [
  { id: 3, hash: 'sha1', authentication: 1, integrity: 1, confidentiality: 1, codeLength: 12 },
  { id: 17, hash: 'sha256', authentication: 3, integrity: 4, confidentiality: 1, codeLength: 16 },
];

/** What both sides know when the keys are made (IPMI 2.0, 13.28 to 13.32). */
export interface RakpFacts {
  suite: CipherSuite;
  /** The remote console's session id and random number. */
  consoleId: number;
  consoleRandom: Buffer;
  /** The managed system's. */
  bmcId: number;
  bmcRandom: Buffer;
  guid: Buffer;
  /** The role byte as it came, look-up bit included. */
  role: number;
  user: Buffer;
  password: Buffer;
  /** Empty: the password stands in for it. */
  kg: Buffer;
}

const id = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const hmac = (hash: string, key: Buffer, ...parts: Buffer[]) =>
  createHmac(hash, key).update(Buffer.concat(parts)).digest();
const roleAndName = (f: RakpFacts) => Buffer.concat([Buffer.from([f.role, f.user.length]), f.user]);

/** The key exchange authentication code of RAKP 2. */
export function rakp2Code(f: RakpFacts): Buffer {
  return hmac(
    f.suite.hash,
    f.password,
    id(f.consoleId),
    id(f.bmcId),
    f.consoleRandom,
    f.bmcRandom,
    f.guid,
    roleAndName(f),
  );
}

/** The code the console must show in RAKP 3. */
export function rakp3Code(f: RakpFacts): Buffer {
  return hmac(f.suite.hash, f.password, f.bmcRandom, id(f.consoleId), roleAndName(f));
}

/** The session integrity key. */
export function sessionKey(f: RakpFacts): Buffer {
  const key = f.kg.length > 0 ? f.kg : f.password;
  return hmac(f.suite.hash, key, f.consoleRandom, f.bmcRandom, roleAndName(f));
}

/** The integrity check value of RAKP 4. */
export function rakp4Code(f: RakpFacts, sik: Buffer): Buffer {
  return hmac(f.suite.hash, sik, f.consoleRandom, id(f.bmcId), f.guid).subarray(0, f.suite.codeLength);
}

/** Keys for integrity (K1) and confidentiality (K2, its first 16 bytes). */
export function packetKeys(suite: CipherSuite, sik: Buffer): { k1: Buffer; k2: Buffer } {
  const key = (fill: number) => hmac(suite.hash, sik, Buffer.alloc(20, fill));
  return { k1: key(1), k2: key(2).subarray(0, 16) };
}

export const sameCode = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
