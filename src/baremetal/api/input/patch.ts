import { applyPatch, type PatchOperation } from '#http/patch';
import { errors } from '../../errors.ts';
import { type FieldSpec, type ResourceTable, sinceOf } from '../versions/resource.ts';

/** A JSON patch as the server checked it, its shape right and nothing more. */
export type Patch = readonly PatchOperation[];

/** The root field an operation touches. */
export function rootOf(op: PatchOperation): string {
  return (op.path.split('/', 2)[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Names of the root fields a patch touches, each once, in order. */
export function touchedFields(patch: Patch): string[] {
  return [...new Set(patch.map(rootOf))];
}

/** Values a patch gives to a whole field. */
export function valuesFor(patch: Patch, field: string): unknown[] {
  return patch.filter((op) => op.path === `/${field}` && op.op !== 'remove').map((op) => op.value);
}

/** Names of the fields a table lets PATCH touch. */
export function patchableFields(table: ResourceTable): string[] {
  return Object.entries<FieldSpec>(table.fields)
    .filter(([, spec]) => spec.patch === true)
    .map(([name]) => name);
}

/** Refuses a patch that touches what may not be patched (400) or what the version does not know (406). */
export function checkPatch(table: ResourceTable, patchable: readonly string[], patch: Patch, version: number): void {
  for (const op of patch) {
    if (!patchable.includes(rootOf(op))) {
      throw errors.Invalid(`Cannot patch ${op.path}. Only the following can be updated: ${patchable.join(', ')}`);
    }
  }
  for (const op of patch) if (sinceOf(table.fields[rootOf(op)] ?? {}) > version) throw errors.NotAcceptable();
}

/**
 * Applies a patch to the fields it touches, given with their values. Gives their new values; a removed one is null.
 * Throws 400 when a path leads nowhere.
 */
export function applyTo(current: Readonly<Record<string, unknown>>, patch: Patch): Record<string, unknown> {
  const fields = touchedFields(patch);
  const { document } = applyPatch({ ...current }, patch, { roots: new Set(fields) });
  return Object.fromEntries(fields.map((field) => [field, document[field] ?? null]));
}
