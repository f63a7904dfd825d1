import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import type { Access, Ownership } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { chooseInterfaces, offerFor } from '../model/interface-choice.ts';
import { INTERFACE_KINDS } from '../model/interfaces.ts';
import { checkNetworkData } from '../model/network-data.ts';
import {
  DOCUMENT_FIELDS,
  INTERFACE_FIELDS,
  interfaceField,
  interfacesOf,
  SECRET_PLACES,
  toColumns,
} from '../model/node-fields.ts';
import { type SecretPlace, type SecretValues, secretAad } from '../model/secrets.ts';
import { checkDelta, checkEditable, type EditedNode } from '../model/update-rules.ts';
import { allocationOwner, deleteAllocation, selectNode } from '../store/nodes.ts';
import type { TextRow } from '../store/text-rows.ts';
import { writeNode } from './edit-row.ts';
import { authorise, readNode } from './find-node.ts';
import { maintenanceNote } from './maintenance.ts';
import { nodeConflict } from './node-conflicts.ts';
import { checkBootMode, checkNodeName, checkProperties, linkedNode, readConductorGroup } from './node-rules.ts';

/** An edit of a node, as a PATCH asks for it. */
export interface NodeEdit {
  ident: string;
  version: number;
  /** Rules the caller must pass. */
  rules: readonly string[];
  /** Root fields it touches. */
  fields: readonly string[];
  /** Gives those fields' new values from their old ones. May be called again when somebody else was quicker. */
  apply(current: Readonly<Record<string, unknown>>): Record<string, unknown>;
  resetInterfaces: boolean;
  /** The client knows `inspect wait`: `inspecting` is closed to it. */
  inspectingLocked: boolean;
  mayUnsetChassis: boolean;
  /** It does nothing but take the instance away; allowed in maintenance whatever the node is doing. */
  onlyUnsetsInstance: boolean;
  /** Revision the client saw; null when it does not care. */
  ifRevision: string | null;
}

/** Read with every edit, whatever it touches. */
const FACTS = [
  'uuid',
  'revision',
  'owner',
  'lessee',
  'provision_state',
  'target_provision_state',
  'maintenance',
  'instance_uuid',
  'resource_class',
  'allocation_uuid',
  'console_enabled',
  'reservation',
  'driver',
  'conductor_group',
  'instance_name',
];

const BOOLEANS = new Set([
  'maintenance',
  'protected',
  'retired',
  'automated_clean',
  'console_enabled',
  'disable_power_off',
  'secure_boot',
]);

const TRIES = 8;

/**
 * Edits a node: reads it, applies the edit, checks the rules, and writes if nobody else wrote in between; else
 * starts again from what is there now. Gives the row's columns `select`. Throws 400, 403, 404, 409, 412.
 */
export async function updateNode(
  deps: BaremetalDeps,
  access: Access,
  edit: NodeEdit,
  select: string,
): Promise<TextRow> {
  const { columns, read } = readingFor(edit.fields);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const row = await readNode(deps, edit.ident, edit.version, read);
    if (row === undefined) throw errors.NodeNotFound(edit.ident);
    const text = new Map(columns.map((column, i) => [column, row[i] ?? null]));
    const done = await attemptEdit(deps, access, edit, text, select);
    if (done !== undefined) return done;
  }
  throw errors.EditRace(`Node ${edit.ident}`, { retryAfter: 1 });
}

/** What an edit of some fields reads; kept, as clients edit the same fields again and again. */
interface Reading {
  columns: readonly string[];
  /** For `select`. */
  read: string;
}

const MOST_READINGS = 256;
const readings = new Map<string, Reading>();

function readingFor(fields: readonly string[]): Reading {
  const key = fields.join();
  let reading = readings.get(key);
  if (reading === undefined) {
    const columns = columnsFor(fields);
    reading = { columns, read: columns.map((column) => `t.${column} c`).join(', ') };
    if (readings.size >= MOST_READINGS) readings.clear();
    readings.set(key, reading);
  }
  return reading;
}

function columnsFor(fields: readonly string[]): string[] {
  const columns = new Set([...FACTS, ...fields]);
  if (fields.some((field) => field === 'driver' || INTERFACE_FIELDS.includes(field))) {
    for (const field of INTERFACE_FIELDS) columns.add(field);
  }
  for (const field of fields) if (SECRET_PLACES.has(field)) columns.add(`${field}_sealed`);
  for (const flag of ['protected', 'retired']) if (columns.has(`${flag}_reason`)) columns.add(flag);
  return [...columns];
}

function valueOf(field: string, text: string | null): unknown {
  if (text === null) return null;
  if (BOOLEANS.has(field)) return text === 't';
  return DOCUMENT_FIELDS.has(field) ? (JSON.parse(text) as unknown) : text;
}

async function attemptEdit(
  deps: BaremetalDeps,
  access: Access,
  edit: NodeEdit,
  text: ReadonlyMap<string, string | null>,
  select: string,
): Promise<TextRow | undefined> {
  const before = (field: string): unknown => valueOf(field, text.get(field) ?? null);
  const uuid = text.get('uuid') as string;
  const owner = text.get('owner') ?? null;
  const target = { owner, lessee: text.get('lessee') ?? null };
  authorise(access, edit.ident, target, edit.rules);
  const revision = text.get('revision') as string;
  if (edit.ifRevision !== null && edit.ifRevision !== revision) throw errors.PreconditionFailed(`Node ${edit.ident}`);
  const node = {
    uuid,
    provisionState: text.get('provision_state') as string,
    targetProvisionState: text.get('target_provision_state') ?? null,
    maintenance: before('maintenance') === true,
    instanceUuid: text.get('instance_uuid') ?? null,
    resourceClass: text.get('resource_class') ?? null,
    allocationUuid: text.get('allocation_uuid') ?? null,
    consoleEnabled: before('console_enabled') === true,
  };
  if (!(node.maintenance && edit.onlyUnsetsInstance)) checkEditable(node, edit.ident, edit.inspectingLocked);

  const current = Object.fromEntries(edit.fields.map((field) => [field, before(field)]));
  const values = edit.apply(current);
  await readLinks(deps, access, edit, values, owner);
  if (values['owner'] !== undefined && values['owner'] !== null) await checkOwnerChange(deps, access, node, target);
  // Documents are compared masked: one that comes back as it was shown is no change.
  const delta = new Map(Object.entries(values).filter(([field, value]) => !isDeepStrictEqual(value, current[field])));
  if (delta.get('chassis_uuid') === null && !edit.mayUnsetChassis) throw errors.NotAcceptable();
  addConsequences(delta, before);
  const after = (field: string) => (delta.has(field) ? delta.get(field) : before(field));
  if (delta.has('properties')) checkProperties(uuid, delta.get('properties'));
  checkDelta(node, edit.ident, delta, after);
  const group = (after('conductor_group') as string | null) ?? '';
  if (delta.has('driver') || delta.has('conductor_group') || INTERFACE_FIELDS.some((field) => delta.has(field))) {
    const offer = await offerFor(deps.catalogue, after('driver') as string, group);
    if (delta.has('driver') || INTERFACE_FIELDS.some((field) => delta.has(field))) {
      const keep = (field: string) =>
        edit.resetInterfaces && delta.has('driver') ? (delta.get(field) ?? null) : after(field);
      const asked = interfacesOf(Object.fromEntries(INTERFACE_FIELDS.map((field) => [field, keep(field)])));
      const chosen = chooseInterfaces(deps.catalogue, offer, uuid, asked);
      for (const kind of INTERFACE_KINDS) {
        const field = interfaceField(kind);
        if (chosen[kind] !== before(field)) delta.set(field, chosen[kind]);
        else delta.delete(field);
      }
    }
  }
  const holder = text.get('reservation') ?? null;
  if (holder !== null) throw errors.NodeLocked(uuid, holder, { retryAfter: 1 });
  if (delta.size === 0) return await selectNode(deps.store, { uuid }, select);

  const kept: Partial<Record<SecretPlace, SecretValues>> = {};
  for (const field of delta.keys()) {
    const sealed = text.get(`${field}_sealed`);
    if (sealed)
      kept[field as SecretPlace] = deps.sealer.open<SecretValues>(sealed, secretAad(uuid, field as SecretPlace));
  }
  // Without its instance a node serves no allocation any more.
  const { allocationUuid } = node;
  const freed = delta.get('instance_uuid') === null && allocationUuid !== null ? allocationUuid : null;
  if (freed !== null) delta.set('allocation_uuid', null);
  const changes = toColumns(deps.sealer, uuid, Object.fromEntries(delta), kept);
  const maintenance = delta.get('maintenance');
  const note = typeof maintenance === 'boolean' ? maintenanceNote(maintenance, null) : undefined;
  // Another owner gets it on top of what it has.
  const newOwner = delta.get('owner');
  const { quotas } = deps;
  const first =
    typeof newOwner === 'string' && quotas !== undefined
      ? (tx: Tx) => quotas.check(tx, newOwner, 'baremetal_nodes', 1)
      : undefined;
  const also = freed === null ? undefined : (tx: Tx) => deleteAllocation(tx, freed);
  try {
    return await writeNode(deps, access, { uuid, revision }, changes, { first, note, also }, select);
  } catch (error) {
    throw nodeConflict(error, uuid, Object.fromEntries(delta));
  }
}

/** A node in use, or allocated to somebody, does not change hands. */
async function checkOwnerChange(
  deps: BaremetalDeps,
  access: Access,
  node: EditedNode,
  target: Ownership,
): Promise<void> {
  if (node.provisionState === 'active' && !access.allows('baremetal:node:update_owner_provisioned', target)) {
    throw errors.Conflict(`Cannot update owner of node "${node.uuid}" while it is in state "active".`);
  }
  if (node.allocationUuid !== null && (await allocationOwner(deps.store, node.allocationUuid)) !== null) {
    throw errors.Conflict(
      `Cannot update owner of node "${node.uuid}" while it is allocated to an allocation with an  owner.`,
    );
  }
}

/** Checks what the new values of single fields lead to, and brings them into their stored form. */
async function readLinks(
  deps: BaremetalDeps,
  access: Access,
  edit: NodeEdit,
  values: Record<string, unknown>,
  owner: string | null,
): Promise<void> {
  const parent = values['parent_node'];
  if (typeof parent === 'string') {
    values['parent_node'] = await linkedNode(deps, access, 'parent_node', parent, owner, edit.version);
  }
  const name = values['name'];
  if (typeof name === 'string') {
    checkNodeName(name, edit.version, `Node ${edit.ident}: Cannot change name to invalid name '${name}'`);
  }
  if (values['properties'] !== undefined) checkBootMode(deps, values['properties']);
  if (values['network_data'] !== undefined) checkNetworkData(values['network_data']);
  if (values['conductor_group'] !== undefined) {
    values['conductor_group'] = readConductorGroup((values['conductor_group'] as string | null) ?? '');
  }
  for (const flag of ['protected', 'retired', 'maintenance', 'disable_power_off']) {
    if (values[flag] === null) values[flag] = false;
  }
}

/** What follows from an edit: reasons and faults that end with their cause, the instance's name. */
function addConsequences(delta: Map<string, unknown>, before: (field: string) => unknown): void {
  if (delta.get('maintenance') === false) {
    delta.set('maintenance_reason', null);
    delta.set('fault', null);
  }
  for (const flag of ['protected', 'retired']) {
    if (delta.get(flag) === false) delta.set(`${flag}_reason`, null);
  }
  const info = delta.get('instance_info') as Record<string, unknown> | null | undefined;
  const name = info?.['display_name'];
  if (typeof name === 'string' && name !== '' && !delta.has('instance_name') && before('instance_name') === null) {
    delta.set('instance_name', name);
  }
}
