import type { Reader, Store } from '#store/contract';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';

/**
 * Signs of life of a node's machine in the last `withinMs` (null: since the node came into its present state).
 * `ago`: milliseconds since its ramdisk called or sent its report. `again`: it, or another with its MAC, asked for a
 * token that is given away.
 */
export async function heardOf(reader: Reader, nodeUuid: string, withinMs: number | null): Promise<Heard> {
  return await askerOf(reader)({ nodeUuid, withinMs, ofNow: false });
}

/** Signs before the moment that are asked for too: the question takes its time, and the answer is sorted out here. */
const EARLIER_MS = 5_000;

/**
 * The same, since a moment of this process's clock. A sign that came at once is not missed, however long the question took
 * to the database: what counts is when the answer was here. Calls of a ramdisk that was switched off since are none, by
 * its address, which was taken away then.
 */
export async function heardSince(reader: Reader, now: () => number, nodeUuid: string, since: number): Promise<Heard> {
  const withinMs = Math.max(0, now() - since) + EARLIER_MS;
  const heard = await askerOf(reader)({ nodeUuid, withinMs, ofNow: true });
  return heard.ago !== null && now() - heard.ago < since ? { ...heard, ago: null } : heard;
}

interface Heard {
  ago: number | null;
  again: boolean;
}

/** `ofNow`: of the ramdisk that runs now, not of one before. */
type Asked = { nodeUuid: string; withinMs: number | null; ofNow: boolean };

/** Questions at about the same time go together. */
const asking = new WeakMap<Reader, (asked: Asked) => Promise<Heard>>();

function askerOf(reader: Reader): (asked: Asked) => Promise<Heard> {
  let ask = asking.get(reader);
  if (ask === undefined) {
    ask = gather((items) => heardOfMany(reader, items), { lanes: 2 });
    asking.set(reader, ask);
  }
  return ask;
}

async function heardOfMany(reader: Reader, items: readonly Asked[]): Promise<Heard[]> {
  const rows = await reader.query<Heard & { at: number }>(
    prepared(
      `select t.at::int4 as at, (extract(epoch from clock_timestamp() - greatest(
          (select a.last_heartbeat from node_agents a where a.node_uuid = n.uuid and a.last_heartbeat > s.at
            and (a.callback_url is not null or not t.of_now)),
          (select r.received_at from node_reports r where r.node_uuid = n.uuid and r.received_at > s.at)
        )) * 1000)::float8 as ago,
        exists (select 1 from node_agents a where a.node_uuid = n.uuid and a.second_lookup_at > s.at) as again
      from unnest($1::uuid[], $2::float8[], $3::boolean[]) with ordinality as t(uuid, within, of_now, at)
      join nodes n on n.uuid = t.uuid
      cross join lateral (
        select coalesce(clock_timestamp() - t.within * interval '1 millisecond', n.provision_updated_at) as at
      ) s`,
      [items.map((one) => one.nodeUuid), items.map((one) => one.withinMs), items.map((one) => one.ofNow)],
    ),
  );
  const found = new Map(rows.map((row) => [row.at, row]));
  return items.map((_, i) => found.get(i + 1) ?? { ago: null, again: false });
}

/** Takes the tokens of ramdisks away: a machine that was switched off runs none. Many go together. */
export function makeForgetAgents(store: Store): (nodeUuid: string) => Promise<void> {
  return gather<string, void>(async (uuids) => {
    await store.query(
      prepared(
        `update node_agents set token_hash = null, token_sealed = null, callback_url = null, verify_ca = null,
          status = null, status_message = null, second_lookup_at = null, progress = null
        where node_uuid = any ($1::uuid[]) and token_hash is not null`,
        [uuids],
      ),
    );
    return uuids.map(() => undefined);
  });
}
