import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { ActiveEffects, MachineFacts } from '../../faults/active.ts';
import type { Bmc, BmcNetwork } from '../bmc.ts';
import type { RedfishAnswer, RedfishRequest } from './door.ts';

/** What answers requests behind a server: a BMC's resources, or a recorded tree. */
export interface Door {
  answer(request: RedfishRequest): Promise<RedfishAnswer>;
  /** Ends what is kept open (event streams). */
  close(): void;
}

/** What the server must know of the thing it serves: its faults, its counters, whether it is there. */
export interface Served {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly effects: ActiveEffects;
  readonly counters: Bmc['counters'];
  readonly rebooting: boolean;
  network: BmcNetwork;
  facts(): MachineFacts;
  onReboot(fn: () => void): void;
}
