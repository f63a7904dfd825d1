import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { checkTraitCount } from '../model/traits.ts';
import { textRows } from '../store/text-rows.ts';
import { editRow } from './edit-row.ts';
import { findNode } from './find-node.ts';

/** Traits of a node, sorted. */
export async function listTraits(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
): Promise<string[]> {
  const node = await findNode(deps, access, ident, version, ['baremetal:node:traits:list']);
  const text = 'select array_to_json(traits) from nodes where uuid = $1';
  const [row] = await textRows(deps.store, { name: 'bm_traits', text, values: [node.uuid] });
  return JSON.parse(row?.[0] ?? '[]') as string[];
}

/** How traits change: all replaced, one added, one or all removed. */
export type TraitChange = { set: readonly string[] } | { add: string } | { remove: string } | { clear: true };

/** Changes a node's traits. Throws 400 (too many), 404 (the trait to be removed is not there), 409. */
export async function changeTraits(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  change: TraitChange,
): Promise<void> {
  const removes = 'remove' in change || 'clear' in change;
  const rules = [`baremetal:node:traits:${removes ? 'delete' : 'set'}`];
  await editRow(deps, access, { ident, version, rules, columns: ['traits'] }, (node) => {
    const old = parseArray(node.traits ?? '{}');
    const next = new Set('set' in change ? change.set : 'clear' in change ? [] : old);
    if ('add' in change) next.add(change.add);
    if ('remove' in change && !next.delete(change.remove)) throw errors.NodeTraitNotFound(node.uuid, change.remove);
    if (!removes) checkTraitCount(node.uuid, next.size);
    if (next.size === old.length && old.every((trait) => next.has(trait))) return null;
    return { columns: { traits: [...next].sort() } };
  });
}

/** PostgreSQL's text of an array of traits, which need no quotes. */
function parseArray(text: string): string[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',');
}
