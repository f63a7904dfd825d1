import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#kernel/clock';

/** A refused body is read on as long as it comes at this pace, and for so many windows at most. */
const WINDOW_MS = 1000;
const WINDOW_BYTES = 64 * 1024;
const WINDOWS = 30;

/**
 * Ends a reply whose request still sends a body nobody wants. A connection closed with unread bytes is reset, and the
 * client never sees why it was refused; so what comes quickly is read and thrown away first.
 */
export function endAfterBody(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  let size = 0;
  let seen = 0;
  let windows = 0;
  const onData = (part: Buffer) => {
    size += part.length;
  };
  const finish = () => {
    cancel();
    request.off('data', onData);
    response.end();
  };
  const cancel = clock.every(WINDOW_MS, () => {
    if (size - seen < WINDOW_BYTES || ++windows >= WINDOWS) finish();
    seen = size;
  });
  request.on('data', onData);
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}
