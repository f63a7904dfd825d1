import type { MachineNetworks } from '#contracts/network';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { ConductorLease, WorkRuntime } from '#work/contract';
import type { DriverRegistry } from '../drivers/registry.ts';
import type { EventInboxes } from '../events/inboxes.ts';
import type { Get } from '../model/inspection-rules/api-call.ts';
import type { ConductorConfig } from '../model/conductor-config.ts';
import type { Claimed, ClaimWish } from '../store/claim.ts';
import type { Intents } from '../store/intents.ts';
import type { NodeFacts } from '../store/node-facts.ts';
import type { Proofs } from '../store/proofs.ts';
import type { Timelines } from '../store/timelines.ts';
import type { NodeWriter } from '../store/transition.ts';

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
  /** Calls an address that an inspection rule names, past the guard of outbound requests. Gives the status. */
  callOut: Get;
  /** Takes the token of a node's ramdisk away: the machine is off. */
  forgetAgent(nodeUuid: string): Promise<void>;
  /** Writes the nodes it works on. */
  nodes: NodeWriter;
  /** Takes nodes for this life. */
  claim(lease: ConductorLease, wish: ClaimWish): Promise<Claimed>;
  /** Keeps how operations spent their time. */
  timelines: Timelines;
  /** Keeps what proves that machines are clean. */
  proofs: Proofs;
  /** Keeps what NICs heard of switches; absent where no network service is plugged in. */
  networks?: Pick<MachineNetworks, 'neighbours'>;
  /** Keeps what was read from a machine. */
  facts(facts: NodeFacts): Promise<void>;
  /** Where BMCs send their events; absent where this conductor takes none. */
  inboxes?: EventInboxes;
}
