import { IngotError, messageOf } from '#kernel/errors';
import type { Clock } from '#kernel/clock';
import { type Operation, OvsdbClient } from '#protocols/ovsdb/index';
import { errors } from '../../errors.ts';
import type { SwitchAbilities } from '#contracts/switches';
import type {
  ChangeSet,
  DriverParts,
  PortChange,
  SwitchDriver,
  SwitchReading,
  SwitchSession,
  SwitchTarget,
} from '../contract.ts';
import { flowsOf } from './flows.ts';
import { flowTables, type FlowTables, OPENFLOW } from './openflow.ts';
import { findPorts, items, OVS_TABLES, readRows } from './rows.ts';
import { operationsFor } from './write.ts';

const READY_MS = 10_000;

/** Asks the daemon to look at all of its configuration: it misses a change of nothing but a trunk's list otherwise. */
const TAKE_IT = {
  op: 'mutate',
  table: 'Open_vSwitch',
  where: [],
  mutations: [['next_cfg', '+=', 1]],
} as const satisfies Operation;

const ABILITIES = { lag: true, mlag: true, mtu: true, edge: false, storm: false, isolation: true, acl: [] } as const;
const FILTERING = {
  ...ABILITIES,
  acl: ['in', 'out'],
  stateful: true,
  guard: true,
  aclUntagged: true,
} as const satisfies SwitchAbilities;

/**
 * Open vSwitch by its database, and its flow tables where the options say how they are reached. A batch is one transaction: all of it or none. It cannot shut a port; what carries
 * nothing passes only a VLAN that leads nowhere, and is `protected` from the others there. Its row says so (`SHUT`),
 * for whoever can cut the link: with `cuts_links` somebody does.
 */
export class OvsDriver implements SwitchDriver {
  readonly abilities = ABILITIES;
  readonly isolates = true;
  readonly lagRange = [1, 4000] as const;
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /** Filters are flows of one bridge. */
  abilitiesWith(options: Readonly<Record<string, string>>): SwitchAbilities {
    const abilities = tablesAt(options) === null ? ABILITIES : FILTERING;
    return options['cuts_links'] === 'true' ? { ...abilities, cutsLinks: true } : abilities;
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
    return new OvsSession(client, target, clock, callMs);
  }
}

function tablesAt({ bridge, openflow }: Readonly<Record<string, string>>): string | null {
  return bridge !== undefined && openflow !== undefined && OPENFLOW.test(openflow) ? openflow : null;
}

class OvsSession implements SwitchSession {
  readonly shownKey = null;
  readonly #client: OvsdbClient;
  readonly #target: SwitchTarget;
  readonly #clock: Clock;
  readonly #callMs: number;
  #closed = false;
  readonly #tables: FlowTables | null;
  /** Changes of the cache while we write are our own. */
  #writing = false;

  constructor(client: OvsdbClient, target: SwitchTarget, clock: Clock, callMs: number) {
    this.#client = client;
    this.#target = target;
    this.#clock = clock;
    this.#callMs = callMs;
    const remote = tablesAt(target.options);
    this.#tables = remote === null ? null : flowTables(target.name, remote);
    client.onState(() => {
      // The client would come back by itself; who reads must know that there was a gap.
      if (!client.connected) this.#closed = true;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  async read(signal: AbortSignal): Promise<SwitchReading> {
    const flows = this.#tables === null ? null : await this.#tables.read(signal);
    if (!this.#client.connected) {
      throw errors.SwitchCut(this.#target.name, this.#client.status().problem ?? 'no connection');
    }
    return { ports: readRows(this.#client.cache, this.#target, flows), vlans: null };
  }

  async apply(changes: ChangeSet, signal: AbortSignal): Promise<void> {
    // What opens is filtered before it does; what stops, and bonds that come and go, after.
    const { early, late } = this.#flows(changes);
    await this.#tables?.write(early, signal);
    await this.#rows(changes, signal);
    await this.#tables?.write(late(), signal);
  }

  #flows(changes: ChangeSet): { early: Map<number, string[]>; late(): Map<number, string[]> } {
    const of = (ports: readonly PortChange[]) => {
      const flows = new Map<number, string[]>();
      const found = findPorts(this.#client.cache, this.#target);
      for (const { port, from, to } of ports) {
        const at = found.get(port)?.flows;
        if (at != null) flows.set(at.number, flowsOf(at, { ...to, acl: to.acl ?? from.acl }));
      }
      return flows;
    };
    if (this.#tables === null) return { early: new Map(), late: () => new Map() };
    const stays = ({ from, to }: PortChange) => from.lag === null && to.lag === null && to.enabled;
    return {
      early: of(changes.ports.filter(stays)),
      late: () => of(changes.ports.filter((one) => !stays(one))),
    };
  }

  async #rows(changes: ChangeSet, signal: AbortSignal): Promise<void> {
    const operations = operationsFor(this.#client.cache, changes, this.#target);
    if (operations.length === 0) return;
    this.#writing = true;
    try {
      await this.#client.transact([...operations, TAKE_IT], this.#callMs);
      await this.#inForce(signal);
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

  /** Waits until the daemon that forwards, where one does, has taken what was written: until then frames go as before. */
  async #inForce(signal: AbortSignal): Promise<void> {
    const root = () => [...this.#client.cache.table('Open_vSwitch').values()][0];
    const wanted = Number(root()?.['next_cfg'] ?? 0);
    const until = this.#clock.monotonic() + this.#callMs;
    while (items(root()?.['datapath_types']).length > 0 && Number(root()?.['cur_cfg'] ?? 0) < wanted) {
      const late = this.#clock.monotonic() > until;
      if (late || !this.#client.connected) {
        throw errors.SwitchCut(this.#target.name, 'ovs-vswitchd does not take the configuration of its database');
      }
      await this.#clock.sleep(5, signal);
    }
  }

  /** The database is on the switch's disk already. */
  async save(): Promise<void> {}

  onChange(fn: () => void): () => void {
    return this.#client.onChange((changes) => {
      if (!this.#writing && changes.some(({ table }) => table !== 'Open_vSwitch')) fn();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }
}
