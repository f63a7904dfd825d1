import type { Reader } from '#store/contract';
import type { SubnetFacts } from '../model/port-addresses.ts';
import { SUBNET_FACTS } from './fixed-ips.ts';
import { type QuotaAsked, quotaSql, readRoom } from './quotas.ts';
import { NETWORK_FACTS, type NetworkFacts } from './subnets.ts';

/** What a request that makes ports in one network asks for. */
export interface ForeseenForPorts {
  network: NetworkFacts | undefined;
  subnets: readonly SubnetFacts[];
  /** The project's default security group, where there is one yet. */
  group: string | undefined;
  /** May the project have so many more? */
  allowed: boolean;
}

const TEXT = `select (select row_to_json(n)::text from (${NETWORK_FACTS}) n) as network,
  (select coalesce(json_agg(s), '[]')::text from (${SUBNET_FACTS}) s) as subnets,
  (select g.id from net_security_groups g where g.project_id = $2 and g.is_default) as group,
  ${quotaSql(3)} as room`;

/** Reads it all by one statement. */
export async function readForPorts(
  reader: Reader,
  network: string,
  project: string,
  quota: QuotaAsked,
): Promise<ForeseenForPorts> {
  const statement = { name: 'network for ports', text: TEXT, values: [network, project, ...quota] };
  const [row] = await reader.query<{ network: string | null; subnets: string; group: string | null; room: bigint }>(
    statement,
  );
  if (row === undefined) throw new Error('a statement without a table gave no row');
  return {
    network: row.network === null ? undefined : (JSON.parse(row.network) as NetworkFacts),
    subnets: JSON.parse(row.subnets) as SubnetFacts[],
    group: row.group ?? undefined,
    allowed: readRoom(quota, row.room),
  };
}
