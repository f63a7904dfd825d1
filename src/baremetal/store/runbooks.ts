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
  const steps = (JSON.parse(row.steps) as Document[]).sort((a, b) => Number(a['order'] ?? 0) - Number(b['order'] ?? 0));
  return { steps, disableRamdisk: row.disable_ramdisk };
}
