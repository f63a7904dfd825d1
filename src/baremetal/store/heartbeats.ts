import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Reader } from '#store/contract';
import { gather } from './gather.ts';
import { textRows } from './text-rows.ts';

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

/** Keeps heartbeats. */
export interface Heartbeats {
  /**
   * One that says something new, or that somebody may wait for. Resolves when it is stored, with the operation that
   * waits for the agent by then.
   */
  changed(uuid: string, facts: HeartbeatFacts): Promise<string | null>;
  /** One that says nothing new. When it came is written within a second, with all others of that second. */
  seen(uuid: string): void;
}

/** How long the time of a heartbeat that says nothing new may wait to be written. */
const SEEN_MS = 1000;

/**
 * Most heartbeats only say that a machine is still there. Thousands of those a second are one statement a second;
 * a crash loses a second of them, and the machines beat again. Those that are stored at once go together when they
 * come together.
 */
export function makeHeartbeats(reader: Reader, clock: Clock, log: Log): Heartbeats {
  let seen = new Set<string>();
  const flush = () => {
    const uuids = [...seen];
    seen = new Set();
    reader
      .query({
        name: 'bm_agent_seen',
        text: 'update node_agents set last_heartbeat = clock_timestamp() where node_uuid = any($1::uuid[])',
        values: [uuids],
      })
      .catch((error: unknown) => log.warn({ err: messageOf(error) }, 'heartbeats were not kept'));
  };
  const keep = gather<Beat, string | null>((beats) => keepBeats(reader, beats), { apart: true });
  return {
    changed: (uuid, facts) => keep({ uuid, facts }),
    seen(uuid) {
      if (seen.size === 0) clock.after(SEEN_MS, flush);
      seen.add(uuid);
    },
  };
}

interface Beat {
  uuid: string;
  facts: HeartbeatFacts;
}

async function keepBeats(reader: Reader, beats: readonly Beat[]): Promise<(string | null)[]> {
  // Of two of one machine the later counts. Rows are locked in one order, whoever else writes many of them.
  const last = new Map(beats.map(({ uuid, facts }) => [uuid, facts]));
  const uuids = [...last.keys()].sort();
  const all = <K extends keyof HeartbeatFacts>(key: K) => uuids.map((uuid) => last.get(uuid)?.[key] ?? null);
  await reader.query({
    name: 'bm_agent_heartbeats',
    text: `with locked as (
             select node_uuid from node_agents where node_uuid = any($1::uuid[]) order by node_uuid for update
           )
           update node_agents a set last_heartbeat = clock_timestamp(), callback_url = b.callback_url,
             version = coalesce(b.version, a.version), verify_ca = coalesce(b.verify_ca, a.verify_ca),
             status = b.status, status_message = b.status_message, progress = b.progress
           from locked, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             as b (uuid, callback_url, version, verify_ca, status, status_message, progress)
           where a.node_uuid = locked.node_uuid and b.uuid = locked.node_uuid`,
    values: [
      uuids,
      all('callbackUrl'),
      all('version'),
      all('verifyCa'),
      all('status'),
      all('statusMessage'),
      all('progress'),
    ],
  });
  // Read after it is stored: an operation that rests from now on looks for it by itself, see `rest`.
  const rows = await textRows(reader, {
    name: 'bm_agents_awaited',
    text: `select uuid, operation_id from nodes
           where uuid = any($1::uuid[]) and progress->'awaiting'->>'for' = 'agent'`,
    values: [uuids],
  });
  const awaited = new Map(rows.map(([uuid, operation]) => [uuid, operation ?? null]));
  return beats.map(({ uuid }) => awaited.get(uuid) ?? null);
}
