import type { SwitchService } from '#contracts/switches';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import type { NetworkConfig } from './model/config.ts';

/** What the verbs of this room work with. */
export interface NetworkRoom {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  config: NetworkConfig;
  /** What machines hang on, as far as somebody drives it. */
  switches?: () => SwitchService | undefined;
  /** Makes switches carry what is bound to a machine; throws what they say. Absent: another service moves them. */
  settle?: (machine: string) => Promise<void>;
}
