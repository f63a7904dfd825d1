import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { OvsdbClient, Row } from '#protocols/ovsdb/index';
import type { Store } from '#store/contract';
import { writePortStates } from '../store/dirty.ts';
import { keyOf } from './view.ts';

const COALESCE_MS = 30;
const AGAIN_MS = 2_000;
/** The topic of the change feed for ports whose status OVN changed. */
export const PORT_TOPIC = 'network.port';

/** Writes into the truth what OVN says of ports: ACTIVE once a chassis carries them, DOWN else. */
export function followPortStates(nb: OvsdbClient, store: Store, clock: Clock, log: Log): () => void {
  const waiting = new Map<string, boolean>();
  let cancel: (() => void) | undefined;
  let writing = false;
  const see = (row: Row | null) => {
    const key = keyOf(row);
    if (row === null || key?.startsWith('port:') !== true || row['type'] !== '' || key.includes('/')) return;
    waiting.set(key.slice('port:'.length), row['up'] === true);
  };
  const schedule = (ms: number) => {
    if (cancel !== undefined || writing || waiting.size === 0) return;
    cancel = clock.after(ms, () => void write());
  };
  const write = async () => {
    cancel = undefined;
    if (!nb.locked) return;
    writing = true;
    const batch = new Map(waiting);
    waiting.clear();
    let next = COALESCE_MS;
    try {
      const changed = await writePortStates(store, batch);
      if (changed.length > 0) store.changes.announce(PORT_TOPIC, ...changed);
    } catch (error) {
      for (const [id, up] of batch) if (!waiting.has(id)) waiting.set(id, up);
      log.debug({ err: error }, 'the states of ports could not be written');
      next = AGAIN_MS;
    }
    writing = false;
    schedule(next);
  };
  const ways = [
    nb.onChange((changes) => {
      for (const { table, old, row } of changes) {
        if (table === 'Logical_Switch_Port' && (old === null || old['up'] !== row?.['up'])) see(row);
      }
      schedule(COALESCE_MS);
    }),
    nb.onState(() => {
      if (!nb.locked) return;
      for (const row of nb.cache.table('Logical_Switch_Port').values()) see(row);
      schedule(COALESCE_MS);
    }),
  ];
  return () => {
    cancel?.();
    for (const way of ways) way();
  };
}
