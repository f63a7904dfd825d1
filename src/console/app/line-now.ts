import type { Clock } from '#kernel/clock';
import type { Reader } from '#store/contract';
import { errors } from '../errors.ts';
import { type LineRow, linesOf } from '../store/lines.ts';

/** A line that changes hands, or whose conductor begins anew, is there again within seconds: who connects waits. */
const HANDS_MS = 10_000;
const LOOK_MS = 200;

/** The line where it is recorded now. Throws NotRecorded when that is nowhere for long, or `over` meanwhile. */
export async function lineNow(reader: Reader, clock: Clock, node: string, over: () => boolean): Promise<LineRow> {
  const until = clock.monotonic() + HANDS_MS;
  for (;;) {
    const [line] = await linesOf(reader, node);
    if (line?.recording === true) return line;
    if (over() || clock.monotonic() >= until) throw errors.NotRecorded(node, { retryAfter: 5 });
    await clock.sleep(LOOK_MS);
  }
}
