import { IngotError, messageOf } from '#kernel/errors';
import { OvsdbClient } from '#protocols/ovsdb/index';
import { errors } from '../../errors.ts';
import type { ChangeSet, DriverParts, SwitchDriver, SwitchReading, SwitchSession, SwitchTarget } from '../contract.ts';
import { OVS_TABLES, readRows } from './rows.ts';
import { operationsFor } from './write.ts';

const READY_MS = 10_000;

/**
 * Open vSwitch by its database. A batch is one transaction: all of it or none. It cannot shut a port; what carries
 * nothing passes only a VLAN that leads nowhere, and is `protected` from the others there.
 */
export class OvsDriver implements SwitchDriver {
  readonly abilities = { lag: true, mlag: false, mtu: true, edge: false, storm: false, isolation: true, acl: [] };
  readonly isolates = true;
  readonly lagRange = [1, 4000] as const;
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  portName(text: string): string | null {
    // Names of Linux interfaces.
    return /^[\w.:@-]{1,15}$/.test(text) ? text : null;
  }

  async open(target: SwitchTarget, signal: AbortSignal): Promise<SwitchSession> {
    const { clock, callMs = 30_000 } = this.#parts;
    const { ca, certificate, certificateKey } = target.login;
    signal.throwIfAborted();
    const client = new OvsdbClient({
      remote: target.address,
      database: 'Open_vSwitch',
      tables: OVS_TABLES,
      leaderOnly: false,
      clock,
      callMs,
      ...(ca === null
        ? {}
        : {
            tls: {
              ca,
              ...(certificate === null ? {} : { cert: certificate }),
              ...(certificateKey === null ? {} : { key: certificateKey.reveal() }),
            },
          }),
    });
    // The client goes on trying; who waits here is told of the first failure.
    let stop = () => {};
    const failed = new Promise<never>((_, reject) => {
      stop = client.onState(() => {
        if (!client.connected) reject(new Error(client.status().problem ?? 'no connection'));
      });
    });
    try {
      await Promise.race([client.ready(Math.min(READY_MS, callMs)), failed]);
    } catch (error) {
      await client.close();
      throw errors.SwitchUnreachable(target.name, messageOf(error), { cause: error });
    } finally {
      stop();
    }
    return new OvsSession(client, target, callMs);
  }
}

class OvsSession implements SwitchSession {
  readonly shownKey = null;
  readonly #client: OvsdbClient;
  readonly #target: SwitchTarget;
  readonly #callMs: number;
  #closed = false;
  /** Changes of the cache while we write are our own. */
  #writing = false;

  constructor(client: OvsdbClient, target: SwitchTarget, callMs: number) {
    this.#client = client;
    this.#target = target;
    this.#callMs = callMs;
    client.onState(() => {
      // The client would come back by itself; who reads must know that there was a gap.
      if (!client.connected) this.#closed = true;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  async read(): Promise<SwitchReading> {
    if (!this.#client.connected) {
      throw errors.SwitchCut(this.#target.name, this.#client.status().problem ?? 'no connection');
    }
    return { ports: readRows(this.#client.cache, this.#target), vlans: null };
  }

  async apply(changes: ChangeSet): Promise<void> {
    const operations = operationsFor(this.#client.cache, changes, this.#target);
    if (operations.length === 0) return;
    this.#writing = true;
    try {
      await this.#client.transact(operations, this.#callMs);
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      const { name } = this.#target;
      if (error.code === 'OvsdbRefused') {
        // A guard that did not hold: somebody else changed the rows in between.
        if (error.details?.['error'] === 'timed out') throw errors.SwitchBusy(name, 'its ports changed meanwhile');
        throw errors.SwitchRefused(name, `${changes.ports.length} changes`, error.message, { cause: error });
      }
      throw errors.SwitchCut(name, error.message, { cause: error });
    } finally {
      this.#writing = false;
    }
  }

  /** The database is on the switch's disk already. */
  async save(): Promise<void> {}

  onChange(fn: () => void): () => void {
    return this.#client.onChange((changes) => {
      if (!this.#writing && changes.length > 0) fn();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }
}
