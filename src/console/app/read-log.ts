import type { LogLine } from '../log/lines.ts';
import { type RecordingQuery, readRecording } from '../recorder/read-recording.ts';
import { linesOf } from '../store/lines.ts';
import type { Room } from './room.ts';

/**
 * Lines of a node's recording, wherever parts of it lie: nodes move between conductors, and their recordings stay.
 * Parts that cannot be reached are told of as notes.
 */
export async function* readLog(room: Room, query: RecordingQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  const hosts = await linesOf(room.store, query.node);
  const at = (host: string, one: RecordingQuery): AsyncIterable<LogLine> =>
    host === room.config.host ? readRecording(room.recorder, one, signal) : remote(room, host, one, signal);
  const [newest, ...others] = hosts;
  if (newest === undefined) return;
  if (others.length === 0) {
    yield* at(newest.host, query);
    return;
  }
  // What is finished is merged by time; only the newest part goes on.
  let lines: LogLine[] = [];
  let from = query;
  for (const { host } of hosts) for await (const line of at(host, { ...query, follow: false })) lines.push(line);
  lines.sort((a, b) => a.at - b.at);
  if (query.tail !== null) lines = lines.slice(-query.tail);
  yield* lines.slice(0, query.limit);
  if (!query.follow) return;
  const last = lines.at(-1)?.at ?? room.clock.now();
  from = { ...query, since: last + 1, tail: null };
  yield* at(newest.host, from);
}

async function* remote(room: Room, host: string, query: RecordingQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  try {
    yield* room.peers.lines(host, query, signal);
  } catch (error) {
    if (signal.aborted) return;
    room.log.warn({ host, err: error }, 'a part of a recording cannot be read');
    yield { at: room.clock.now(), kind: 'note', text: `what ${host} recorded cannot be read now` };
  }
}
