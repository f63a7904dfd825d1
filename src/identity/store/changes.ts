import type { Reader, Tx } from '#store/contract';

/** What remembered tokens a change may make wrong. `all`: any of them. */
export type ChangeKind = 'user' | 'project' | 'token' | 'chain' | 'credential' | 'catalog' | 'keys' | 'limits' | 'all';

/** Topic of the change feed that wakes the readers of `identity_changes`. */
export const CHANGE_TOPIC = 'identity';

/** Writes a change down with the transaction that makes it, and wakes the other processes after its commit. */
export async function noteChange(tx: Tx, kind: ChangeKind, subject = ''): Promise<void> {
  await tx.query({
    name: 'identity_change_note',
    text: 'insert into identity_changes (kind, subject) values ($1, $2)',
    values: [kind, subject],
  });
  tx.changed(CHANGE_TOPIC, kind);
}

export interface NotedChange {
  id: string;
  kind: ChangeKind;
  subject: string;
}

/**
 * All changes whose transaction was not yet over at `cursor`, and the cursor for the next time. Transactions
 * end in another order than they begin: reading from the oldest one that was still running misses none, and
 * gives some twice. `cursor` null gives only a cursor.
 */
export async function readChanges(
  reader: Reader,
  cursor: string | null,
): Promise<{ cursor: string; changes: NotedChange[] }> {
  const rows = await reader.query<{ horizon: string; id: string | null; kind: ChangeKind; subject: string }>({
    name: 'identity_changes_since',
    text: `select h.horizon::text as horizon, c.id::text as id, c.kind, c.subject
           from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
           left join identity_changes c on c.xid >= $1::xid8
           order by c.xid, c.id`,
    values: [cursor ?? '18446744073709551615'],
  });
  const changes: NotedChange[] = [];
  for (const { id, kind, subject } of rows) if (id !== null) changes.push({ id, kind, subject });
  return { cursor: rows[0]?.horizon ?? '0', changes };
}

/** Removes changes and revocations nobody can need any more. */
export async function pruneChanges(reader: Reader): Promise<void> {
  await reader.query({ text: `delete from identity_changes where created_at < now() - interval '2 days'` });
  await reader.query({ text: 'delete from identity_revocations where expires_at < now()' });
}
