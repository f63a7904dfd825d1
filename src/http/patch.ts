import { Type } from 'typebox';
import { HttpErrors } from './errors.ts';

/** One change of a JSON patch (RFC 6902) as OpenStack takes it: no `test`, `move` and `copy`. */
export interface PatchOperation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** For a route's `body`. */
export const patchSchema = Type.Array(
  Type.Object(
    {
      op: Type.Enum(['add', 'replace', 'remove']),
      path: Type.String({ maxLength: 1024, pattern: '^/' }),
      value: Type.Optional(Type.Any()),
    },
    { additionalProperties: false },
  ),
  { maxItems: 1000, title: 'JsonPatch' },
);

/** What a patch may touch. */
export interface PatchRules {
  /** Root attributes: `extra` allows `/extra` and all below it. */
  roots: ReadonlySet<string>;
  /** Roots that may not be removed. */
  required?: ReadonlySet<string>;
  /** Form of every path; some microversions allow less than the standard: `/^(\/[\w-]+)+$/`. */
  path?: RegExp;
}

/** Levels a document may have after a patch. A body is bounded, but patches could build a tower one floor at a time. */
const MAX_LEVELS = 32;
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Applies a patch to a copy of a plain document. Gives the copy and the root attributes the patch named. Throws 400
 * `BadPatch` with the number of the first operation that cannot be done (from 0) and why; nothing is half done.
 */
export function applyPatch<T extends object>(
  document: T,
  patch: readonly PatchOperation[],
  rules: PatchRules,
): { document: T; roots: Set<string> } {
  const roots = new Set<string>();
  const copy = structuredClone(document);
  for (const [number, operation] of patch.entries()) {
    const tokens = tokensOf(operation, number, rules);
    const root = tokens[0] as string;
    if (operation.op !== 'remove') {
      if (operation.value === undefined) throw HttpErrors.BadPatch(number, 'the value is missing');
      if (tokens.length + levels(operation.value) > MAX_LEVELS) {
        throw HttpErrors.BadPatch(number, `the result would have more than ${MAX_LEVELS} levels`);
      }
    } else if (tokens.length === 1 && rules.required?.has(root) === true) {
      throw HttpErrors.BadPatch(number, `${root} cannot be removed`);
    }
    const why = change(copy, operation, tokens);
    if (why !== null) throw HttpErrors.BadPatch(number, `${shown(operation.path)} ${why}`);
    roots.add(root);
  }
  return { document: copy, roots };
}

/** The unescaped parts of an operation's path. Throws 400 when it may not be touched. */
function tokensOf({ path }: PatchOperation, number: number, rules: PatchRules): string[] {
  if (rules.path !== undefined && !rules.path.test(path)) {
    throw HttpErrors.BadPatch(number, `the path ${shown(path)} is not of the form allowed`);
  }
  if (!path.startsWith('/') || /~(?![01])/.test(path)) {
    throw HttpErrors.BadPatch(number, `the path ${shown(path)} is not a JSON pointer`);
  }
  const tokens = path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (tokens.some((token) => PROTOTYPE_KEYS.has(token))) {
    throw HttpErrors.BadPatch(number, `the path ${shown(path)} is not allowed`);
  }
  if (!rules.roots.has(tokens[0] as string)) {
    throw HttpErrors.BadPatch(number, `the attribute ${shown(`/${tokens[0]}`)} cannot be changed`);
  }
  return tokens;
}

/**
 * Does one operation on `document` in place; gives why it cannot be done, else null. Only own properties count:
 * the libraries for this walk into `toString` and `length` of what is there, and change them.
 */
function change(document: object, { op, value }: PatchOperation, tokens: readonly string[]): string | null {
  let parent: unknown = document;
  for (const token of tokens.slice(0, -1)) {
    parent = memberOf(parent, token);
    if (parent === undefined) return 'has no such parent';
  }
  const key = tokens.at(-1) as string;
  if (Array.isArray(parent)) {
    const index = op === 'add' && key === '-' ? parent.length : indexOf(key);
    if (index > (op === 'add' ? parent.length : parent.length - 1)) return 'is not an index of the list';
    if (op === 'add') parent.splice(index, 0, structuredClone(value));
    else if (op === 'replace') parent[index] = structuredClone(value);
    else parent.splice(index, 1);
    return null;
  }
  if (typeof parent !== 'object' || parent === null) return 'is inside something that is neither object nor list';
  if (op !== 'add' && !Object.hasOwn(parent, key)) return 'does not exist';
  if (op === 'remove') delete (parent as Record<string, unknown>)[key];
  else (parent as Record<string, unknown>)[key] = structuredClone(value);
  return null;
}

function memberOf(parent: unknown, token: string): unknown {
  if (Array.isArray(parent)) return parent[indexOf(token)];
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, token)) return undefined;
  return (parent as Record<string, unknown>)[token];
}

/** A list index as RFC 6901 writes it; Infinity for anything else. */
function indexOf(token: string): number {
  return /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : Number.POSITIVE_INFINITY;
}

function levels(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, levels(item));
  return deepest + 1;
}

function shown(path: string): string {
  return path.length > 128 ? `${path.slice(0, 128)}…` : path;
}
