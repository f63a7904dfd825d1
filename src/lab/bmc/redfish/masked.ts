const SECRET = /password|token|secret|passphrase/i;

/** A body as the ledger keeps it: secrets hidden, long texts cut. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'string') return value.length > 500 ? `${value.slice(0, 500)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, SECRET.test(k) && typeof v === 'string' ? '******' : masked(v)]),
  );
}
