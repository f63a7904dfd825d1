import type { Reader } from '#store/contract';
import type { Ticket } from '../sessions/ticket.ts';

/** A session as it is asked for. */
export interface NewSession {
  id: string;
  tokenHash: Buffer;
  node: string;
  kind: Ticket['kind'];
  mode: Ticket['mode'];
  /** Null: everything. */
  tenancy: number | null;
  userId: string | null;
  userName: string | null;
  projectId: string | null;
  loginSealed: string;
  source: string;
  expiresInMs: number;
}

/** A session whose token was just used. */
export interface UsedSession {
  ticket: Ticket;
  loginSealed: string;
  source: string;
}

/** Writes a new session; gives when its token ends. Those of yesterday go. */
export async function addSession(reader: Reader, one: NewSession): Promise<Date> {
  const rows = await reader.query<{ expires_at: string }>({
    text: `with old as (delete from console_sessions where created_at < now() - interval '1 day')
      insert into console_sessions
        (id, token_hash, node_uuid, kind, mode, tenancy_id, user_id, user_name, project_id, login_sealed, source, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + $12 * interval '1 millisecond')
      returning to_char(expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as expires_at`,
    values: [
      one.id,
      one.tokenHash,
      one.node,
      one.kind,
      one.mode,
      one.tenancy,
      one.userId,
      one.userName,
      one.projectId,
      one.loginSealed,
      one.source,
      one.expiresInMs,
    ],
  });
  return new Date(rows[0]?.expires_at ?? 0);
}

/** Uses a token up. Undefined: it is unknown, used, or too old. Whoever comes second gets nothing. */
export async function useToken(reader: Reader, tokenHash: Buffer): Promise<UsedSession | undefined> {
  const rows = await reader.query<{
    id: string;
    node_uuid: string;
    kind: Ticket['kind'];
    mode: Ticket['mode'];
    tenancy_id: string | null;
    user_name: string | null;
    login_sealed: string;
    source: string;
  }>({
    text: `update console_sessions set used_at = now() where token_hash = $1 and used_at is null and expires_at > now()
      returning id, node_uuid, kind, mode, tenancy_id::text, user_name, login_sealed, source`,
    values: [tokenHash],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    ticket: {
      id: row.id,
      node: row.node_uuid,
      kind: row.kind,
      mode: row.mode,
      scope: row.tenancy_id === null ? 'all' : Number(row.tenancy_id),
      userName: row.user_name ?? 'somebody',
    },
    loginSealed: row.login_sealed,
    source: row.source,
  };
}
