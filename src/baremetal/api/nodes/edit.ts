import { errors } from '../../errors.ts';
import type { NodeEdit } from '../../app/update-node.ts';
import { applyTo, checkPatch, type Patch, patchableFields, touchedFields, valuesFor } from '../input/patch.ts';
import { readBoolean, readField } from '../input/value.ts';
import { NODE_PATCH_RULES, NODE_RULES, NODES } from '../versions/nodes.ts';
import type { FieldSpec } from '../versions/resource.ts';
import { VERSION_RULES } from '../../model/version-rules.ts';

const FIELDS: Readonly<Record<string, FieldSpec>> = NODES.fields;
const PATCHABLE = patchableFields(NODES);

function rulesFor(patch: Patch): string[] {
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
  const patch = body as Patch;
  checkPatch(NODES, PATCHABLE, patch, version);
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
      const patched = applyTo(current, patch);
      return Object.fromEntries(Object.entries(patched).map(([name, value]) => [name, readPatched(name, value)]));
    },
    resetInterfaces: resetInterfaces === true,
    inspectingLocked: version >= VERSION_RULES.inspectWait,
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
