import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { findNode } from './find-node.ts';
import { listNodes } from './list-nodes.ts';

/** UUIDs of a node's children that the caller may see. */
export async function listChildren(deps: BaremetalDeps, access: Access, ident: string, version: number) {
  const { uuid } = await findNode(deps, access, ident, version, []);
  const page = { limit: 100_000, marker: null, sort: null, descending: false };
  const rows = await listNodes(deps, access, { parent_node: uuid }, page, 't.uuid');
  return { uuid, children: rows.map((row) => row[0] as string) };
}
