import type pg from 'pg';
import { breaksConnection, errors, isStalePlan } from './errors.ts';
import { canCarry, carry, teach } from './riding.ts';

/** What became of a transaction. */
export type Outcome = 'nothing' | 'committed' | 'unknown';

/** A connection for the time of one transaction: begins it with the first statement, and ends it with the last. */
export class TxConnection<C extends pg.ClientBase = pg.ClientBase> {
  /** The connection must not be used again. */
  broken = false;
  outcome: Outcome = 'nothing';
  readonly client: C;
  #begun = false;
  #beginning: Promise<void> | undefined;
  #open = true;

  constructor(client: C) {
    this.client = client;
  }

  /** Runs a statement. Throws the driver's error, and `QueryFailed` after the end. */
  query<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    return this.#watched(async () => {
      if (this.#begun) {
        await this.#beginning;
        return this.client.query<R>(config);
      }
      this.#begun = true;
      if (canCarry(this.client, config)) {
        return (await carry<R>(this.client, config, { begin: true, commit: false })).result;
      }
      await (this.#beginning = this.#begin());
      return this.client.query<R>(config);
    });
  }

  /** Runs the last statement, and commits with it where that can be; `commit` does the rest. */
  last<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    if (!canCarry(this.client, config)) return this.query<R>(config);
    return this.#ending(async () => {
      const begin = !this.#begun;
      this.#begun = true;
      await this.#beginning;
      return carry<R>(this.client, config, { begin, commit: true });
    });
  }

  /** Ends it, unless its last statement did. Throws `QueryFailed` when a statement failed and its error was ignored. */
  async commit(): Promise<void> {
    if (this.outcome === 'committed') return;
    if (!this.#begun) this.#open = false;
    else
      await this.#ending(async () => {
        const result = await this.client.query({ text: 'commit' });
        return { result, end: result.command };
      });
    // With nothing asked there was nothing to begin; what waits for the end of it may go on.
    this.outcome = 'committed';
  }

  async rollback(): Promise<void> {
    this.#open = false;
    if (!this.#begun || this.broken || this.outcome === 'committed') return;
    await this.client.query('rollback').catch(() => (this.broken = true));
  }

  async #begin(): Promise<void> {
    await teach(this.client);
    await this.client.query({ text: 'begin' });
  }

  async #ending<R extends pg.QueryResultRow>(
    run: () => Promise<{ result: pg.QueryResult<R>; end: string | undefined }>,
  ): Promise<pg.QueryResult<R>> {
    try {
      const { result, end } = await this.#watched(run);
      this.#open = false;
      // PostgreSQL answers the COMMIT of a transaction in which a statement failed with a rollback.
      if (end === 'ROLLBACK') throw errors.QueryFailed('a statement failed and its error was ignored');
      this.outcome = 'committed';
      return result;
    } catch (error) {
      // The commit may have happened.
      if (breaksConnection(error)) this.outcome = 'unknown';
      throw error;
    }
  }

  async #watched<T>(run: () => Promise<T>): Promise<T> {
    if (!this.#open) throw errors.QueryFailed('this transaction has ended');
    try {
      return await run();
    } catch (error) {
      this.broken ||= breaksConnection(error) || isStalePlan(error);
      throw error;
    }
  }
}
