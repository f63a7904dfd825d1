import { createHash } from 'node:crypto';
import type { Random } from '#kernel/random';
import type { Reader } from '#store/contract';

export interface Ticket {
  kind: 'fetch' | 'capture';
  node_uuid: string;
  content_id: string | null;
  image_id: string | null;
}

const hashOf = (nonce: string) => createHash('sha256').update(nonce).digest('hex');

/** Makes an address good for one node until it expires; gives its secret part. Old ones of other times are removed. */
export async function issueTicket(
  reader: Reader,
  random: Random,
  ticket: Ticket & { host: string; lifetimeMs: number },
): Promise<{ nonce: string; expiresAt: number }> {
  const nonce = random.bytes(24).toString('base64url');
  await reader.query({
    name: 'image.ticket.sweep',
    text: "delete from image_tickets where expires_at < now() - interval '1 day'",
  });
  const rows = await reader.query<{ ms: number }>({
    name: 'image.ticket.issue',
    text: `insert into image_tickets (nonce_hash, kind, host, node_uuid, content_id, image_id, expires_at)
           values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
           returning (extract(epoch from expires_at) * 1000)::float8 as ms`,
    values: [
      hashOf(nonce),
      ticket.kind,
      ticket.host,
      ticket.node_uuid,
      ticket.content_id,
      ticket.image_id,
      ticket.lifetimeMs / 1000,
    ],
  });
  return { nonce, expiresAt: rows[0]?.ms ?? 0 };
}

export async function readTicket(reader: Reader, nonce: string): Promise<Ticket | undefined> {
  const rows = await reader.query<Ticket>({
    name: 'image.ticket.read',
    text: 'select kind, node_uuid::text, content_id, image_id::text from image_tickets where nonce_hash = $1 and expires_at > now()',
    values: [hashOf(nonce)],
  });
  return rows[0];
}

/** No address of an image is good any more. */
export async function revokeTickets(reader: Reader, imageId: string): Promise<void> {
  await reader.query({
    name: 'image.ticket.revoke',
    text: 'delete from image_tickets where image_id = $1',
    values: [imageId],
  });
}

/** Adds what a machine was sent. */
export async function countTransfer(
  reader: Reader,
  contentId: string,
  nodeUuid: string,
  bytes: number,
  blocks: number,
): Promise<void> {
  await reader.query({
    name: 'image.transfer.count',
    text: `insert into image_transfers (content_id, node_uuid, sent_bytes, blocks) values ($1, $2, $3, $4)
           on conflict (content_id, node_uuid) do update set
             sent_bytes = image_transfers.sent_bytes + $3, blocks = image_transfers.blocks + $4, at = now()`,
    values: [contentId, nodeUuid, bytes, blocks],
  });
}
