import { noteWaitingOff, type WatchedRow } from '../../store/power-sync.ts';
import { WAKE } from '../operation.ts';
import { readProgress } from '../progress.ts';
import type { ConductorSide } from '../side.ts';

/**
 * The machine that an operation waits for is off and had to stay on: noted, and the operation is woken, which looks for
 * itself before it gives up. False: it went on meanwhile, to another wait perhaps.
 */
export async function tellItIsOff(side: ConductorSide, row: WatchedRow): Promise<boolean> {
  const { store, work, log } = side;
  if (row.operation_id === null) return true;
  const { awaiting, phase } = readProgress(row.progress, '');
  const event = `The machine is off while it is waited for (${awaiting?.what ?? phase})`;
  if (row.power_state !== 'power off') {
    if (!(await noteWaitingOff(store, row, { event, conductor: work.lease.host }))) return false;
    log.warn({ node: row.uuid }, event);
    store.changes.announce('nodes', row.uuid);
  }
  await work.signalNow(row.operation_id, WAKE, null);
  return true;
}
