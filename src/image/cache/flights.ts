/** Work that many wait for and one does. */
export class Flights<T, P> {
  readonly #flights = new Map<
    string,
    { done: Promise<T>; listeners: Set<(at: P) => void>; stop: AbortController; waiting: number }
  >();

  /**
   * Joins the work under `key`, or begins it. Who aborts leaves; the work is aborted when nobody waits any more.
   */
  async join(
    key: string,
    signal: AbortSignal,
    listener: ((at: P) => void) | undefined,
    work: (signal: AbortSignal, tell: (at: P) => void) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const stop = new AbortController();
      const listeners = new Set<(at: P) => void>();
      const tell = (at: P) => {
        for (const one of listeners) one(at);
      };
      const done = work(stop.signal, tell).finally(() => this.#flights.delete(key));
      done.catch(() => {}); // who waits hears it; nobody may wait any more
      flight = { done, listeners, stop, waiting: 0 };
      this.#flights.set(key, flight);
    }
    const mine = flight;
    mine.waiting += 1;
    if (listener !== undefined) mine.listeners.add(listener);
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([mine.done, left]);
    } finally {
      if (leave !== undefined) signal.removeEventListener('abort', leave);
      if (listener !== undefined) mine.listeners.delete(listener);
      mine.waiting -= 1;
      if (mine.waiting === 0 && signal.aborted) {
        mine.stop.abort(signal.reason);
        this.#flights.delete(key);
      }
    }
  }
}
