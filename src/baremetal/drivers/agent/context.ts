import type { BootService } from '#contracts/boot';
import type { ImageService } from '#contracts/image';
import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { AgentHttp } from '#protocols/agent/client';
import type { AgentRecords } from '../../model/agent-records.ts';

/** What drivers that work through a ramdisk's agent stand on. */
export interface AgentContext {
  http: AgentHttp;
  records: AgentRecords;
  clock: Clock;
  log: Log;
  /** Absent: machines fetch images from where the tenant says, as they are. */
  images?: ImageService;
  /** Reads a small text that an instance names by URL: the template of a kickstart. */
  fetchText(url: string, signal: AbortSignal): Promise<string>;
  /** Absent: the ramdisk comes from somebody else's boot server. */
  boot?: BootService;
  /** A ramdisk that called within this is used as it is, without a new start; 0 never. Milliseconds. */
  fastTrackMs: number;
  /** Start the written system from the ramdisk, without the firmware, where that can be. */
  kexec: boolean;
  /** Leave cleaned machines on in their ramdisk. */
  warmPool: boolean;
}
