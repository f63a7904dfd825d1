import type { Reader } from '#store/contract';
import { gather } from '#store/gather';
import { AGENT_NODE, type AgentNode, toAgentNode } from './agents.ts';
import { textRows } from './text-rows.ts';

// A rack that is switched on asks some hundred times a second who it is. Those who ask in one moment are answered from
// one statement: most of what a lookup costs is the way to the database and back.

/** Finds the nodes of ramdisks. */
export interface Lookups {
  byUuid(uuid: string): Promise<AgentNode | undefined>;
  /** Nodes that own any of these MAC addresses, by ports; two mean that somebody's records are wrong. */
  byMacs(macs: readonly string[]): Promise<readonly AgentNode[]>;
  /**
   * Notes that somebody asked for a token that is given away, unless that was noted seconds ago; gives the operation
   * that waits for the agent.
   */
  noteSecond(uuid: string): Promise<string | null>;
}

const BY_UUID = `
select ${AGENT_NODE} from nodes n left join node_agents a on a.node_uuid = n.uuid where n.uuid = any($1::uuid[])`;

const BY_MACS = `
with asked as (
  select distinct t.at, p.node_uuid from unnest($1::int4[], $2::macaddr[]) as t(at, mac)
  join ports p on p.address = t.mac
)
select ${AGENT_NODE}, asked.at
from asked join nodes n on n.uuid = asked.node_uuid left join node_agents a on a.node_uuid = n.uuid`;

// Rows are locked in one order, whoever else writes many of them.
const SECOND = `
with due as (
  select node_uuid from node_agents where node_uuid = any($1::uuid[])
    and (second_lookup_at is null or second_lookup_at < clock_timestamp() - interval '5 seconds')
  order by node_uuid for update
)
update node_agents a set second_lookup_at = clock_timestamp() from due, nodes n
where a.node_uuid = due.node_uuid and n.uuid = a.node_uuid
returning a.node_uuid, case when n.progress->'awaiting'->>'for' = 'agent' then n.operation_id end`;

/** Makes the finder of a process. */
export function makeLookups(reader: Reader): Lookups {
  return {
    byUuid: gather<string, AgentNode | undefined>(
      async (uuids) => {
        const rows = await textRows(reader, { name: 'bm_agents_by_uuid', text: BY_UUID, values: [uuids] });
        const found = new Map(rows.map((row) => [row[0], toAgentNode(row)]));
        return uuids.map((uuid) => found.get(uuid.toLowerCase()));
      },
      { turn: true },
    ),
    byMacs: gather<readonly string[], readonly AgentNode[]>(
      async (items) => {
        const values = [items.flatMap((macs, at) => macs.map(() => at)), items.flat()];
        const found: AgentNode[][] = items.map(() => []);
        for (const row of await textRows(reader, { name: 'bm_agents_by_macs', text: BY_MACS, values })) {
          found[Number(row[9])]?.push(toAgentNode(row));
        }
        return found;
      },
      { turn: true },
    ),
    noteSecond: gather<string, string | null>(
      async (uuids) => {
        const rows = await textRows(reader, { name: 'bm_agents_second', text: SECOND, values: [uuids] });
        const waiting = new Map(rows.map((row) => [row[0], row[1] ?? null]));
        return uuids.map((uuid) => waiting.get(uuid) ?? null);
      },
      { turn: true },
    ),
  };
}
