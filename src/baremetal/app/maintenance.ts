import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { type EditNote, editRow } from './edit-row.ts';

/** What the history says of maintenance that begins or ends. */
export function maintenanceNote(on: boolean, reason: string | null): EditNote {
  const why = reason === null || reason === '' ? '' : `: ${reason}`;
  return { type: 'maintenance', event: on ? `Put into maintenance${why}` : 'Taken out of maintenance' };
}

/** Puts a node into maintenance, or takes it out; the fault that may have put it there goes with it. */
export async function setMaintenance(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  on: boolean,
  reason: string | null,
): Promise<void> {
  const rules = [`baremetal:node:${on ? 'set' : 'clear'}_maintenance`];
  await editRow(deps, access, { ident, version, rules, columns: ['maintenance'] }, (node) => ({
    columns: { maintenance: on, maintenance_reason: reason, ...(on ? {} : { fault: null }) },
    ...((node.maintenance === 't') === on ? {} : { note: maintenanceNote(on, reason) }),
  }));
}
