import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Reader } from '#store/contract';
import { gather } from '#store/gather';
import { type TextRow, textRows } from './text-rows.ts';

// A thousand machines that write an image beat some hundred times a second. What they have in common goes to the
// database together: one write for all heartbeats of a moment, and one read, which judges those that came and looks who
// waits for those that were stored.

/** What a heartbeat says. */
export interface HeartbeatFacts {
  callbackUrl: string;
  version: string | null;
  verifyCa: string | null;
  status: string | null;
  statusMessage: string | null;
  /** How far a command is that still runs; JSON. */
  progress: string | null;
}

/** A node as a heartbeat is judged by. */
export interface BeatingNode {
  uuid: string;
  maintenance: boolean;
  operationId: string | null;
  /** SHA-256 of the token in hand; null when none was given out for the operation at hand. */
  tokenHash: string | null;
  callbackUrl: string | null;
  version: string | null;
  /** MD5 of its certificate, hex: for comparison with what it sends again, nothing else. */
  verifyCaDigest: string | null;
  /** It said nothing of itself that is still kept. */
  quiet: boolean;
}

/** What one read tells of a node. */
interface Seen {
  node: BeatingNode;
  /** The operation that waits for the agent. */
  waiting: string | null;
}

/** Keeps heartbeats. */
export interface Heartbeats {
  /** The node whose ramdisk beats; undefined when there is none. */
  node(uuid: string): Promise<BeatingNode | undefined>;
  /**
   * One that says something new, or that somebody may wait for. Resolves when it is stored, with the operation that
   * waits for the agent by then.
   */
  changed(uuid: string, facts: HeartbeatFacts): Promise<string | null>;
  /** One that says nothing new. When it came is written within a second, with all others of that second. */
  seen(uuid: string): void;
  /** One that only says how far a command is. Written within a second, the newest alone. */
  progressed(uuid: string, progress: string): void;
}

/** How long what need not be known at once may wait to be written. */
const LATER_MS = 1000;

const LOOK = `
select n.uuid, n.maintenance, n.operation_id,
  case when a.operation_id is not distinct from n.operation_id then encode(a.token_hash, 'hex') end,
  case when a.operation_id is not distinct from n.operation_id then a.callback_url end,
  a.version, md5(a.verify_ca), a.status is null and a.status_message is null,
  case when n.progress->'awaiting'->>'for' = 'agent' then n.operation_id end
from nodes n left join node_agents a on a.node_uuid = n.uuid where n.uuid = any($1::uuid[])`;

// Rows are locked in one order, whoever else writes many of them.
const CHANGED = `
with locked as (
  select node_uuid from node_agents where node_uuid = any($1::uuid[]) order by node_uuid for update
)
update node_agents a set last_heartbeat = clock_timestamp(), callback_url = t.url,
  version = coalesce(t.version, a.version), verify_ca = coalesce(t.ca, a.verify_ca), status = t.status,
  status_message = t.message, progress = t.progress
from locked, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
  as t(uuid, url, version, ca, status, message, progress)
where a.node_uuid = locked.node_uuid and t.uuid = locked.node_uuid`;

/** Makes the keeper of a process. */
export function makeHeartbeats(reader: Reader, clock: Clock, log: Log): Heartbeats {
  let later = new Map<string, string | null>();
  const flush = () => {
    const beats = [...later];
    later = new Map();
    reader
      .query({
        name: 'bm_agent_seen',
        text: `update node_agents a set last_heartbeat = clock_timestamp(), progress = coalesce(t.progress, a.progress)
               from (select node_uuid from node_agents where node_uuid = any($1::uuid[]) order by node_uuid for update) l,
                 unnest($1::uuid[], $2::text[]) as t(uuid, progress)
               where a.node_uuid = l.node_uuid and t.uuid = l.node_uuid and (t.progress is null or a.token_hash is not null)`,
        values: [beats.map(([uuid]) => uuid), beats.map(([, progress]) => progress)],
      })
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'heartbeats were not kept'));
  };
  const soon = (uuid: string, progress: string | null) => {
    if (later.size === 0) clock.after(LATER_MS, flush);
    later.set(uuid, progress ?? later.get(uuid) ?? null);
  };
  const look = gather<string, Seen | undefined>(
    async (uuids) => {
      const rows = await textRows(reader, { name: 'bm_agent_beats', text: LOOK, values: [uuids] });
      const found = new Map(rows.map((row) => [row[0], seenOf(row)]));
      return uuids.map((uuid) => found.get(uuid.toLowerCase()));
    },
    { turn: true },
  );
  const store = gather<{ uuid: string; facts: HeartbeatFacts }, void>(
    async (items) => {
      // Two of one machine in one statement: the newer counts.
      const beats = [...new Map(items.map((item) => [item.uuid, item])).values()];
      const column = (value: (facts: HeartbeatFacts) => string | null) => beats.map(({ facts }) => value(facts));
      await reader.query({
        name: 'bm_agent_heartbeats',
        text: CHANGED,
        values: [
          beats.map(({ uuid }) => uuid),
          column((facts) => facts.callbackUrl),
          column((facts) => facts.version),
          column((facts) => facts.verifyCa),
          column((facts) => facts.status),
          column((facts) => facts.statusMessage),
          column((facts) => facts.progress),
        ],
      });
      return items.map(() => undefined);
    },
    { apart: true, turn: true },
  );
  return {
    node: async (uuid) => (await look(uuid))?.node,
    async changed(uuid, facts) {
      later.delete(uuid);
      await store({ uuid, facts });
      // Read after it is stored: an operation that rests from now on looks for it by itself, see `rest`.
      return (await look(uuid))?.waiting ?? null;
    },
    seen: (uuid) => soon(uuid, null),
    progressed: soon,
  };
}

function seenOf(row: TextRow): Seen {
  return {
    node: {
      uuid: row[0] as string,
      maintenance: row[1] === 't',
      operationId: row[2] ?? null,
      tokenHash: row[3] ?? null,
      callbackUrl: row[4] ?? null,
      version: row[5] ?? null,
      verifyCaDigest: row[6] ?? null,
      quiet: row[7] === 't',
    },
    waiting: row[8] ?? null,
  };
}
