import { currentOwnerXid } from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSStepNondeterminismError, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk/internal/error';
import type { SystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import type { Store } from '#store/contract';
import { isDatabaseAway, isDatabaseBusy } from './errors.ts';

// DBOS asks the database thirteen times for a workflow of one step: is it cancelled, is the step recorded, begin,
// am I the owner, insert, commit… Here each record is one prepared statement that checks the owner itself:
// measured, 100 workflows end in 60 % of the time. The rules are DBOS's: a record is refused unless the run's
// token still owns the workflow, a step is recorded once, and while the database is away everybody waits.

export interface RecordParts {
  store: Store;
  /** Nobody ran this workflow before: nothing of it is recorded yet. */
  isFirstRun(id: string): boolean;
  /** Is there anything to clear away when it ends? */
  leaves(id: string): boolean;
  /** A workflow has ended; `freed`: what became of its place, or 'lost': it was no longer ours to end. */
  completed(id: string, freed: string): void;
  /** A workflow ended, but that could not be recorded. */
  unrecorded(id: string, error: unknown): void;
  databaseBack(): Promise<void>;
}

// The lock on the row keeps a takeover out until the record is committed; a takeover that came first changed
// the token, and then nothing is inserted.
const RECORD = `
with owner as (
  select 1 from dbos.workflow_status where workflow_uuid = $1 and owner_xid = $2 for no key update
)
insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error, serialization,
  started_at_epoch_ms, completed_at_epoch_ms, application_name)
select $1, $3, $4, $5, $6, $7, $8, $9, 'ingot' from owner
on conflict (workflow_uuid, function_id) do update set completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms
returning completed_at_epoch_ms::float8 as ended`;

const RECORDED = `
select output, error, function_name as name, serialization
from dbos.operation_outputs where workflow_uuid = $1 and function_id = $2`;

/** Makes the engine record through our statements. */
export function recordWith(database: SystemDatabase, parts: RecordParts): void {
  const { store } = parts;
  /** Until the database answers: nothing of a workflow fails because it is away. */
  const insist = async <R>(name: string, text: string, values: unknown[]): Promise<R[]> => {
    for (;;) {
      try {
        return await store.query<R>({ name, text, values });
      } catch (error) {
        if (!isDatabaseAway(error) && !isDatabaseBusy(error)) throw error;
        await parts.databaseBack();
      }
    }
  };
  // We never cancel, and a workflow somebody else cancelled has lost its owner: the next record is refused.
  database.checkIfCanceled = async () => {};
  database.getOperationResultAndThrowIfCancelled = async (id, step) => {
    if (parts.isFirstRun(id)) return undefined;
    const rows = await insist<{ output: string | null; error: string | null; name: string; serialization: string }>(
      'work.recorded',
      RECORDED,
      [id, step],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const { output, error, serialization } = row;
    return { output, error, serialization, functionName: row.name, childWorkflowID: null };
  };
  database.recordOperationResult = async (id, step, name, _check, started, ended, result = {}) => {
    const { output = null, error = null, serialization = null } = result;
    const owner = currentOwnerXid(id);
    const values = [id, owner, step, name, output, error, serialization, started, ended];
    const rows = await insist<{ ended: number }>('work.record', RECORD, values);
    const row = rows[0];
    if (row === undefined) throw new DBOSWorkflowConflictError(id);
    // A second try after a lost answer finds its own record; any other is a step recorded twice.
    if (row.ended !== ended) throw new DBOSStepNondeterminismError(id, step);
  };
  database.recordWorkflowOutput = async (id, status, owner) => {
    const text = 'select work_complete($1, $2, $3, $4) as freed';
    const values = [id, owner, status.output ?? null, parts.leaves(id)];
    try {
      const rows = await insist<{ freed: string }>('work.complete', text, values);
      const freed = rows[0]?.freed ?? 'lost';
      parts.completed(id, freed);
      return freed !== 'lost';
    } catch (error) {
      parts.unrecorded(id, error);
      throw new DBOSWorkflowConflictError(id);
    }
  };
  // A run that lost its workflow would poll until the workflow ends elsewhere, perhaps for weeks. Nobody waits
  // for what it finds: let go of it.
  database.awaitWorkflowResult = async (id) => {
    throw new Error(`workflow ${id} goes on elsewhere`);
  };
  // Our workflows always end with an outcome, failures included. An error here is trouble of the engine, and
  // must not become the end of the work.
  database.recordWorkflowError = async (id, status) => {
    parts.unrecorded(id, new Error(status.error ?? 'the engine failed'));
    return false;
  };
}
