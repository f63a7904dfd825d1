import type { Reader, Tx } from '#store/contract';
import { type TextRow, textRows } from './text-rows.ts';

/** A node as the ramdisk's doors see it. */
export interface AgentNode {
  uuid: string;
  provisionState: string;
  maintenance: boolean;
  operationId: string | null;
  /** Documents as JSON text, masked. */
  properties: string;
  instanceInfo: string;
  driverInternalInfo: string;
  /** SHA-256 of the token in hand; null when none was given out for the operation at hand. */
  tokenHash: string | null;
  /** That a token which is out was asked for again is noted, seconds ago. */
  askedAgain: boolean;
}

/** What an `AgentNode` is made of, of `nodes n` and `node_agents a`. */
export const AGENT_NODE = `n.uuid, n.provision_state, n.maintenance, n.operation_id, n.properties, n.instance_info,
  n.driver_internal_info,
  case when a.operation_id is not distinct from n.operation_id then encode(a.token_hash, 'hex') end,
  a.second_lookup_at > clock_timestamp() - interval '5 seconds'`;

/** The node of a row of `AGENT_NODE`. */
export function toAgentNode(row: TextRow): AgentNode {
  return {
    uuid: row[0] as string,
    provisionState: row[1] as string,
    maintenance: row[2] === 't',
    operationId: row[3] ?? null,
    properties: row[4] ?? '{}',
    instanceInfo: row[5] ?? '{}',
    driverInternalInfo: row[6] ?? '{}',
    tokenHash: row[7] ?? null,
    askedAgain: row[8] === 't',
  };
}

/** The node by name; agents are told UUIDs, people use names. */
export async function agentNodeByName(reader: Reader, name: string): Promise<AgentNode | undefined> {
  const rows = await textRows(reader, {
    name: 'bm_agent_by_name',
    text: `select ${AGENT_NODE} from nodes n left join node_agents a on a.node_uuid = n.uuid where n.name = $1`,
    values: [name],
  });
  return rows[0] === undefined ? undefined : toAgentNode(rows[0]);
}

/**
 * Gives a node's agent its token, unless it has one for this operation: of two lookups at once one wins. Gives
 * whether this one did.
 */
export async function giveToken(
  reader: Reader,
  node: { uuid: string; operationId: string | null },
  hash: Buffer,
  sealed: string,
): Promise<boolean> {
  const rows = await textRows(reader, {
    name: 'bm_agent_token',
    text: `insert into node_agents as a (node_uuid, token_hash, token_sealed, operation_id) values ($1, $2, $3, $4)
           on conflict (node_uuid) do update set token_hash = $2, token_sealed = $3, operation_id = $4,
             callback_url = null, verify_ca = null, status = null, status_message = null, second_lookup_at = null,
             progress = null
           where a.token_hash is null or a.operation_id is distinct from $4 returning a.node_uuid`,
    values: [node.uuid, hash, sealed, node.operationId],
  });
  return rows.length > 0;
}

/** Keeps what an inspection ramdisk reported, over any earlier report. */
export async function saveReport(tx: Tx, uuid: string, inventory: unknown, pluginData: unknown): Promise<void> {
  await tx.query({
    name: 'bm_agent_report',
    text: `insert into node_reports (node_uuid, inventory, plugin_data) values ($1, $2, $3)
           on conflict (node_uuid) do update set inventory = $2, plugin_data = $3, received_at = clock_timestamp()`,
    values: [uuid, JSON.stringify(inventory), JSON.stringify(pluginData)],
  });
}
