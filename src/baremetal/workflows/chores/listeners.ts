import { messageOf } from '#kernel/errors';
import type { Node } from '../../model/node.ts';
import { callFor } from '../actions/taken.ts';
import type { ConductorSide } from '../side.ts';

/** A stream that ended or was refused is tried again after so long: the BMC may have been updated. Milliseconds. */
const AGAIN_MS = 10 * 60_000;
/** One that lasted is opened again with the next look. */
const LASTED_MS = 60_000;

/** No BMC takes so long to say that it has no events. Milliseconds. */
const OPENED_MS = 5_000;

/** Who is told. */
export interface Ears {
  /** Something happened to the machine. */
  heard(): void;
  /** Nothing more will be heard. */
  ended(): void;
}

/** Open event streams of BMCs. */
export interface Listeners {
  /** True while it makes no sense to begin: the BMC has no events, or there is no room. */
  refuses(node: string): boolean;
  /** Opens a stream. False when the driver knows none. */
  begin(node: Node, ears: Ears): boolean;
  /** Somebody else looks after the node. */
  end(node: string): void;
  stop(): void;
}

/** Listens to BMCs that tell of changes by themselves, as many as the settings allow. */
export function makeListeners(side: ConductorSide): Listeners {
  const { clock, log, work } = side;
  const most = side.config.powerSync.listeners;
  const open = new Map<string, AbortController>();
  const quietUntil = new Map<string, number>();
  let stopped = false;

  const run = async (node: Node, ears: Ears, end: AbortController) => {
    const began = clock.monotonic();
    const { signal } = end;
    const taken = { id: 0n, action: 'events', node, lease: work.lease, signal, resumed: false, age: 0 };
    const call = callFor(side, taken);
    try {
      await call.interfaces.power.listen?.(call, ears.heard);
    } catch (error) {
      if (!signal.aborted) log.debug({ node: node.uuid, err: messageOf(error) }, 'events of a BMC ended');
    } finally {
      open.delete(node.uuid);
      const lasted = clock.monotonic() - began;
      if (lasted > LASTED_MS) quietUntil.delete(node.uuid);
      else quietUntil.set(node.uuid, clock.monotonic() + AGAIN_MS);
      ears.ended();
      // what happened since is seen by looking; a BMC that has no events was just looked at
      if (lasted > OPENED_MS) ears.heard();
    }
  };

  return {
    refuses(node) {
      return stopped || open.has(node) || open.size >= most || (quietUntil.get(node) ?? 0) > clock.monotonic();
    },
    begin(node, ears) {
      if (side.registry.of(node).power.listen === undefined) return false;
      const end = new AbortController();
      open.set(node.uuid, end);
      void run(node, ears, end);
      return true;
    },
    end(node) {
      open.get(node)?.abort(new Error('another conductor looks after the node'));
      quietUntil.delete(node);
    },
    stop() {
      stopped = true;
      for (const end of open.values()) end.abort(new Error('the conductor stops'));
    },
  };
}
