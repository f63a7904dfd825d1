import { messageOf } from '#kernel/errors';
import type { BmcEars } from '../../drivers/contract.ts';
import type { Node } from '../../model/node.ts';
import { callFor } from '../actions/taken.ts';
import type { ConductorSide } from '../side.ts';

/** What ended or was refused is tried again after so long, then ever more seldom: the BMC may have been updated. */
const AGAIN_MS = 10 * 60_000;
const LONGEST_AGAIN_MS = 6 * 60 * 60_000;
/** One that lasted is opened again with the next look. */
const LASTED_MS = 60_000;

/** No BMC takes so long to say that it has no events. Milliseconds. */
const OPENED_MS = 5_000;

/** Who is told. */
export interface Ears {
  /** Something happened to the machine. */
  heard(): void;
  /** From now on events arrive. */
  opened(): void;
  /** Nothing more will be heard. */
  ended(): void;
}

/** BMCs that tell of changes by themselves. */
export interface Listeners {
  /** True while it makes no sense to begin: the BMC has no events, or there is no room. */
  refuses(node: string): boolean;
  /** Asks the BMC to tell; the driver may know no way. */
  begin(node: Node, ears: Ears): void;
  /** Somebody else looks after the node. */
  end(node: string): void;
  stop(): void;
}

interface Open {
  end: AbortController;
  /** It holds a connection open. */
  streams: boolean;
}

/**
 * Listens to BMCs: those that can send us their events cost nothing, of those that have a stream as many as the settings
 * allow.
 */
export function makeListeners(side: ConductorSide): Listeners {
  const { clock, log, work, inboxes } = side;
  const most = side.config.powerSync.listeners;
  const open = new Map<string, Open>();
  const quiet = new Map<string, { until: number; times: number }>();
  let streams = 0;
  let stopped = false;

  const run = async (node: Node, ears: Ears, mine: Open) => {
    const began = clock.monotonic();
    const { signal } = mine.end;
    const taken = { id: 0n, action: 'events', node, lease: work.lease, signal, resumed: false, age: 0 };
    const call = callFor(side, taken);
    const bmcEars: BmcEars = {
      heard: ears.heard,
      opened: ears.opened,
      inbox: async (host) => (await inboxes?.open(node.uuid, host)) ?? null,
      mayStream() {
        if (streams >= most) return false;
        mine.streams = true;
        streams++;
        return true;
      },
      get comesBack() {
        return stopped;
      },
    };
    try {
      await call.interfaces.power.listen?.(call, bmcEars);
    } catch (error) {
      if (!signal.aborted) log.debug({ node: node.uuid, err: messageOf(error) }, 'events of a BMC ended');
    } finally {
      if (open.get(node.uuid) === mine) open.delete(node.uuid);
      if (mine.streams) streams--;
      const lasted = clock.monotonic() - began;
      if (lasted > LASTED_MS || signal.aborted) quiet.delete(node.uuid);
      else {
        const times = (quiet.get(node.uuid)?.times ?? 0) + 1;
        const pause = Math.min(LONGEST_AGAIN_MS, AGAIN_MS * 2 ** (times - 1));
        quiet.set(node.uuid, { until: clock.monotonic() + pause, times });
      }
      ears.ended();
      // what happened since is seen by looking; a BMC that has no events was just looked at
      if (lasted > OPENED_MS && !signal.aborted) ears.heard();
    }
  };

  return {
    refuses(node) {
      if (stopped || open.has(node) || (quiet.get(node)?.until ?? 0) > clock.monotonic()) return true;
      return streams >= most && inboxes === undefined;
    },
    begin(node, ears) {
      if (side.registry.of(node).power.listen === undefined) return;
      const mine: Open = { end: new AbortController(), streams: false };
      open.set(node.uuid, mine);
      void run(node, ears, mine);
    },
    end(node) {
      open.get(node)?.end.abort(new Error('another conductor looks after the node'));
      quiet.delete(node);
    },
    stop() {
      stopped = true;
      for (const { end } of open.values()) end.abort(new Error('the conductor stops'));
    },
  };
}
