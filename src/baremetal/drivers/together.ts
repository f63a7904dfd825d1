/**
 * Does things of one machine at once that have nothing to do with one another. Over when all of them are, so that nothing
 * goes on behind the back of who puts a failure in order. Throws what the first of them threw.
 */
export async function together<T extends readonly (() => unknown)[]>(
  ...parts: T
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const ended = await Promise.allSettled(parts.map(async (part) => await part()));
  const values = ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return values as { -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> };
}
