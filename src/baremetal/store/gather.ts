/**
 * Makes one statement of many: items that come while one is under way wait and go together with the next. Alone
 * an item leaves in the same tick; under load the batches grow by themselves (group commit, on our side).
 * `run` gives one result per item, in order, or throws for all of them.
 */
export function gather<I, O>(run: (items: I[]) => Promise<readonly (O | Error)[]>, max = 500): (item: I) => Promise<O> {
  let waiting: { item: I; resolve: (value: O) => void; reject: (error: unknown) => void }[] = [];
  let busy = false;
  const go = async () => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, max);
      waiting = waiting.slice(max);
      try {
        const results = await run(batch.map((one) => one.item));
        for (const [i, one] of batch.entries()) {
          const result = results[i];
          if (result instanceof Error) one.reject(result);
          else one.resolve(result as O);
        }
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    busy = false;
  };
  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!busy) void go();
    });
}
