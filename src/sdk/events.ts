import type { Connection } from './connection.ts';
import { EventLines, type ServerEvent } from './event-lines.ts';
import { operations } from './generated/operations.ts';

/** A server that keeps a line that long open without ending an event is not one of ours. */
const MAX_UNREAD = 4 * 1024 * 1024;

/**
 * Reads the server's event stream until it ends or `signal` is aborted. Throws SdkError when there is none (other
 * Bare Metal services have no such door).
 */
export async function* readEvents(
  connection: Connection,
  { topics, signal }: { topics?: readonly string[]; signal: AbortSignal },
): AsyncGenerator<ServerEvent> {
  const input = { query: topics === undefined ? {} : { topics: [...topics] }, signal, timeoutMs: 0 };
  const response = await connection.send(operations.eventsStream, input, { Accept: 'text/event-stream' });
  if (response.body === null) return;
  const lines = new EventLines();
  let unread = 0;
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const events = lines.push(piece);
    unread = events.length > 0 ? 0 : unread + piece.length;
    if (unread > MAX_UNREAD) return;
    yield* events;
  }
}
