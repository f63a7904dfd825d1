import type { ConsoleNode } from '#contracts/console';
import type { PolicyTarget } from '#http/contract';
import { errors } from '../errors.ts';
import type { Scope } from '../model/scope.ts';
import type { Tenancy } from '../model/tenancy.ts';
import { scopeOf } from '../model/viewer.ts';
import { tenanciesOf } from '../store/tenancies.ts';
import type { Room } from './room.ts';

/** Somebody who asks, as far as policy goes. */
export type Allows = (rule: string, target: PolicyTarget) => boolean;

/** A node and what a caller may see of its console. */
export interface Viewed {
  node: ConsoleNode;
  scope: Scope;
  /** The tenancy the node has now. */
  now: Tenancy | null;
}

/**
 * Finds a node whose console the caller may see something of by `rule`. Throws 404 for nodes that are none of the
 * caller's business, 403 where it may see the node and not the console.
 */
export async function viewNode(room: Room, allows: Allows, ident: string, rule: string): Promise<Viewed> {
  const node = await room.machines.find(ident);
  if (node === undefined) {
    allows(rule, {});
    throw errors.NodeNotFound(ident);
  }
  const tenancies = await tenanciesOf(room.store, node.uuid);
  const scope = scopeOf((target) => allows(rule, target), tenancies);
  if (scope === undefined) {
    if (!allows('baremetal:node:get', { owner: node.owner, lessee: node.lessee })) throw errors.NodeNotFound(ident);
    throw errors.ConsoleForbidden(rule);
  }
  return { node, scope, now: tenancies.find(({ open }) => open) ?? null };
}
