import type { Reader, Tx } from '#store/contract';
import { noteChange } from './changes.ts';

/** Takes back one token, or with `chain` all that came from the same login. */
export async function revokeToken(tx: Tx, auditId: string, chain: boolean, expiresAt: number): Promise<void> {
  await tx.query({
    text: `insert into identity_revocations (audit_id, chain, expires_at)
           values ($1, $2, to_timestamp($3::double precision / 1000)) on conflict do nothing`,
    values: [auditId, chain, expiresAt],
  });
  await noteChange(tx, chain ? 'chain' : 'token', auditId);
}

/** Takes back all tokens a user has. */
export async function revokeUserTokens(tx: Tx, userId: string): Promise<void> {
  await tx.query({
    text: 'update identity_users set tokens_after = clock_timestamp() where id = $1',
    values: [userId],
  });
  await noteChange(tx, 'user', userId);
}

/** A token, or a chain of them, that was taken back and would not have ended yet. */
export interface Revocation {
  audit_id: string;
  chain: boolean;
}

/** All revocations that still matter, at most `limit` of them. */
export async function readRevocations(reader: Reader, limit: number): Promise<Revocation[]> {
  return await reader.query<Revocation>({
    name: 'identity_revocations_all',
    text: 'select audit_id, chain from identity_revocations where expires_at > now() limit $1',
    values: [limit],
  });
}
