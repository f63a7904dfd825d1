import { newUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { Access } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { checkTrait } from '../../model/traits.ts';
import { type BackfillNode, markBackfilled, readBackfillNode, resolveNodes } from '../../store/allocations.ts';
import { insertRow } from '../../store/nodes.ts';
import { authorise, findNode } from '../find-node.ts';
import { recordColumns, recordConflict } from '../records/columns.ts';
import { allocationKind, checkAllocationName } from './kind.ts';
import { VERSION_RULES } from '../../model/version-rules.ts';

const MAX_CANDIDATES = 1000;

/** A wish for a machine, as the API read it. */
export interface AllocationWish {
  uuid?: string;
  name?: string;
  resource_class?: string;
  owner?: string;
  traits?: readonly unknown[];
  candidate_nodes?: readonly unknown[];
  extra?: unknown;
  /** Backfill: the active node it is to describe. */
  node?: string;
}

/**
 * Makes an allocation. It is `allocating` until a conductor settles it, a moment later; a backfilled one is active
 * at once. Gives its UUID. Throws 400, 403, 409.
 */
export async function createAllocation(
  deps: BaremetalDeps,
  access: Access,
  version: number,
  wish: AllocationWish,
): Promise<string> {
  const owner = ownerOf(access, wish.owner ?? null);
  checkAllocationName(wish.name, 'create');
  const node = wish.node === undefined ? undefined : await backfilled(deps, access, version, wish.node);
  const resourceClass = wish.resource_class ?? node?.resourceClass ?? null;
  if (resourceClass === null || resourceClass === '') {
    throw errors.Invalid('The resource_class field is mandatory when not backfilling');
  }
  const traits = [...new Set(wish.traits ?? [])];
  for (const trait of traits) checkTrait('allocation', trait);
  const candidates = await candidatesOf(deps, access, wish.candidate_nodes ?? []);
  const uuid = wish.uuid ?? node?.instanceUuid ?? newUuid();
  if (node !== undefined) checkBackfill(node, uuid, resourceClass, traits as string[], candidates);
  const values = {
    uuid,
    name: wish.name ?? null,
    resource_class: resourceClass,
    owner,
    traits,
    candidate_nodes: candidates,
    extra: wish.extra ?? {},
    node_uuid: node?.uuid ?? null,
    state: node === undefined ? 'allocating' : 'active',
  };
  try {
    await deps.store.tx(async (tx) => {
      await deps.quotas?.check(tx, owner, 'baremetal_allocations', 1);
      await insertRow(tx, 'allocations', recordColumns(allocationKind, deps.sealer, uuid, values), 't.uuid');
      if (node !== undefined && !(await markBackfilled(tx, node.uuid, uuid))) {
        throw errors.NodeAssociated(node.uuid, node.instanceUuid ?? 'unknown');
      }
      if (node !== undefined) tx.changed('nodes', node.uuid);
      tx.changed('allocations', uuid);
    });
  } catch (error) {
    throw recordConflict(allocationKind, error, values, uuid);
  }
  return uuid;
}

/** The system's callers choose the owner; a project's get their own. */
function ownerOf(access: Access, asked: string | null): string | null {
  if (access.allows('baremetal:allocation:create', { owner: asked ?? access.projectId })) {
    if (access.system || access.projectId === null) return asked;
    if (asked === null || asked === access.projectId) return access.projectId;
    if (!access.allows('baremetal:allocation:create_restricted', { owner: asked })) {
      throw errors.Forbidden('baremetal:allocation:create_restricted');
    }
    return asked;
  }
  if (asked !== null && asked !== access.projectId) throw errors.Forbidden('baremetal:allocation:create');
  if (!access.allows('baremetal:allocation:create_restricted', { owner: access.projectId })) {
    throw errors.Forbidden('baremetal:allocation:create');
  }
  return access.projectId;
}

/** Brings candidates to UUIDs in their order. Foreign nodes are as good as none. */
async function candidatesOf(deps: BaremetalDeps, access: Access, asked: readonly unknown[]): Promise<string[]> {
  if (asked.length === 0) return [];
  if (asked.length > MAX_CANDIDATES) throw errors.Invalid(`At most ${MAX_CANDIDATES} candidate nodes can be named`);
  const idents = asked.map((ident) => {
    if (typeof ident === 'string') return ident;
    throw errors.InvalidParameterValue("Schema error for allocation: a candidate node is not of type 'string'");
  });
  const found = await resolveNodes(deps.store, idents, access.system ? null : access.projectId);
  return idents.map((ident) => {
    const uuid = found.get(ident) ?? found.get(ident.toLowerCase());
    if (uuid === undefined) throw errors.Invalid(`Node ${ident.slice(0, 100)} could not be found.`);
    return uuid;
  });
}

async function backfilled(deps: BaremetalDeps, access: Access, version: number, ident: string): Promise<BackfillNode> {
  if (version < VERSION_RULES.allocationNode)
    throw errors.Invalid('Cannot set node when creating an allocation in this API version');
  let uuid: string;
  try {
    ({ uuid } = await findNode(deps, access, ident, version, []));
  } catch (cause) {
    throw errors.Invalid(`Node ${ident.slice(0, 100)} could not be found.`, { cause });
  }
  const node = await readBackfillNode(deps.store, uuid);
  if (node === undefined) throw errors.Invalid(`Node ${ident.slice(0, 100)} could not be found.`);
  authorise(access, ident, node, ['baremetal:node:update:instance_uuid']);
  return node;
}

function checkBackfill(
  node: BackfillNode,
  uuid: string,
  resourceClass: string,
  traits: readonly string[],
  candidates: readonly string[],
): void {
  if (node.allocationUuid !== null) throw errors.NodeAssociated(node.uuid, node.allocationUuid);
  if (node.instanceUuid !== null && node.instanceUuid !== uuid)
    throw errors.NodeAssociated(node.uuid, node.instanceUuid);
  const wrong: string[] = [];
  if (node.provisionState !== 'active') {
    wrong.push(`Node must be in the "active" state, but the current state is "${node.provisionState}"`);
  }
  if (node.resourceClass !== resourceClass) {
    wrong.push(`Resource class ${node.resourceClass} does not match the requested one ${resourceClass}`);
  }
  if (traits.some((trait) => !node.traits.includes(trait))) {
    wrong.push('List of traits of the node does not include all the requested ones');
  }
  if (candidates.length > 0 && !candidates.includes(node.uuid)) {
    wrong.push('Candidate nodes must be empty or contain the target node');
  }
  if (wrong.length > 0) {
    throw errors.Conflict(
      `Failed to process allocation ${uuid}: Cannot backfill an allocation for node ${node.uuid}: ${wrong.join('; ')}.`,
    );
  }
}
