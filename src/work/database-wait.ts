import type { Clock } from '#kernel/clock';
import type { Store } from '#store/contract';

const LOOK_MS = 200;

/** Gives a wait until the database answers. However many wait, it is asked once in 200 ms. */
export function makeDatabaseWait(store: Store, clock: Clock): (signal: AbortSignal) => Promise<void> {
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    for (;;) {
      // First: an answer may come at once although writes fail (disk full, standby).
      await clock.sleep(LOOK_MS);
      try {
        await store.query({ text: 'select 1' });
        return;
      } catch {
        // Still away.
      }
    }
  };
  return async (signal) => {
    signal.throwIfAborted();
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([asking, aborted]);
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  };
}
