import type { ConsoleMachines } from '#contracts/console';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { ConsoleConfig } from '../config.ts';
import type { Peers } from '../link/peers.ts';
import type { Recorder } from '../recorder/recorder.ts';

/** What handlers work with. */
export interface Room {
  store: Store;
  machines: ConsoleMachines;
  sealer: Sealer;
  recorder: Recorder;
  peers: Peers;
  clock: Clock;
  log: Log;
  config: ConsoleConfig;
  random: Random;
  /** Aborted when the program stops: streams end then. */
  stopping: AbortSignal;
}
