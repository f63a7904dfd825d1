import type { ScopeIds } from '../store/session.ts';

/** How a user can prove who it is. */
export type Method = 'password' | 'token' | 'application_credential';

/** What a token says. Names, roles and the rest are read when it is first seen, not carried. */
export interface Claims extends ScopeIds {
  userId: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  methods: readonly Method[];
  /** Its own, and when it came from another token that of the first of the chain. */
  auditIds: readonly string[];
  credentialId: string | null;
}

const LETTERS: Record<Method, string> = { password: 'p', token: 't', application_credential: 'a' };
const METHODS = new Map(Object.entries(LETTERS).map(([method, letter]) => [letter, method as Method]));

/** As it stands in the token: short names, absent things left out. */
export function encodeClaims(claims: Claims): string {
  return JSON.stringify({
    sub: claims.userId,
    iat: claims.issuedAt / 1000,
    exp: claims.expiresAt / 1000,
    m: claims.methods.map((method) => LETTERS[method]).join(''),
    a: claims.auditIds,
    ...(claims.projectId === null ? {} : { p: claims.projectId }),
    ...(claims.domainId === null ? {} : { d: claims.domainId }),
    ...(claims.system ? { s: 1 } : {}),
    ...(claims.credentialId === null ? {} : { c: claims.credentialId }),
  });
}

/** The inverse; null for anything that is not whole. The signature has been verified before. */
export function decodeClaims(text: string): Claims | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { sub, iat, exp, m, a, p, d, s, c } = value as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number' || typeof m !== 'string')
    return null;
  if (!Array.isArray(a) || a.length === 0 || !a.every((id) => typeof id === 'string')) return null;
  const methods: Method[] = [];
  for (const letter of m) {
    const method = METHODS.get(letter);
    if (method === undefined) return null;
    methods.push(method);
  }
  const text_ = (field: unknown) => (typeof field === 'string' ? field : null);
  return {
    userId: sub,
    issuedAt: Math.round(iat * 1000),
    expiresAt: Math.round(exp * 1000),
    methods,
    auditIds: a as string[],
    projectId: text_(p),
    domainId: text_(d),
    system: s === 1,
    credentialId: text_(c),
  };
}
