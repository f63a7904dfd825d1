/** How batches are made. */
export interface GatherOptions {
  /** Items in one batch at most. Default 200. */
  max?: number;
  /** Batches under way at once. Default 1. */
  lanes?: number;
  /**
   * After a batch failed each of its items is tried alone: one bad item must not take the others with it. A function
   * says after which errors: not after those that leave open whether something was done.
   */
  apart?: boolean | ((error: unknown) => boolean);
  /**
   * A batch leaves at the end of the turn of the event loop, not with its first item: requests that came over many
   * connections are read in one turn, and go together even while nothing is under way.
   */
  turn?: boolean;
}

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes one statement of many: items that come while one is under way wait and go together with the next. Alone
 * an item leaves in the same tick; under load the batches grow by themselves (group commit, on our side).
 * `run` gives one result per item, in order (an Error rejects that item), or throws for all of them.
 */
export function gather<I, O>(
  run: (items: I[]) => Promise<readonly (O | Error)[]>,
  options: GatherOptions = {},
): (item: I) => Promise<O> {
  const { max = 200, lanes = 1, apart = false, turn = false } = options;
  let waiting: Waiting<I, O>[] = [];
  let busy = 0;
  const send = async (batch: Waiting<I, O>[]): Promise<void> => {
    try {
      const results = await run(batch.map((one) => one.item));
      for (const [i, one] of batch.entries()) {
        const result = results[i];
        if (result instanceof Error) one.reject(result);
        else one.resolve(result as O);
      }
    } catch (error) {
      const again = typeof apart === 'function' ? apart(error) : apart;
      if (again && batch.length > 1) for (const one of batch) await send([one]);
      else for (const one of batch) one.reject(error);
    }
  };
  const lane = async () => {
    busy++;
    if (turn) await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, max);
      waiting = waiting.slice(max);
      await send(batch);
    }
    busy--;
  };
  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (busy < lanes) void lane();
    });
}

/** As `gather`, for items that go together only with those of the same key. */
export function gatherBy<I, O>(
  keyOf: (item: I) => string,
  run: (items: I[]) => Promise<readonly (O | Error)[]>,
  options: GatherOptions = {},
): (item: I) => Promise<O> {
  const all = new Map<string, { add: (item: I) => Promise<O>; pending: number }>();
  return async (item) => {
    const key = keyOf(item);
    let one = all.get(key);
    if (one === undefined) all.set(key, (one = { add: gather(run, options), pending: 0 }));
    one.pending++;
    try {
      return await one.add(item);
    } finally {
      if (--one.pending === 0) all.delete(key);
    }
  };
}
