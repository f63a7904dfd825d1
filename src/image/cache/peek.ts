/** The first `bytes` of a stream (all of a shorter one), and the stream as if nobody had looked. */
export async function peek(
  stream: AsyncGenerator<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer>; ended: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  let ended = false;
  while (size < bytes) {
    const next = await stream.next();
    if (next.done === true) {
      ended = true;
      break;
    }
    parts.push(next.value);
    size += next.value.length;
  }
  const first = Buffer.concat(parts);
  const all = async function* () {
    try {
      if (first.length > 0) yield first;
      if (!ended) yield* stream;
    } finally {
      await stream.return(undefined);
    }
  };
  return { head: first.subarray(0, bytes), all: all(), ended };
}
