import type { Reader } from '#store/contract';
import { PROVISION_STATES, type PowerState } from '../states/names.ts';
import { STATES } from '../states/table.ts';
import { prepared } from './prepared.ts';
import { nodeColumns, type NodeRow } from './node-load.ts';
import { bmcSql } from './waiting-actions.ts';

/** States in which the recorded power state should be the machine's. */
const WATCHED = PROVISION_STATES.filter((state) => {
  const { kind } = STATES[state];
  return state !== 'enroll' && (kind === 'stable' || kind === 'failed');
});
/** Also of nodes at work it is known who looks after them: their events are heard, and they may have to stay on. */
const KNOWN = PROVISION_STATES.filter((state) => state !== 'enroll' && state !== 'verifying');

/** Nodes whose power is, or may soon be, watched, or (`faulty`) that were given up and are tried now and then. */
export async function watchedNodes(
  reader: Reader,
  groups: readonly string[],
): Promise<{ uuid: string; group: string; bmc: string; faulty: boolean }[]> {
  return await reader.query(
    prepared(
      `select uuid, conductor_group as group, ${bmcSql('nodes')} as bmc, fault is not distinct from 'power failure' as faulty from nodes
      where conductor_group = any ($1::text[]) and provision_state = any ($2::text[])
        and (not maintenance or fault = 'power failure')`,
      [groups, KNOWN],
    ),
  );
}

/** A node with what is recorded of its health. */
export type WatchedRow = NodeRow & { health: string | null };

/** Of these, the ones nobody works on now, and those whose operation waits for a machine that must stay on. */
export async function lookedAtNodes(reader: Reader, uuids: readonly string[]): Promise<WatchedRow[]> {
  return await reader.query<WatchedRow>(
    prepared(
      `select ${nodeColumns('n')}, n.health from nodes n
      where n.uuid = any ($1::uuid[]) and n.intent_id is null and (not n.maintenance or n.fault = 'power failure')
        and (n.operation_id is null and n.provision_state = any ($2::text[])
          or n.operation_id is not null and n.owner_incarnation is null and n.progress->'awaiting'->>'staysOn' = 'true')`,
      [uuids, WATCHED],
    ),
  );
}

/** What a check found, to be written when nobody was faster. */
export interface PowerFinding {
  power?: PowerState | null;
  health?: string | null;
  maintenance?: boolean;
  maintenanceReason?: string | null;
  fault?: string | null;
  lastError?: string | null;
  /** For the history. */
  event: string | null;
  severity: 'INFO' | 'WARNING' | 'ERROR';
  conductor: string;
}

/** Writes a finding on a node still at `revision` with nobody at work on it. False when it is not. */
export async function writeFinding(
  reader: Reader,
  uuid: string,
  revision: bigint,
  finding: PowerFinding,
): Promise<boolean> {
  const has = (key: keyof PowerFinding) => finding[key] !== undefined;
  const rows = await reader.query(
    prepared(
      `
with n as (
  update nodes set
    power_state = case when $3 then $4 else power_state end,
    maintenance = coalesce($5::boolean, maintenance),
    maintenance_reason = case when $5::boolean is null then maintenance_reason else $6 end,
    fault = case when $5::boolean is null then fault else $7 end,
    last_error = case when $8 then $9 else last_error end,
    health = case when $13 then $14 else health end,
    revision = revision + 1, updated_at = now()
  where uuid = $1 and revision = $2::bigint and operation_id is null and intent_id is null
  returning uuid, provision_state
), h as (
  insert into node_history (node_uuid, conductor, severity, event_type, event, state)
  select uuid, $10, $11, 'monitoring', $12, provision_state from n where $12::text is not null
)
select uuid from n`,
      [
        uuid,
        revision,
        has('power'),
        finding.power ?? null,
        finding.maintenance ?? null,
        finding.maintenanceReason ?? null,
        finding.fault ?? null,
        has('lastError'),
        finding.lastError ?? null,
        finding.conductor,
        finding.severity,
        finding.event,
        has('health'),
        finding.health ?? null,
      ],
    ),
  );
  return rows.length > 0;
}

/**
 * Notes that the machine of an operation that waits for it is off, while the node is still at `revision`. False when it
 * is not: the operation went on, and will see for itself.
 */
export async function noteWaitingOff(
  reader: Reader,
  row: WatchedRow,
  said: { event: string; conductor: string },
): Promise<boolean> {
  const rows = await reader.query(
    prepared(
      `
with n as (
  update nodes set power_state = 'power off', revision = revision + 1, updated_at = now()
  where uuid = $1 and revision = $2::bigint and operation_id = $3 and owner_incarnation is null
  returning uuid, provision_state
), h as (
  insert into node_history (node_uuid, conductor, severity, event_type, event, state)
  select uuid, $4, 'WARNING', 'monitoring', $5, provision_state from n
)
select uuid from n`,
      [row.uuid, row.revision, row.operation_id, said.conductor, said.event],
    ),
  );
  return rows.length > 0;
}
