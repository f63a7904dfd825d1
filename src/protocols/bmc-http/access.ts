import type { Secret } from '#kernel/secret';

/**
 * What a BMC's certificate must be. `system`: signed by an authority this host trusts, for the address used. `file`: by
 * the authorities in a PEM file. `pin`: exactly the one with this SHA-256 fingerprint; null takes the first that
 * is seen and then insists on it.
 */
export type BmcTrust =
  | { kind: 'system' }
  | { kind: 'file'; path: string }
  | { kind: 'pin'; fingerprint: string | null }
  | { kind: 'none' };

/** How a BMC is reached. */
export interface BmcAccess {
  /** `https://192.0.2.1`, without a path. */
  origin: string;
  /** Null: no login. */
  username: string | null;
  password: Secret | null;
  auth: 'auto' | 'session' | 'basic' | 'none';
  trust: BmcTrust;
  /** `TLSv1.2` or `TLSv1.3`. */
  tlsMinimum: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's list; null: Node's own. */
  tlsCiphers: string | null;
}

/** What a BMC may cost us and we it. */
export interface BmcLimits {
  /** Requests in flight at once. */
  requests: number;
  connectMs: number;
  readMs: number;
  writeMs: number;
  /** Bytes of an answer. */
  bodyBytes: number;
  /** Levels of an answer's JSON. */
  depth: number;
  redirects: number;
  /** Further attempts of a read that failed on the way. */
  retries: number;
  /** Connections that fail in a row before the BMC is left alone, and for how long. */
  failures: number;
  restMs: number;
}

export const DEFAULT_LIMITS: BmcLimits = {
  requests: 3,
  connectMs: 5_000,
  readMs: 30_000,
  // some makes take more than a minute over BIOS settings
  writeMs: 120_000,
  bodyBytes: 8 * 1024 * 1024,
  depth: 48,
  redirects: 3,
  retries: 2,
  failures: 5,
  restMs: 15_000,
};
