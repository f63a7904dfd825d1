import type { Clock } from '#kernel/clock';
import { createSwitches, type Switches } from '#network/switch/index';
import type { Log } from '#platform/log';
import type { Config } from '#platform/settings';
import type { Sealer, Store } from '#store/contract';
import type { Work } from '#work/contract';

/** Builds the room of switches: its service works in any process, `start` is for conductors. */
export function makeSwitches(parts: {
  store: Store;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  work: Pick<Work, 'owns'>;
  config: Config;
}): Switches {
  const { config, ...rest } = parts;
  return createSwitches({ ...rest, group: config.conductor.group, readMs: config.network.switch_read_s * 1000 });
}
