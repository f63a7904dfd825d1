import { isUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access, Ownership } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { isLogicalName } from '../model/names.ts';
import { type NodeIdent, selectNode } from '../store/nodes.ts';
import type { TextRow } from '../store/text-rows.ts';
import { VERSION_RULES } from '../model/version-rules.ts';

/** Reads what a path or a body calls a node. Throws 400 for what can be neither a UUID nor a name. */
export function nodeIdent(ident: string, version: number): NodeIdent {
  if (isUuid(ident)) return { uuid: ident };
  if (!isLogicalName(ident, VERSION_RULES.logicalNames)) {
    throw errors.InvalidParameterValue(`Expected UUID or name for node_ident: ${ident}`);
  }
  // Before, a name is as good as an unknown UUID.
  if (version < VERSION_RULES.nodeNames) throw errors.NodeNotFound(ident);
  if (!isLogicalName(ident, version)) throw errors.InvalidUuidOrName(ident);
  return { name: ident };
}

/**
 * Reads a node by what a path or a body calls it; undefined when there is none. A name that ends in `.json` reaches us
 * without its end from old clients: it is tried too, as Ironic does.
 */
export async function readNode(
  deps: BaremetalDeps,
  ident: string,
  version: number,
  select: string,
): Promise<TextRow | undefined> {
  const asked = nodeIdent(ident, version);
  const row = await selectNode(deps.store, asked, select);
  if (row !== undefined || 'uuid' in asked || version >= VERSION_RULES.jsonSuffixKept) return row;
  return await selectNode(deps.store, { name: `${asked.name}.json` }, select);
}

/**
 * Refuses a node the caller may not see as if it did not exist (404), then an act it may not do (403).
 */
export function authorise(access: Access, ident: string, target: Ownership, rules: readonly string[]): void {
  if (!access.allows('baremetal:node:get', target)) throw errors.NodeNotFound(ident);
  for (const rule of rules) {
    if (rule !== 'baremetal:node:get' && !access.allows(rule, target)) throw errors.Forbidden(rule);
  }
}

/** A node's columns by name, as PostgreSQL's text. */
export type NodeText<C extends string> = { readonly [K in C | 'uuid' | 'owner' | 'lessee']: string | null } & {
  readonly uuid: string;
};

/**
 * Finds a node the caller may do `rules` to, and reads some of its columns (documents and times as text).
 * Throws NodeNotFound (404, also when it may not be seen) and Forbidden (403).
 */
export async function findNode<C extends string = never>(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  rules: readonly string[],
  columns: readonly C[] = [],
): Promise<NodeText<C>> {
  const all = ['uuid', 'owner', 'lessee', ...columns];
  const row = await readNode(deps, ident, version, all.map((column) => `t.${column}`).join(', '));
  if (row === undefined) throw errors.NodeNotFound(ident);
  const node = Object.fromEntries(all.map((column, i) => [column, row[i] ?? null])) as NodeText<C>;
  authorise(access, ident, node, rules);
  return node;
}
