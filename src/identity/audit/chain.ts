import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Reader, Sealer, Store } from '#store/contract';
import { markOf } from './sink.ts';

const CHAIN_LOCK = 0x1de2_0033;
const BATCH = 1_000;
const SOON_MS = 200;
const SWEEP_MS = 5_000;
const SEAL_PLACE = 'audit_key';

/** A record as the hash covers it: every column, in this order. */
interface ChainedRow {
  id: bigint;
  at: string;
  initiator: string | null;
  project: string | null;
  outcome: string;
  action: string;
  target: string | null;
  record: string;
  mark: Buffer;
}

const COLUMNS = 'r.id, r.at, r.initiator, r.project, r.outcome, r.action, r.target, r.record, r.mark';

/** What a check of the chain found. */
export interface Verification {
  /** Records in the chain, and records that wait to be. */
  chained: number;
  pending: number;
  ok: boolean;
  /** At most a hundred; empty when `ok`. */
  problems: string[];
  /** Compare it with one written down earlier: the end of a chain can be cut off unseen by itself. */
  head: { position: string; hash: string } | null;
}

export interface AuditChain {
  /** Chains what is stored and not chained yet; does nothing while another process does it. */
  advance(): Promise<void>;
  /** Asks for `advance` soon. */
  wake(): void;
  verify(): Promise<Verification>;
  close(): Promise<void>;
}

/**
 * Chains audit records: each hash covers the record, its position and the hash before it, keyed with a secret
 * that lies sealed in the database. Who can write to the tables but has not the sealing key cannot change,
 * remove, insert or reorder a record without the check seeing it.
 */
export function openChain(store: Store, key: KeyObject, clock: Clock, log: Log): AuditChain {
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let closed = false;

  const step = async (): Promise<number> =>
    store.tx(async (tx) => {
      const [lock] = await tx.query<{ got: boolean }>({
        text: 'select pg_try_advisory_xact_lock($1) as got',
        values: [CHAIN_LOCK],
      });
      if (lock?.got !== true) return 0;
      const rows = await tx.query<ChainedRow>({
        name: 'audit_pending_rows',
        text: `select ${COLUMNS} from audit_pending p join audit_records r on r.id = p.record_id order by r.id limit $1`,
        values: [BATCH],
      });
      if (rows.length === 0) return 0;
      const last = await headOf(tx);
      let { position, hash } = last ?? { position: 0n, hash: Buffer.alloc(32) };
      const made = rows.map((row) => {
        position++;
        hash = hashOf(key, hash, position, row);
        return { position, id: row.id, hash };
      });
      await tx.query({
        name: 'audit_chain_rows',
        text: `with gone as (delete from audit_pending where record_id = any($2::bigint[]))
               insert into audit_chain (position, record_id, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])`,
        values: [made.map((one) => one.position), made.map((one) => one.id), made.map((one) => one.hash)],
      });
      // The log lies elsewhere: a head written there shows later that the end was cut off.
      if (position / 10_000n !== (last?.position ?? 0n) / 10_000n) {
        log.info({ position: String(position), hash: hash.toString('hex') }, 'head of the audit chain');
      }
      return rows.length;
    });

  const advance = (): Promise<void> => {
    running ??= (async () => {
      while (!closed && (await step()) === BATCH);
    })().finally(() => {
      running = undefined;
    });
    return running;
  };
  const quietly = () => {
    advance().catch((error: unknown) => log.warn({ err: error }, 'audit records could not be chained yet'));
  };
  const stop = clock.every(SWEEP_MS, quietly);

  return {
    advance,
    wake() {
      cancel ??= clock.after(SOON_MS, () => {
        cancel = undefined;
        quietly();
      });
    },
    verify: () => verify(store, key),
    async close() {
      stop();
      cancel?.();
      closed = true;
      await running?.catch(() => {});
    },
  };
}

/** The key of all hashes of the audit records; made and sealed into the database once. */
export async function openAuditKey(store: Store, sealer: Sealer, random: Random): Promise<KeyObject> {
  const fresh = sealer.seal(random.bytes(32).toString('base64url'), SEAL_PLACE);
  await store.query({
    text: 'insert into audit_key (sealed) values ($1) on conflict do nothing',
    values: [fresh],
  });
  const [row] = await store.query<{ sealed: string }>({ text: 'select sealed from audit_key' });
  // A key object: of bytes Node would make one for every hash.
  return createSecretKey(sealer.open<string>(row?.sealed ?? '', SEAL_PLACE), 'base64url');
}

async function headOf(reader: Reader): Promise<{ position: bigint; hash: Buffer } | undefined> {
  const [row] = await reader.query<{ position: bigint; hash: Buffer }>({
    name: 'audit_head',
    text: 'select position, hash from audit_chain order by position desc limit 1',
  });
  return row;
}

function hashOf(key: KeyObject, before: Buffer, position: bigint, row: ChainedRow): Buffer {
  const { id, at, initiator, project, outcome, action, target, record } = row;
  const fields = [String(position), String(id), at, initiator, project, outcome, action, target, record];
  return createHmac('sha256', key).update(before).update(JSON.stringify(fields)).digest();
}

async function verify(store: Store, key: KeyObject): Promise<Verification> {
  const problems: string[] = [];
  const tell = (problem: string) => {
    if (problems.length < 100) problems.push(problem);
  };
  let position = 0n;
  let hash: Buffer = Buffer.alloc(32);
  for (;;) {
    const rows = await store.query<{ position: bigint; record_id: bigint; hash: Buffer } & Partial<ChainedRow>>({
      name: 'audit_verify',
      text: `select c.position, c.record_id, c.hash, ${COLUMNS} from audit_chain c
             left join audit_records r on r.id = c.record_id where c.position > $1 order by c.position limit $2`,
      values: [position, BATCH],
    });
    for (const row of rows) {
      if (row.position !== position + 1n) tell(`positions ${position + 1n} to ${row.position - 1n} are missing`);
      position = row.position;
      if (row.id == null) tell(`the record at position ${position} is missing`);
      else if (!hashOf(key, hash, position, row as ChainedRow).equals(row.hash)) {
        tell(`the record at position ${position}, or its hash, was changed`);
      } else if (!markOf(key, row.record ?? '').equals(row.mark ?? Buffer.alloc(0))) {
        tell(`the record at position ${position} was not made by this program`);
      }
      // Go on from what is written, so that one change is told once and not for all that follows.
      hash = row.hash;
    }
    if (rows.length < BATCH) break;
  }
  const [counts] = await store.query<{ pending: number; stray: number }>({
    text: `select (select count(*) from audit_pending)::int as pending,
             (select count(*) from audit_records r
               where not exists (select 1 from audit_chain c where c.record_id = r.id)
                 and not exists (select 1 from audit_pending p where p.record_id = r.id))::int as stray`,
  });
  if ((counts?.stray ?? 0) > 0) tell(`${counts?.stray} record(s) were put beside the chain`);
  return {
    chained: Number(position),
    pending: counts?.pending ?? 0,
    ok: problems.length === 0,
    problems,
    head: position === 0n ? null : { position: String(position), hash: hash.toString('hex') },
  };
}
