import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import type { Clock } from '#kernel/clock';
import type { BodyBudget } from './body-budget.ts';
import { HttpErrors } from './errors.ts';

/** How slowly a body may come: a hundredth of what is there already, and `minBytes`, in each window. */
export interface BodyPace {
  /** Every this many milliseconds… */
  windowMs: number;
  /** …at least this many bytes must have arrived, or the request ends with 408. */
  minBytes: number;
}

export const DEFAULT_PACE: BodyPace = { windowMs: 10_000, minBytes: 4096 };

/** True when the request's head announces a body. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return (length !== undefined && length !== '0') || request.headers['transfer-encoding'] !== undefined;
}

/**
 * Reads a whole body of at most `limit` bytes. Rejects with 413 as soon as the limit is known to be passed
 * (the head may say so before a byte came), 408 when it comes too slowly, 499 when the client goes away.
 * 503 when all bodies together are too much. After a rejection the rest is not read: the caller must close the
 * connection. After success the bytes stay taken from the budget until the caller releases them.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  pace: BodyPace,
  clock: Clock,
  budget: BodyBudget,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      reject(HttpErrors.BodyTooLarge(limit));
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    let seen = 0;
    let cancel: (() => void) | undefined;
    const finish = () => {
      cancel?.();
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('error', onGone);
      request.off('close', onGone);
    };
    const fail = (error: unknown) => {
      finish();
      request.pause();
      budget.release(size);
      reject(error);
    };
    const check = () => {
      if (size - seen < Math.max(pace.minBytes, seen / 100)) {
        fail(HttpErrors.BodyTimeout());
        return;
      }
      seen = size;
      cancel = clock.after(pace.windowMs, check);
    };
    const onData = (part: Buffer) => {
      if (size + part.length > limit) fail(HttpErrors.BodyTooLarge(limit));
      else if (!budget.grow(size, part.length)) fail(HttpErrors.Busy());
      else {
        size += part.length;
        parts.push(part);
      }
    };
    const onEnd = () => {
      finish();
      resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size));
    };
    const onGone = () => fail(HttpErrors.ClientGone());
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('error', onGone);
    request.on('close', onGone);
    cancel = clock.after(pace.windowMs, check);
  });
}

/** The body as a stream that fails with 413 when more than `limit` bytes come; throws it when the head says so. */
export function limitedBody(request: IncomingMessage, limit: number): Readable {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw HttpErrors.BodyTooLarge(limit);
  if (limit === Number.POSITIVE_INFINITY) return request;
  let size = 0;
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      size += part.length;
      if (size > limit) done(HttpErrors.BodyTooLarge(limit));
      else done(null, part);
    },
  });
  request.once('error', (error) => counted.destroy(error));
  return request.pipe(counted);
}
