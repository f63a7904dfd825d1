import { errors } from '../errors.ts';

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `10m` (so long ago) or a date; null for none. Throws TimeInvalid. */
export function readTime(text: string | undefined, now: number): number | null {
  if (text === undefined || text === '') return null;
  const ago = /^(\d{1,9}(?:\.\d{1,3})?)\s*([smhd])$/.exec(text.trim());
  if (ago !== null) return now - Number(ago[1]) * (UNITS[ago[2] as string] as number);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw errors.TimeInvalid(text.slice(0, 60));
  return at;
}
