import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { ImageSource, SourceFacts } from '../drivers/contract.ts';
import { errors } from '../errors.ts';

export interface FetchLimits {
  clock: Clock;
  maxBytes: number;
  /** Tries after the first, each with longer to wait. */
  retries: number;
  /** Milliseconds without a byte after which the source counts as gone. */
  stallMs: number;
}

/** Errors that trying again does not help against. */
const isFinal = (error: unknown) => error instanceof IngotError && error.status < 500;

/**
 * All bytes of a source in order. A cut download goes on where it ended when the source can tell that it is still
 * the same; one that cannot is an error. Throws `ImageChanged`, `ImageCut`, `ImageTooLarge`.
 */
export async function* fetchBytes(
  source: ImageSource,
  limits: FetchLimits,
  signal: AbortSignal,
  seen?: (facts: SourceFacts) => void,
): AsyncGenerator<Buffer> {
  let at = 0;
  let facts: SourceFacts | null = null;
  for (let tries = 0; ; ) {
    try {
      const opened = await source.open(at, at === 0 ? null : facts, signal);
      if (facts === null || at === 0) {
        facts = opened.facts;
        seen?.(facts);
        if ((facts.bytes ?? 0) > limits.maxBytes) throw errors.ImageTooLarge('its file', limits.maxBytes);
      }
      const watch = stallWatch(limits, () => opened.stream.destroy(errors.ImageCut(at, facts?.bytes ?? null)));
      try {
        for await (const part of opened.stream) {
          watch.fed();
          const bytes = part as Buffer;
          at += bytes.length;
          if (at > limits.maxBytes) throw errors.ImageTooLarge('its file', limits.maxBytes);
          if (facts.bytes !== null && at > facts.bytes) throw errors.ImageChanged();
          tries = 0;
          yield bytes;
        }
      } finally {
        watch.stop();
        opened.stream.destroy();
      }
      if (facts.bytes !== null && at < facts.bytes) throw errors.ImageCut(at, facts.bytes);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const resumable = at === 0 || facts?.resumable === true;
      if (isFinal(error) || !resumable || tries >= limits.retries) {
        throw error instanceof IngotError ? error : errors.ImageCut(at, facts?.bytes ?? null, { cause: error });
      }
      tries += 1;
      await limits.clock.sleep(Math.min(250 * 2 ** tries, 10_000), signal);
    }
  }
}

function stallWatch({ clock, stallMs }: FetchLimits, stalled: () => void) {
  let cancel = clock.after(stallMs, stalled);
  return {
    fed() {
      cancel();
      cancel = clock.after(stallMs, stalled);
    },
    stop: () => cancel(),
  };
}
