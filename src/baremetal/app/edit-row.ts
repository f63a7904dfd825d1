import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { addHistory, type HistoryNote } from '../store/history.ts';
import { updateRow } from '../store/nodes.ts';
import { findNode, type NodeText } from './find-node.ts';

/** What a verb does to a node's row: new column values, and what its history shall say. null: nothing. */
export type RowEdit = { columns: Record<string, unknown>; note?: EditNote } | null;

/** An entry of the history, told with an edit. */
export type EditNote = Pick<HistoryNote, 'type' | 'event'>;

export interface RowEditRequest<C extends string> {
  ident: string;
  version: number;
  rules: readonly string[];
  /** Columns `make` looks at. */
  columns: readonly C[];
}

const TRIES = 8;

/**
 * Edits columns of a node that is not locked: reads it, asks `make` what to change, and writes unless somebody else
 * wrote in between; then it starts again. Gives the node as it was read. Throws 403, 404, 409.
 */
export async function editRow<C extends string>(
  deps: BaremetalDeps,
  access: Access,
  request: RowEditRequest<C>,
  make: (node: NodeText<C>) => RowEdit,
): Promise<NodeText<C>> {
  const { ident, version, rules } = request;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const columns = [...request.columns, 'reservation', 'revision'] as const;
    const node = await findNode(deps, access, ident, version, rules, columns);
    const edit = make(node as NodeText<C>);
    if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation, { retryAfter: 1 });
    const at = { uuid: node.uuid, revision: node.revision as string };
    if (edit === null || (await writeNode(deps, access, at, edit.columns, { note: edit.note })) !== undefined) {
      return node as NodeText<C>;
    }
  }
  throw errors.EditRace(`Node ${ident}`, { retryAfter: 1 });
}

/** What goes with an edit, in one transaction. */
export interface EditExtras {
  /** Checked first; throws when the edit may not be. */
  first?: ((tx: Tx) => Promise<void>) | undefined;
  /** An entry in the node's history. */
  note?: EditNote | undefined;
  /** More to write. */
  also?: ((tx: Tx) => Promise<void>) | undefined;
}

/**
 * Writes an edit of a node still at its revision, and tells that the node changed. Gives the row's columns `select`,
 * undefined when somebody else was first; then nothing was written.
 */
export async function writeNode(
  deps: BaremetalDeps,
  access: Access,
  at: { uuid: string; revision: string },
  columns: Readonly<Record<string, unknown>>,
  { first, note, also }: EditExtras,
  select = 't.uuid',
) {
  if (first === undefined && note === undefined && also === undefined) {
    const row = await updateRow(deps.store, 'nodes', at, columns, select);
    if (row !== undefined) deps.store.changes.announce('nodes', at.uuid);
    return row;
  }
  return await deps.store.tx(async (tx) => {
    await first?.(tx);
    const row = await updateRow(tx, 'nodes', at, columns, select);
    if (row === undefined) return undefined;
    const { userId, projectId } = access.actor;
    if (note !== undefined) {
      await addHistory(tx, [{ ...note, nodeUuid: at.uuid, conductor: null, severity: 'INFO', userId, projectId }]);
    }
    await also?.(tx);
    tx.changed('nodes', at.uuid);
    return row;
  });
}
