import { errors } from '../../errors.ts';
import type { NodeEdit } from '../../app/update-node.ts';
import { applyPatch, type PatchOp, readPatch, touchedFields, valuesFor } from '../input/patch.ts';
import { readBoolean, readField } from '../input/value.ts';
import { NODE_PATCH_RULES, NODE_RULES, NODES } from '../versions/nodes.ts';
import { type FieldSpec, type ResourceTable, sinceOf } from '../versions/resource.ts';

const FIELDS: Readonly<Record<string, FieldSpec>> = NODES.fields;
const PATCHABLE = Object.keys(FIELDS).filter((name) => FIELDS[name]?.patch === true);

/** Refuses a patch that touches what may not be patched (400) or what the version does not know (406). */
export function checkPatchedFields(
  table: ResourceTable,
  patchable: readonly string[],
  patch: readonly PatchOp[],
  version: number,
): void {
  for (const op of patch) {
    if (!patchable.includes(op.keys[0] as string)) {
      throw errors.Invalid(`Cannot patch ${op.path}. Only the following can be updated: ${patchable.join(', ')}`);
    }
  }
  for (const op of patch) {
    const spec = table.fields[op.keys[0] as string] as FieldSpec;
    if (sinceOf(spec) > version) throw errors.NotAcceptable();
  }
}

function rulesFor(patch: readonly PatchOp[]): string[] {
  const rules = new Set<string>();
  for (const op of patch) {
    const found = NODE_PATCH_RULES.find(([prefix]) => op.path.startsWith(prefix));
    if (found !== undefined) rules.add(found[1]);
    else if (
      op.path === '/automated_clean' &&
      op.op !== 'remove' &&
      op.value !== null &&
      !readBoolean('automated_clean', op.value)
    ) {
      rules.add('baremetal:node:disable_cleaning');
    } else rules.add('baremetal:node:update');
  }
  if (rules.size === 0) rules.add('baremetal:node:update');
  return [...rules];
}

/** Reads a PATCH of a node into the edit the verb does. Throws 400 and 406. */
export function readNodeEdit(
  ident: string,
  version: number,
  body: unknown,
  resetInterfaces: boolean | undefined,
  ifRevision: string | null,
): NodeEdit {
  if (resetInterfaces !== undefined && version < NODE_RULES.resetInterfaces) throw errors.NotAcceptable();
  const patch = readPatch(body);
  checkPatchedFields(NODES, PATCHABLE, patch, version);
  if (resetInterfaces === true && valuesFor(patch, 'driver').length === 0) {
    throw errors.Invalid("The reset_interfaces parameter can only be used when changing the node's driver.");
  }
  const fields = touchedFields(patch);
  const only = patch[0];
  return {
    ident,
    version,
    rules: rulesFor(patch),
    fields,
    apply(current) {
      const patched = applyPatch(current, patch);
      return Object.fromEntries(fields.map((name) => [name, readPatched(name, patched[name])]));
    },
    resetInterfaces: resetInterfaces === true,
    inspectingLocked: version >= NODE_RULES.inspectWait,
    mayUnsetChassis: version >= NODE_RULES.unsetChassis,
    onlyUnsetsInstance: patch.length === 1 && only?.op === 'remove' && only.path === '/instance_uuid',
    ifRevision,
  };
}

function readPatched(name: string, value: unknown): unknown {
  const spec = FIELDS[name] as FieldSpec;
  if (name === 'driver' && (value === null || value === undefined)) {
    throw errors.InvalidParameterValue("Schema error for patch: 'driver' is a required property");
  }
  // A node is named by others' UUIDs in many forms; `linkedNode` reads this one.
  const read = readField('patch', name, name === 'parent_node' ? { ...spec, kind: 'text' } : spec, value);
  return read === null && spec.empty === '{}' ? {} : read;
}
