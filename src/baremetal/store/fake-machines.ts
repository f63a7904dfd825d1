import type { Store } from '#store/contract';
import { type FakeAction, type FakeMachine, type FakeMachines, NEW_MACHINE } from '../model/fake-machine.ts';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';

interface Write {
  nodeUuid: string;
  patch: Partial<FakeMachine>;
  action: FakeAction;
  may: () => void;
}

/** Fake machines in the database. Writes of many machines go together, each under its own right to write. */
export function storedMachines(store: Store, ledger: boolean): FakeMachines {
  const write = gather<Write, undefined>((writes) => writeMany(store, ledger, writes));
  return {
    read: gather<string, FakeMachine>(async (uuids) => {
      const rows = await store.query<{ node_uuid: string; state: string }>(
        prepared('select node_uuid, state from fake_machines where node_uuid = any ($1::uuid[])', [uuids]),
      );
      const found = new Map(rows.map((row) => [row.node_uuid, row.state]));
      return uuids.map((uuid) => {
        const state = found.get(uuid);
        return { ...NEW_MACHINE, ...(state === undefined ? {} : (JSON.parse(state) as FakeMachine)) };
      });
    }),
    write: (nodeUuid, patch, action, may) => write({ nodeUuid, patch, action, may }),
  };
}

async function writeMany(store: Store, ledger: boolean, writes: Write[]): Promise<(undefined | Error)[]> {
  const results: (undefined | Error)[] = [];
  const allowed: Write[] = [];
  // In the tick in which the statement leaves: a process that was stopped while writes waited sends none of them.
  for (const [i, one] of writes.entries()) {
    try {
      one.may();
      allowed.push(one);
    } catch (error) {
      results[i] = error as Error;
    }
  }
  if (allowed.length > 0) {
    const values: unknown[] = [allowed.map((one) => one.nodeUuid), allowed.map((one) => JSON.stringify(one.patch))];
    if (ledger) {
      values.push(
        allowed.map((one) => one.action.action),
        allowed.map((one) => JSON.stringify(one.action.detail ?? {})),
        allowed.map((one) => one.action.incarnation),
        allowed.map((one) => one.action.fence),
      );
    }
    await store.query(prepared(`${UPSERT}${ledger ? LEDGER : ''} select 1`, values));
  }
  results.length = writes.length;
  return results;
}

// Two writes of one machine never come in one batch: its owner does one thing at a time. What was never set is
// not stored: the reader knows how a new machine is.
const UPSERT = `
with t as (
  select * from unnest($1::uuid[], $2::text[]) as t(node_uuid, patch)
), m as (
  insert into fake_machines as f (node_uuid, state)
  select n.uuid, t.patch::json from t join nodes n on n.uuid = t.node_uuid
  on conflict (node_uuid) do update set
    state = (f.state::jsonb || excluded.state::jsonb)::json, updated_at = clock_timestamp()
)`;
const LEDGER = `, l as (
  insert into fake_ledger (node_uuid, action, detail, incarnation, fence)
  select * from unnest($1::uuid[], $3::text[], $4::json[], $5::text[], $6::bigint[])
)`;
