/**
 * Time, injected. Nothing outside this file calls Date.now() or setTimeout, so that a whole fleet
 * can be simulated from a seed and a test can make an hour pass at once.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  now(): number;
  /** Monotonic milliseconds. Never goes back; keeps counting while the process is stopped (SIGSTOP). */
  monotonic(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`; returns a function that cancels it. Does not keep the process alive. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` every `ms` until cancelled. Does not keep the process alive. */
  every(ms: number, fn: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every: (ms, fn) => {
    const timer = setInterval(fn, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** A clock that stands still until told to move; timers fire in order as `advance` passes them. */
export function manualClock(start = 0): Clock & { advance(ms: number): Promise<void> } {
  let t = start;
  let next = 0;
  const timers = new Map<number, { at: number; fn: () => void; every?: number }>();
  const add = (ms: number, fn: () => void, every?: number) => {
    const id = next++;
    timers.set(id, every === undefined ? { at: t + ms, fn } : { at: t + ms, fn, every });
    return () => {
      timers.delete(id);
    };
  };
  return {
    now: () => t,
    monotonic: () => t,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const cancel = add(ms, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            cancel();
            reject(signal.reason);
          },
          { once: true },
        );
      }),
    after: (ms, fn) => add(ms, fn),
    every: (ms, fn) => add(ms, fn, ms),
    async advance(ms) {
      const end = t + ms;
      for (;;) {
        let first: [number, { at: number; fn: () => void; every?: number }] | undefined;
        for (const entry of timers) {
          if (entry[1].at <= end && (first === undefined || entry[1].at < first[1].at)) first = entry;
        }
        if (first === undefined) break;
        const [id, timer] = first;
        t = Math.max(t, timer.at);
        if (timer.every === undefined) timers.delete(id);
        else timer.at = t + timer.every;
        timer.fn();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      t = end;
    },
  };
}
