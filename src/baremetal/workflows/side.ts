import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { WorkRuntime } from '#work/contract';
import type { DriverRegistry } from '../drivers/registry.ts';
import type { ConductorConfig } from '../model/conductor-config.ts';
import type { Intents } from '../store/intents.ts';
import type { NodeFacts } from '../store/node-facts.ts';

/** What workflows, executors and chores of a conductor are given. */
export interface ConductorSide {
  store: Store;
  work: WorkRuntime;
  clock: Clock;
  log: Log;
  sealer: Sealer;
  config: ConductorConfig;
  registry: DriverRegistry;
  intents: Intents;
  /** Keeps what was read from a machine. */
  facts(facts: NodeFacts): Promise<void>;
}
