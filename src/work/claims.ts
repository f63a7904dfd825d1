import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { ClaimedRow } from './engine.ts';
import type { OwnLease } from './lease.ts';
import type { RunFacts } from './run.ts';

export interface Claim extends ClaimedRow {
  facts: RunFacts;
  /** The life that claimed it. */
  lease: OwnLease;
}

export interface ClaimParts {
  store: Store;
  clock: Clock;
  log: Log;
  groups: readonly string[];
  /** `name@version` of what this process can run: it must never take a name it does not know. */
  workflows(): string[];
  lease(): OwnLease;
  newToken(): string;
  /** How many more may run here. */
  room(): number;
  begin(claim: Claim): Promise<void>;
  /** Has this workflow neither finished a step here nor come to a wait or its end? */
  busy(id: string): boolean;
}

/** Taken at once. */
const BATCH = 100;
// New work is told through the change feed (at once here, within some 10 ms elsewhere): the poll is for what the
// feed lost. It is the main cost of an idle process (a query costs half a millisecond of a cold processor).
const POLL_MS = 500;
/** After an error: the database is away, or full. */
const RETRY_MS = 500;

/** How often suspects are looked for, and how long one that does nothing keeps the next from its turn. */
const SUSPECTS_MS = 2_000;
const SUSPICION_MS = 30_000;

/** The engine's name of a group's queue. */
export const queueOf = (group: string): string => `group:${group}`;

// One statement: idle polls cost one index probe. The conductor's row is looked at in the same statement, so a
// life that others have ended takes nothing any more. Literals, so that the engine's partial index is used.
// Suspects (see 0020_work.sql) are taken by a statement of their own, one at a time.
const claimText = (which: 'innocent' | 'suspect') => `
with picked as (
  select q.workflow_uuid from ${which === 'suspect' ? 'work_state x join ' : ''}dbos.workflow_status q
  ${which === 'suspect' ? 'on x.id = q.workflow_uuid and x.strikes >= 2' : ''}
  where q.status = 'ENQUEUED' and q.queue_name = any ($1::text[]) and q.name = any ($2::text[])
    and exists (select 1 from conductors where incarnation = $4::uuid and state = 'up')
    ${which === 'suspect' ? '' : 'and not exists (select 1 from work_state x where x.id = q.workflow_uuid and x.strikes >= 2)'}
  order by q.priority, q.created_at limit $3
  for update of q skip locked
), taken as (
  update dbos.workflow_status s set
    status = 'PENDING', executor_id = $4::text, owner_xid = $5, application_version = '1',
    recovery_attempts = recovery_attempts + 1,
    started_at_epoch_ms = (extract(epoch from clock_timestamp()) * 1000)::bigint,
    updated_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
  from picked p where s.workflow_uuid = p.workflow_uuid
  returning s.workflow_uuid, s.name, s.queue_name, s.recovery_attempts::int4 as attempts, s.serialization, s.created_at
)
select t.workflow_uuid as id, t.name as workflow, t.queue_name as queue, t.attempts, t.serialization,
  i.inputs as input, w.abort_reason, w.parked, w.takeovers, w.stalled is not null as stalled
from taken t
left join dbos.workflow_input i on i.workflow_uuid = t.workflow_uuid
left join work_state w on w.id = t.workflow_uuid
order by t.created_at`;

const CLAIM = claimText('innocent');
const CLAIM_SUSPECT = claimText('suspect');

interface ClaimRow {
  id: string;
  workflow: string;
  queue: string;
  attempts: number;
  serialization: string;
  input: string;
  abort_reason: string | null;
  parked: string | null;
  takeovers: number | null;
  stalled: boolean;
}

export interface Claims {
  start(): void;
  /** There may be work now. */
  nudge(): void;
  /** No claim is under way or begins after this resolves. */
  stop(): Promise<void>;
  /** A claim is under way: what is heard now about unknown workflows may be about those it brings. */
  readonly busy: boolean;
}

/** Takes work from the group's queues, one claim at a time: at each poll, and when told that there is some. */
export function makeClaims(parts: ClaimParts): Claims {
  const { clock } = parts;
  let stopped = true;
  let running: Promise<void> | undefined;
  let again = false;
  let cancel: (() => void) | undefined;

  let suspectAt = Number.NEGATIVE_INFINITY;
  let suspect: string | undefined;

  /** Gives true when there may be more. */
  const claim = async (kind: 'claim' | 'claim-suspect', most: number): Promise<boolean> => {
    const lease = parts.lease();
    const limit = Math.min(most, parts.room());
    if (!lease.held || limit <= 0) return false;
    const owner = parts.newToken();
    const rows = await parts.store.query<ClaimRow>({
      name: `work.${kind}`,
      text: kind === 'claim' ? CLAIM : CLAIM_SUSPECT,
      values: [parts.groups.map(queueOf), parts.workflows(), limit, lease.incarnation, owner],
    });
    for (const row of rows) {
      if (kind === 'claim-suspect') suspect = row.id;
      await parts.begin({
        ...row,
        owner,
        lease,
        facts: {
          id: row.id,
          workflow: row.workflow,
          resumed: row.attempts > 1 || row.takeovers !== null,
          abortReason: row.abort_reason,
          parked: row.parked,
          stalled: row.stalled,
        },
      });
    }
    return rows.length === limit;
  };
  const claimSuspect = async (): Promise<void> => {
    const now = clock.monotonic();
    if (suspect !== undefined) {
      if (parts.busy(suspect) && now - suspectAt < SUSPICION_MS) return;
      suspect = undefined;
    } else if (now - suspectAt < SUSPECTS_MS) return;
    suspectAt = now;
    await claim('claim-suspect', 1);
  };
  const loop = async (): Promise<number> => {
    try {
      do {
        again = false;
        if (await claim('claim', BATCH)) again = true;
      } while (again && !stopped);
      await claimSuspect();
      return POLL_MS;
    } catch (error) {
      parts.log.debug({ err: error }, 'could not look for work');
      return RETRY_MS;
    }
  };
  const tick = () => {
    cancel?.();
    cancel = undefined;
    if (running !== undefined) return;
    running = loop().then((wait) => {
      running = undefined;
      if (!stopped) cancel = clock.after(again ? 0 : wait, tick);
    });
  };
  return {
    start() {
      stopped = false;
      tick();
    },
    nudge() {
      if (stopped) return;
      again = true;
      tick();
    },
    async stop() {
      stopped = true;
      cancel?.();
      await running;
    },
    get busy() {
      return running !== undefined;
    },
  };
}
