import type { Quotas } from '#contracts/quota';
import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Outbound } from '#protocols/outbound/outbound';
import type { Store } from '#store/contract';
import type { ImageConfig } from './config.ts';
import type { ImageFiles } from './store/files.ts';

/** What the verbs of this room work with. */
export interface ImageRoom {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  config: ImageConfig;
  outbound: Outbound;
  /** For the existing Glance alone: the operator named it, wherever it is. It leads nowhere else. */
  glanceOutbound: Outbound;
  files: ImageFiles;
  quotas: Quotas | null;
}
