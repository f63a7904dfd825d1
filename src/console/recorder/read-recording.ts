import type { Scope } from '../model/scope.ts';
import { LineMaker, type LogLine } from '../log/lines.ts';
import { readLines, scopedRecords, searchLines } from '../log/read.ts';
import type { Recorder } from './recorder.ts';

/** What is asked of a recording. It travels between processes, inside what only they can read. */
export interface RecordingQuery {
  node: string;
  scope: 'all' | number[];
  since: number | null;
  until: number | null;
  tail: number | null;
  /** Goes on with what comes, until whoever asked goes away or its tenancies are over. */
  follow: boolean;
  search: string | null;
  limit: number;
}

/** Lines of the part of a node's recording that lies here. */
export async function* readRecording(
  recorder: Recorder,
  query: RecordingQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const scope: Scope = query.scope === 'all' ? 'all' : new Set(query.scope);
  const { since, until, tail, limit } = query;
  const log = await recorder.recording(query.node);
  if (query.search !== null) {
    yield* searchLines(log, { scope, text: query.search, since, until, limit });
    return;
  }
  let { end } = log;
  let left = limit;
  for await (const line of readLines(log, { scope, since, until, tail }, end)) {
    if (signal.aborted || left-- <= 0) return;
    yield line;
  }
  const console = query.follow ? recorder.console(query.node) : undefined;
  if (console === undefined) return;
  const maker = new LineMaker();
  let news = true;
  let over = false;
  let wake = () => {};
  const wakeUp = () => {
    news = true;
    wake();
  };
  const watcher = {
    records: wakeUp,
    tenancy(now: number | null) {
      if (scope === 'all' || (now !== null && scope.has(now))) return;
      over = true;
      wakeUp();
    },
    switchedOff: () => {},
    moved() {
      over = true;
      wakeUp();
    },
  };
  console.watchers.add(watcher);
  signal.addEventListener('abort', wakeUp, { once: true });
  try {
    while (!signal.aborted) {
      if (!news) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      news = false;
      const to = log.end;
      let made: LogLine[] = [];
      for await (const record of scopedRecords(log, scope, end, to)) {
        maker.push(record, (line) => made.push(line));
        if (made.length > 0) {
          yield* made;
          made = [];
        }
      }
      end = to;
      if (over) return;
    }
  } finally {
    console.watchers.delete(watcher);
    signal.removeEventListener('abort', wakeUp);
  }
}
