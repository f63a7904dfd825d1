import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';

/** An action nobody has taken yet. */
export interface WaitingAction {
  id: bigint;
  group: string;
  /** Names the BMC it goes to; null: it goes to none. */
  bmc: string | null;
  /** The life that has the node for an operation, while that life lasts. */
  owner: string | null;
  /** Milliseconds since it was asked for, on the database's clock. */
  age: number;
}

/** Looked at in one round; more is looked at in the next. */
const MOST = 1024;

/**
 * Names a node's BMC, so that nodes of one chassis, whose BMC is one, are looked after by one conductor. In SQL, for a
 * table of nodes by this name.
 */
export function bmcSql(nodes: string): string {
  return `coalesce(lower(${nodes}.driver_info->>'redfish_address'), lower(${nodes}.driver_info->>'ipmi_address'), ${nodes}.uuid::text)`;
}

const WAITING = `
select i.id, i.conductor_group as group, case when n.uuid is null then null else ${bmcSql('n')} end as bmc,
  (select c.incarnation::text from conductors c where c.incarnation::text = n.owner_incarnation and c.state <> 'gone') as owner,
  (extract(epoch from clock_timestamp() - i.created_at) * 1000)::float8 as age
from node_intents i left join nodes n on n.uuid = i.node_uuid
where i.queued and i.state = 'open' and i.conductor_group = any ($1::text[]) and i.claimed_by is null
  and coalesce(i.deadline > clock_timestamp(), true)
order by i.id limit ${MOST}`;

/** Actions of these groups that nobody has taken, the oldest first. */
export async function waitingActions(reader: Reader, groups: readonly string[]): Promise<WaitingAction[]> {
  return await reader.query<WaitingAction>(prepared(WAITING, [groups]));
}

/** Then anybody takes it: who should have is busy, or about to be declared gone. Milliseconds. */
const ANYBODYS_MS = 3_000;

/**
 * May this life take it? One conductor talks to a BMC: who has the node for an operation, else who looks after the BMC
 * (`looksAfter`), so that no BMC is asked by all of them at once.
 */
export function isOurs(
  action: WaitingAction,
  incarnation: string,
  looksAfter: (group: string, bmc: string) => boolean,
): boolean {
  if (action.bmc === null || action.age > ANYBODYS_MS) return true;
  if (action.owner !== null) return action.owner === incarnation;
  return looksAfter(action.group, action.bmc);
}
