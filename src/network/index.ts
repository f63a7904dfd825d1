import type { SwitchService } from '#contracts/switches';
import type { Door } from '#http/contract';
import type { Clock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { networkDoor } from './api/door.ts';
import { DEFAULT_NETWORK_CONFIG, type NetworkConfig } from './model/config.ts';

export { DEFAULT_NETWORK_CONFIG, type NetworkConfig } from './model/config.ts';

export interface NetworkParts {
  store: Store;
  clock: Clock;
  log: Log;
  random?: Random;
  config?: Partial<NetworkConfig>;
  switches?: () => SwitchService | undefined;
  /** Makes switches carry what is bound to a machine of another bare metal service. */
  settle?: (machine: string) => Promise<void>;
}

/** The network service: the API over the rows that OVN is made equal to. */
export interface Network {
  readonly doors: readonly Door[];
}

/** Builds the room. Opens nothing. */
export function createNetwork(parts: NetworkParts): Network {
  const { store, clock, log, random = systemRandom } = parts;
  const config = { ...DEFAULT_NETWORK_CONFIG, ...parts.config };
  const { switches, settle } = parts;
  const more = { ...(switches === undefined ? {} : { switches }), ...(settle === undefined ? {} : { settle }) };
  return { doors: [networkDoor({ store, clock, log, random, config, ...more })] };
}
