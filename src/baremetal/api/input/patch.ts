import { errors } from '../../errors.ts';

/** One operation of a JSON patch (RFC 6902); Ironic takes these three. */
export interface PatchOp {
  readonly op: 'add' | 'replace' | 'remove';
  /** The pointer, decoded: `['extra', 'a/b']`. At least one key. */
  readonly keys: readonly string[];
  /** As it was sent. */
  readonly path: string;
  readonly value: unknown;
}

const OPS = new Set(['add', 'replace', 'remove']);
/** More operations than any client sends in one go. */
const MAX_OPS = 1000;

/** Reads a patch. Throws 400 in Ironic's words for anything that is not one. */
export function readPatch(body: unknown): PatchOp[] {
  if (!Array.isArray(body)) throw errors.InvalidParameterValue("Schema error for patch: it is not of type 'array'");
  if (body.length > MAX_OPS) throw errors.InvalidParameterValue(`A patch may have ${MAX_OPS} operations at most`);
  return body.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw errors.InvalidParameterValue("Schema error for patch: an operation is not of type 'object'");
    }
    const { op, path, value, ...rest } = item as Record<string, unknown>;
    for (const [name, part] of [
      ['op', op],
      ['path', path],
    ] as const) {
      if (part === undefined)
        throw errors.InvalidParameterValue(`Schema error for patch: '${name}' is a required property`);
    }
    const extra = Object.keys(rest)[0];
    if (extra !== undefined) {
      throw errors.InvalidParameterValue(
        `Schema error for patch: Additional properties are not allowed ('${extra.slice(0, 64)}' was unexpected)`,
      );
    }
    if (typeof op !== 'string' || !OPS.has(op)) {
      throw errors.InvalidParameterValue(`Schema error for patch: the op is not one of ['add', 'replace', 'remove']`);
    }
    if (typeof path !== 'string' || !/^(\/([^/~]|~[01])+)+$/u.test(path) || path.length > 1024) {
      throw errors.InvalidParameterValue('Schema error for patch: the path is not a JSON pointer to a field');
    }
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (keys.some((key) => key === '__proto__' || key.includes('\0'))) {
      throw errors.InvalidParameterValue('Schema error for patch: the path holds a key that is not allowed');
    }
    const checked: PatchOp = { op: op as PatchOp['op'], keys, path, value };
    if (op !== 'remove' && !Object.hasOwn(item, 'value'))
      throw failed(checked, "The operation does not contain a 'value' member");
    return checked;
  });
}

/** Names of the root fields a patch touches, each once, in order. */
export function touchedFields(patch: readonly PatchOp[]): string[] {
  return [...new Set(patch.map((op) => op.keys[0] as string))];
}

/** Values a patch gives to a whole field. */
export function valuesFor(patch: readonly PatchOp[], field: string): unknown[] {
  return patch.filter((op) => op.keys.length === 1 && op.keys[0] === field && op.op !== 'remove').map((op) => op.value);
}

// Values may be secrets: they are left out of what is said back.
function failed(op: PatchOp, why: string) {
  return errors.Invalid(`Couldn't apply patch '{'op': '${op.op}', 'path': '${op.path}'}'. Reason: ${why}`);
}

/**
 * Applies a patch to a resource, given as an object of its fields. Changes nothing it was given. A removed field
 * becomes null. Throws 400 when a path leads nowhere.
 */
export function applyPatch(
  document: Readonly<Record<string, unknown>>,
  patch: readonly PatchOp[],
): Record<string, unknown> {
  const root = structuredClone(document) as Record<string, unknown>;
  for (const op of patch) {
    const last = op.keys.at(-1) as string;
    let at: unknown = root;
    for (const key of op.keys.slice(0, -1)) at = step(op, at, key);
    if (op.keys.length === 1) root[last] = op.op === 'remove' ? null : structuredClone(op.value);
    else change(op, at, last);
  }
  return root;
}

function step(op: PatchOp, at: unknown, key: string): unknown {
  if (Array.isArray(at)) return at[indexOf(op, key, at.length - 1)];
  if (typeof at === 'object' && at !== null && Object.hasOwn(at, key)) return (at as Record<string, unknown>)[key];
  throw failed(op, `member '${key}' not found`);
}

function change(op: PatchOp, at: unknown, key: string): void {
  if (Array.isArray(at)) {
    if (op.op === 'add') at.splice(key === '-' ? at.length : indexOf(op, key, at.length), 0, structuredClone(op.value));
    else at.splice(indexOf(op, key, at.length - 1), 1, ...(op.op === 'remove' ? [] : [structuredClone(op.value)]));
    return;
  }
  if (typeof at !== 'object' || at === null) throw failed(op, `member '${key}' not found`);
  const object = at as Record<string, unknown>;
  if (op.op !== 'add' && !Object.hasOwn(object, key)) throw failed(op, `can't ${op.op} a non-existent object '${key}'`);
  if (op.op === 'remove') delete object[key];
  else object[key] = structuredClone(op.value);
}

function indexOf(op: PatchOp, key: string, max: number): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(key)) throw failed(op, `'${key}' is not a valid list index`);
  const index = Number(key);
  if (index > max) throw failed(op, `can't ${op.op === 'add' ? 'insert' : op.op} outside of list`);
  return index;
}
