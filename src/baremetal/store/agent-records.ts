import { createHash } from 'node:crypto';
import { Secret } from '#kernel/secret';
import type { Sealer, Store } from '#store/contract';
import { hashToken, newAgentToken } from '../model/agent-token.ts';
import type { AgentRecords } from '../model/agent-records.ts';
import { gather } from '#store/gather';
import type { Document, Node } from '../model/node.ts';
import { heardOf } from './heard.ts';
import { prepared } from './prepared.ts';
import { makeProofs } from './proofs.ts';

interface Row {
  node_uuid: string;
  callback_url: string;
  token_sealed: string;
  verify_ca: string | null;
  version: string | null;
  heard: number;
  second: number | null;
}

const AGENT = `
select a.node_uuid, callback_url, token_sealed, verify_ca, version,
  (extract(epoch from clock_timestamp() - last_heartbeat) * 1000)::float8 as heard,
  (extract(epoch from clock_timestamp() - second_lookup_at) * 1000)::float8 as second
from unnest($1::uuid[], $2::text[]) as t(uuid, operation)
join node_agents a on a.node_uuid = t.uuid and a.operation_id is not distinct from t.operation
where a.token_hash is not null and a.callback_url is not null`;

/** What the sealed token of a node's agent is bound to. */
export function agentTokenAad(uuid: string): string {
  return `node:${uuid}:agent_token`;
}

/** Agents as the database has them. */
export function storedAgents(store: Store, sealer: Sealer): AgentRecords {
  const proofs = makeProofs(store);
  const agentOf = gather<Node, Row | undefined>(
    async (nodes) => {
      const rows = await store.query<Row>(
        prepared(AGENT, [nodes.map((node) => node.uuid), nodes.map((node) => node.operationId)]),
      );
      const found = new Map(rows.map((row) => [row.node_uuid, row]));
      return nodes.map((node) => found.get(node.uuid));
    },
    { lanes: 2 },
  );
  const portsOf = gather<string, Document[]>(
    async (uuids) => {
      const rows = await store.query<Document & { node_uuid: string; local_link_connection: string }>(
        prepared(
          `select node_uuid, uuid::text as uuid, address::text as address, pxe_enabled, local_link_connection,
             physical_network from ports where node_uuid = any ($1::uuid[]) order by seq`,
          [uuids],
        ),
      );
      const found = new Map<string, Document[]>();
      for (const { node_uuid: node, ...port } of rows) {
        const shown = { ...port, local_link_connection: JSON.parse(port.local_link_connection) as Document };
        found.set(node, [...(found.get(node) ?? []), shown]);
      }
      return uuids.map((uuid) => found.get(uuid) ?? []);
    },
    { lanes: 2 },
  );
  return {
    async of(node) {
      const row = await agentOf(node);
      if (row === undefined) return undefined;
      return {
        url: row.callback_url,
        token: new Secret(sealer.open<string>(row.token_sealed, agentTokenAad(node.uuid))),
        certificate: row.verify_ca,
        version: row.version,
        heardAgoMs: row.heard,
        secondLookupAgoMs: row.second,
      };
    },
    called: async (uuid, withinMs) => (await heardOf(store, uuid, withinMs)).ago !== null,
    async issue(node) {
      const token = newAgentToken();
      await store.query(
        prepared(
          `insert into node_agents (node_uuid, token_hash, token_sealed, operation_id) values ($1, $2, $3, $4)
           on conflict (node_uuid) do update set token_hash = $2, token_sealed = $3, operation_id = $4,
             callback_url = null, verify_ca = null, status = null, status_message = null, second_lookup_at = null,
             progress = null`,
          [node.uuid, hashToken(token), sealer.seal(token, agentTokenAad(node.uuid)), node.operationId],
        ),
      );
      return token;
    },
    async said(node) {
      const rows = await store.query<{ status: string; message: string | null; heard: number }>(
        prepared(
          `select status, status_message as message,
             (extract(epoch from clock_timestamp() - last_heartbeat) * 1000)::float8 as heard
           from node_agents where node_uuid = $1 and operation_id is not distinct from $2
             and token_hash is not null and status is not null`,
          [node.uuid, node.operationId],
        ),
      );
      const row = rows[0];
      return row === undefined ? undefined : { status: row.status, message: row.message, heardAgoMs: row.heard };
    },
    ports: portsOf,
    async report(uuid, withinMs) {
      const rows = await store.query<{ inventory: string; plugin_data: string }>(
        prepared(
          `select inventory, plugin_data from node_reports where node_uuid = $1
             and ($2::float8 is null or received_at > clock_timestamp() - $2::float8 * interval '1 millisecond')`,
          [uuid, withinMs],
        ),
      );
      const row = rows[0];
      if (row === undefined) return undefined;
      return {
        inventory: JSON.parse(row.inventory) as Document,
        pluginData: JSON.parse(row.plugin_data) as Document,
      };
    },
    async forget(node) {
      await store.query(
        prepared(
          `update node_agents set token_hash = null, token_sealed = null, callback_url = null, verify_ca = null
           where node_uuid = $1`,
          [node.uuid],
        ),
      );
    },
    async tell(node, progress) {
      await store.query(
        prepared(`update node_agents set progress = $3 where node_uuid = $1 and operation_id is not distinct from $2`, [
          node.uuid,
          node.operationId,
          progress === null ? null : JSON.stringify(progress),
        ]),
      );
    },
    async keepWarm(node, token) {
      const hash = createHash('sha256').update(token).digest();
      await store.query(
        prepared(
          `update node_agents set token_hash = $2, token_sealed = $3, operation_id = null, second_lookup_at = null,
             progress = null where node_uuid = $1`,
          [node.uuid, hash, sealer.seal(token, agentTokenAad(node.uuid))],
        ),
      );
    },
    async adopt(node, withinMs) {
      const rows = await store.query(
        prepared(
          `update node_agents set operation_id = $2 where node_uuid = $1 and operation_id is null
             and token_hash is not null and callback_url is not null
             and last_heartbeat > clock_timestamp() - $3::float8 * interval '1 millisecond' returning node_uuid`,
          [node.uuid, node.operationId, withinMs],
        ),
      );
      return rows.length > 0;
    },
    keepProofs: (node, conductor, kept) =>
      proofs.keep({ nodeUuid: node.uuid, operationId: node.operationId ?? '', conductor }, kept),
  };
}
