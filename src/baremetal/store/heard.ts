import type { Reader, Store } from '#store/contract';
import { gather } from './gather.ts';
import { prepared } from './prepared.ts';

/** Did the node's ramdisk call, or send its report, since the node came into its present state? */
export async function heardSince(reader: Reader, nodeUuid: string): Promise<boolean> {
  const rows = await reader.query<{ heard: boolean }>(
    prepared(
      `select exists (select 1 from node_agents a where a.node_uuid = n.uuid and a.last_heartbeat > n.provision_updated_at)
        or exists (select 1 from node_reports r where r.node_uuid = n.uuid and r.received_at > n.provision_updated_at)
        as heard
      from nodes n where n.uuid = $1`,
      [nodeUuid],
    ),
  );
  return rows[0]?.heard ?? false;
}

/** Takes the tokens of ramdisks away: a machine that was switched off runs none. Many go together. */
export function makeForgetAgents(store: Store): (nodeUuid: string) => Promise<void> {
  return gather<string, void>(async (uuids) => {
    await store.query(
      prepared(
        `update node_agents set token_hash = null, token_sealed = null, callback_url = null, verify_ca = null,
          status = null, status_message = null
        where node_uuid = any ($1::uuid[]) and token_hash is not null`,
        [uuids],
      ),
    );
    return uuids.map(() => undefined);
  });
}
