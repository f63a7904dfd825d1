import { inScope, type Scope } from '../model/scope.ts';
import { LineMaker, type LogLine } from './lines.ts';
import type { PlacedRecord } from './record.ts';
import type { RingLog, Stretch } from './ring.ts';

/** A line and where it ends in the log. */
export interface PlacedLine extends LogLine {
  end: number;
}

export interface LineQuery {
  scope: Scope;
  since: number | null;
  until: number | null;
  /** Only the last so many. */
  tail: number | null;
}

/** Records of a log that are in the scope. Every reader goes through here. */
export async function* scopedRecords(
  log: RingLog,
  scope: Scope,
  from: number,
  to: number,
): AsyncGenerator<PlacedRecord> {
  for await (const record of log.read(from, to)) if (inScope(scope, record.tenancy)) yield record;
}

/** The lines of a log up to position `to`. */
export async function* readLines(log: RingLog, query: LineQuery, to: number): AsyncGenerator<PlacedLine> {
  const { scope, since, until, tail } = query;
  const fits = (line: LogLine) => (since === null || line.at >= since) && (until === null || line.at <= until);
  const all: Stretch[] = [];
  for await (const stretch of log.stretches(null, since)) all.push(stretch);
  const first = all[0];
  if (first === undefined) return;
  if (tail === null) {
    for await (const line of linesFrom(log, scope, first.warm, to)) if (fits(line)) yield line;
    return;
  }
  // From the end, taking twice as much each time, until there are enough.
  for (let count = 4; ; count *= 2) {
    const begin: Stretch = all.at(-count) ?? first;
    const found: PlacedLine[] = [];
    for await (const line of linesFrom(log, scope, begin.warm, to)) {
      if (!fits(line)) continue;
      found.push(line);
      if (found.length > 2 * tail + 1000) found.splice(0, found.length - tail);
    }
    if (found.length > tail || begin === first) {
      yield* found.slice(-tail);
      return;
    }
  }
}

async function* linesFrom(log: RingLog, scope: Scope, from: number, to: number): AsyncGenerator<PlacedLine> {
  const maker = new LineMaker();
  let made: PlacedLine[] = [];
  let end = from;
  for await (const record of scopedRecords(log, scope, from, to)) {
    ({ end } = record);
    maker.push(record, (line) => made.push({ ...line, end }));
    if (made.length > 0) {
      yield* made;
      made = [];
    }
  }
  maker.end((line) => made.push({ ...line, end }));
  yield* made;
}

export interface SearchQuery {
  scope: Scope;
  /** Plain text; upper and lower case are one. */
  text: string;
  since: number | null;
  until: number | null;
  limit: number;
}

/** Lines that hold a text, oldest first; at most `limit`. Reads only what the index cannot exclude. */
export async function* searchLines(log: RingLog, query: SearchQuery): AsyncGenerator<PlacedLine> {
  const { scope, since, until } = query;
  const wanted = query.text.toLowerCase();
  let left = query.limit;
  let maker: LineMaker | undefined;
  let at = -1;
  const end = log.end;
  let found: PlacedLine[] = [];
  const keep = (line: LogLine, place: number) => {
    if (!line.text.toLowerCase().includes(wanted)) return;
    if ((since === null || line.at >= since) && (until === null || line.at <= until))
      found.push({ ...line, end: place });
  };
  for await (const { warm, from, to } of log.stretches(query.text, since)) {
    const goesOn = maker !== undefined && at === from;
    if (!goesOn) {
      maker?.end((line) => keep(line, at));
      maker = new LineMaker();
    }
    const begin = goesOn ? from : warm;
    for await (const record of scopedRecords(log, scope, begin, Math.min(to, end))) {
      maker?.push(record, (line) => {
        if (record.position >= from) keep(line, record.end);
      });
    }
    at = to;
    for (const line of found) {
      if (left-- <= 0) return;
      yield line;
    }
    found = [];
  }
  if (at >= end) maker?.end((line) => keep(line, at));
  for (const line of found) {
    if (left-- <= 0) return;
    yield line;
  }
}
