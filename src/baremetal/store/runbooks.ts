import type { Reader } from '#store/contract';
import type { Document } from '../model/node.ts';
import { prepared } from './prepared.ts';

/** What a runbook does, steps in their order. */
export async function stepsOfRunbook(
  reader: Reader,
  uuid: string,
): Promise<{ steps: Document[]; disableRamdisk: boolean } | undefined> {
  const rows = await reader.query<{ steps: string; disable_ramdisk: boolean }>(
    prepared('select steps, disable_ramdisk from runbooks where uuid = $1', [uuid]),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return { steps: inOrder(row.steps), disableRamdisk: row.disable_ramdisk };
}

/** A runbook as above, and whether it is meant for the node: they share a trait, or its name is one of the node's. */
export async function cleaningRunbook(
  reader: Reader,
  column: 'uuid' | 'name',
  ident: string,
  nodeUuid: string,
): Promise<{ steps: Document[]; disableRamdisk: boolean; meant: boolean } | undefined> {
  const rows = await reader.query<{ steps: string; disable_ramdisk: boolean; meant: boolean }>(
    prepared(
      `select r.steps, r.disable_ramdisk, (r.traits && n.traits or r.name = any(n.traits)) as meant
       from runbooks r cross join nodes n where r.${column} = $1 and n.uuid = $2`,
      [ident, nodeUuid],
    ),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return { steps: inOrder(row.steps), disableRamdisk: row.disable_ramdisk, meant: row.meant };
}

function inOrder(steps: string): Document[] {
  return (JSON.parse(steps) as Document[]).sort((a, b) => Number(a['order'] ?? 0) - Number(b['order'] ?? 0));
}
