import type { BootService } from '#contracts/boot';
import type { ConsoleWords } from '#contracts/console';
import type { MachineNetworks } from '#contracts/network';
import type { Quotas } from '#contracts/quota';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import type { Work } from '#work/contract';
import type { BaremetalConfig } from './config.ts';
import type { DriverCatalogue } from './driver-catalogue.ts';
import type { BaremetalVerbs } from './verbs.ts';

/** What verbs of this room are given. Made once by the composition root. */
export interface BaremetalDeps {
  store: Store;
  work: Work;
  clock: Clock;
  log: Log;
  sealer: Sealer;
  catalogue: DriverCatalogue;
  config: BaremetalConfig;
  verbs: BaremetalVerbs;
  /** What projects may have at most; absent where identity is somebody else's. */
  quotas?: Quotas;
  /** What machines asked for when they booted; absent where this deployment serves no boots. */
  boot?: BootService;
  /** What machines said on their consoles; absent where nobody records them. */
  words?: ConsoleWords;
  /** Where VIFs are looked up; absent where no network service is plugged in. */
  networks?: MachineNetworks;
}
