import type { Reader, Store } from '#store/contract';
import type { Document } from '../model/node.ts';
import type { Proof } from '../model/proof.ts';
import { prepared } from './prepared.ts';

/** Keeps proofs of cleaning. They are never changed; the first of an operation, step and device stands. */
export interface Proofs {
  keep(of: { nodeUuid: string; operationId: string; conductor: string }, proofs: readonly Proof[]): Promise<void>;
  /** Steps of the operation that erased something. */
  erasedBy(operationId: string): Promise<string[]>;
}

/** Makes the keeper of a conductor. */
export function makeProofs(store: Store): Proofs {
  return {
    async keep(of, proofs) {
      if (proofs.length === 0) return;
      await store.query(
        prepared(
          `insert into node_proofs (node_uuid, operation_id, step, device, outcome, agent_version, conductor, evidence)
           select n.uuid, $2, t.step, t.device, t.outcome, a.version, $3, t.evidence::json
           from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as t(step, device, outcome, evidence)
           join nodes n on n.uuid = $1 left join node_agents a on a.node_uuid = n.uuid
           where not exists (select 1 from node_proofs p where p.operation_id = $2 and p.step = t.step
             and p.device is not distinct from t.device)
           on conflict do nothing`,
          [
            of.nodeUuid,
            of.operationId,
            of.conductor,
            proofs.map((one) => one.step),
            proofs.map((one) => one.device),
            proofs.map((one) => one.outcome),
            proofs.map((one) => JSON.stringify(one.evidence)),
          ],
        ),
      );
    },
    async erasedBy(operationId) {
      const rows = await store.query<{ step: string }>(
        prepared(`select distinct step from node_proofs where operation_id = $1 and outcome = 'erased'`, [operationId]),
      );
      return rows.map((row) => row.step);
    },
  };
}

/** A proof as the API shows it. */
export interface StoredProof {
  uuid: string;
  operation: string;
  created_at: string;
  step: string;
  device: string | null;
  outcome: Proof['outcome'];
  agent_version: string | null;
  conductor: string | null;
  evidence: Document;
}

/** Proofs of a node, newest first. */
export async function proofsOf(reader: Reader, nodeUuid: string, limit: number): Promise<StoredProof[]> {
  const rows = await reader.query<Omit<StoredProof, 'evidence'> & { evidence: string }>(
    prepared(
      `select uuid, operation_id as operation, to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
         step, device, outcome, agent_version, conductor, evidence
       from node_proofs where node_uuid = $1 order by id desc limit $2`,
      [nodeUuid, limit],
    ),
  );
  return rows.map((row) => ({ ...row, evidence: JSON.parse(row.evidence) as Document }));
}
