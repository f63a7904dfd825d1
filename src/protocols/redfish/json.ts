// BMCs get types wrong: numbers as text, objects as lists, null for anything. These read what can be read.

export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object at a path of members; an empty one when something on the way is missing. */
export function objectAt(value: unknown, ...path: string[]): Json {
  let at: unknown = value;
  for (const key of path) at = isJson(at) ? at[key] : undefined;
  return isJson(at) ? at : {};
}

/** Text that says something; null otherwise. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  return typeof value === 'number' ? String(value) : null;
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** A list; one object stands for a list of one. */
export function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

export const objectsOf = (value: unknown): Json[] => listOf(value).filter(isJson);
export const textsOf = (value: unknown): string[] => listOf(value).filter((one) => typeof one === 'string');

/** Where a reference leads; null when it is none. */
export function linkOf(value: unknown): string | null {
  return isJson(value) ? textOf(value['@odata.id']) : null;
}

export const linksOf = (value: unknown): string[] =>
  listOf(value)
    .map(linkOf)
    .filter((link) => link !== null);
