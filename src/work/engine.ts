import { DBOS } from '@dbos-inc/dbos-sdk';
import { getCurrentContextStore } from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk/internal/error';
import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { dbRetryConfig, globalParams } from '@dbos-inc/dbos-sdk/internal/utils';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import type { Log } from '#platform/log';
import type { Json } from './contract.ts';
import { type RecordParts, recordWith } from './engine-records.ts';
import { errors } from './errors.ts';

// With engine-records.ts the only file that touches DBOS. What we use of it: durable steps (`runStep`), the record of outcomes, and
// the owner token that refuses a zombie's records. What we do ourselves, because DBOS sells it or does it in
// a way that hurts here (see docs/adr): claiming work, takeover, messages, limits. That needs a few of its
// internals, hence the exact version below.

const PINNED = '5.3.0';
const SCHEMA = 'dbos';

/** A row this process claimed. */
export interface ClaimedRow {
  id: string;
  /** `name@version` */
  workflow: string;
  queue: string;
  /** The engine's text of the input. */
  input: string;
  serialization: string;
  /** The token the claim wrote. */
  owner: string;
  attempts: number;
}

/** Thrown by a step's body: the run stops here, nothing is recorded, somebody goes on from here later. */
export class StopRun extends Error {
  constructor() {
    super('this run stops here');
    this.name = 'StopRun';
  }
}

export interface EngineOptions {
  url: string;
  /** Connections it may hold. */
  connections: number;
  log: Log;
  records: RecordParts;
}

/** Makes or updates the engine's own tables. Safe to call from several processes at once only under a lock. */
export async function migrateEngine(url: string, log: Log): Promise<void> {
  // Without LISTEN/NOTIFY: its trigger would put a NOTIFY into our transactions.
  await ensureSystemDatabase(url, engineLog(log) as never, undefined, SCHEMA, false);
}

/** The engine of this process. There is only one: DBOS is global. */
export interface Engine {
  /** Before `start`. `body` gives what is recorded as the outcome; a StopRun thrown leaves it open. */
  register(name: string, body: (id: string, input: Json) => Promise<Json>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Begins to run a claimed row; does not wait for it. */
  dispatch(row: ClaimedRow): Promise<void>;
  /**
   * Inside a workflow: gives the recorded result of this step, or runs `body` and records what it gives.
   * Whatever it throws is the engine's doing, as `body` must not throw but StopRun.
   */
  record<T>(name: string, body: (number: number) => Promise<T>): Promise<T>;
  /**
   * One statement on the engine's own connections, which it hardly uses: for heartbeats, which must not stand
   * in line behind a thousand requests for one of the store's. Throws what the driver throws.
   */
  query<R>(statement: { name: string; text: string; values: unknown[] }): Promise<R[]>;
  /** Inside a workflow: the next step is recorded under this number. */
  numberFrom(number: number): void;
}

export function makeEngine(options: EngineOptions): Engine {
  if (globalParams.dbosVersion !== PINNED) throw errors.EngineChanged(`DBOS ${globalParams.dbosVersion}`, PINNED);
  const executor = (): DBOSExecutor => {
    const instance = DBOSExecutor.globalInstance;
    if (instance === undefined) throw errors.WorkNotStarted();
    return instance;
  };
  return {
    register(name, body) {
      DBOS.registerWorkflow(
        async (input: Json) => {
          const id = DBOS.workflowID ?? '';
          try {
            return await body(id, input);
          } catch (error) {
            // Parks the run: DBOS records nothing and lets go of it.
            if (error instanceof StopRun) throw new DBOSWorkflowConflictError(id);
            throw error;
          }
        },
        // Takeovers are counted by us; the engine's own counter must never end a workflow.
        { name, maxRecoveryAttempts: Number.MAX_SAFE_INTEGER - 2 },
      );
    },
    async start() {
      DBOS.setConfig({
        name: 'ingot',
        applicationVersion: '1',
        systemDatabaseUrl: engineUrl(options.url),
        systemDatabaseIdleTransactionTimeoutMs: 0,
        systemDatabasePoolSize: options.connections,
        systemDatabaseSchemaName: SCHEMA,
        useListenNotify: false,
        runMigrations: false,
        schedulerPollingIntervalMs: 3_600_000,
        observabilityQueryTimeoutMs: 0,
        serializer: { name: () => 'json', parse: (text) => JSON.parse(text ?? 'null'), stringify: (v) => stringify(v) },
        logger: engineLog(options.log),
      });
      // A minute between attempts, the default, would keep work down long after the database is back.
      dbRetryConfig.initialBackoffSec = 0.2;
      dbRetryConfig.maxBackoffSec = 1;
      await DBOS.launch();
      // We claim work ourselves and set no timeouts: these loops would only poll.
      wfQueueRunner.stop();
      await executor().stopWorkflowTimeoutSweep();
      recordWith(executor().systemDatabase, options.records);
    },
    async stop() {
      await DBOS.shutdown({ deregister: true });
    },
    async dispatch(row) {
      await executor().executeDequeuedWorkflow(
        {
          workflowUUID: row.id,
          status: 'PENDING',
          workflowName: row.workflow,
          workflowClassName: '',
          workflowConfigName: '',
          queueName: row.queue,
          authenticatedUser: '',
          assumedRole: '',
          authenticatedRoles: [],
          output: null,
          error: null,
          input: row.input,
          executorId: '',
          applicationVersion: '1',
          applicationID: '',
          recoveryAttempts: row.attempts,
          priority: 0,
          serialization: row.serialization,
        } as never,
        row.owner,
      );
    },
    async record(name, body) {
      return await DBOS.runStep(
        async () => {
          try {
            return await body(DBOS.stepID ?? -1);
          } catch (error) {
            // The one error DBOS passes on without recording it as the step's result.
            if (error instanceof StopRun) throw new DBOSWorkflowConflictError(DBOS.workflowID ?? '');
            throw error;
          }
        },
        { name },
      );
    },
    async query(statement) {
      return (await executor().systemDatabase.pool.query(statement)).rows;
    },
    numberFrom(number) {
      const context = getCurrentContextStore();
      if (context !== undefined) context.curWFFunctionId = number;
    },
  };
}

/** The engine lost the workflow to another owner: nothing is wrong, and nothing is to be done. */
export function isLostOwnership(error: unknown): boolean {
  return error instanceof DBOSWorkflowConflictError;
}

/**
 * A process that is stopped in the middle of a transaction keeps its row locks: the server must end its session
 * before the others take its work over, or they wait for it.
 */
function engineUrl(url: string): string {
  const changed = new URL(url);
  const options = changed.searchParams.get('options');
  const limit = '-c idle_in_transaction_session_timeout=5000 -c statement_timeout=10000';
  // A connection whose network went dark is given up.
  changed.searchParams.set('query_timeout', '5000');
  changed.searchParams.set('options', options === null ? limit : `${options} ${limit}`);
  return changed.href;
}

function stringify(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** The engine is talkative, and while the database is away says the same again and again. */
function engineLog(log: Log) {
  const say = (level: 'debug' | 'warn' | 'error') => (entry: unknown) =>
    log[level]({ engine: true }, typeof entry === 'string' ? entry : String(entry));
  return { info: say('debug'), debug: say('debug'), warn: say('debug'), error: say('error') };
}
