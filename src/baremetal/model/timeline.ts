/** A moment from which on a machine waited for somebody: for Ingot, or Ingot for it. */
export interface Mark {
  /** Milliseconds since the epoch. */
  at: number;
  on: 'ingot' | 'machine';
  /** `queue`, `deploy.write_image`, `boot the ramdisk`… */
  what: string;
  bytes?: number;
}

/** A part of an operation's time. */
export interface Span {
  on: 'ingot' | 'machine';
  what: string;
  /** ISO 8601. */
  started_at: string;
  seconds: number;
  bytes?: number;
}

/** No operation keeps more: one that marks more is at fault. */
const MOST = 400;

/**
 * Adds a mark; one that says the same as the last changes nothing. Marks never go back in time: one that claims to
 * begin before the last takes that one's moment.
 */
export function addMark(marks: Mark[], mark: Mark): void {
  const last = marks.at(-1);
  if (last !== undefined && last.on === mark.on && last.what === mark.what) return;
  if (marks.length >= MOST) return;
  marks.push({ ...mark, at: Math.max(mark.at, last?.at ?? mark.at) });
}

/** The times between marks; the last one ends at `endedAt`. */
export function spansOf(marks: readonly Mark[], endedAt: number): Span[] {
  return marks.map(({ at, on, what, bytes }, i) => ({
    on,
    what,
    started_at: new Date(at).toISOString(),
    seconds: Math.max(0, (marks[i + 1]?.at ?? endedAt) - at) / 1000,
    ...(bytes === undefined ? {} : { bytes }),
  }));
}

/** Seconds in which the machine waited for Ingot. */
export function overheadOf(spans: readonly Span[]): number {
  return spans.filter((span) => span.on === 'ingot').reduce((sum, span) => sum + span.seconds, 0);
}
