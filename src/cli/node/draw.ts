import { harmless } from '../output/cell.ts';

/** A part of an operation's time, as the API gives it. */
export interface Span {
  on: 'ingot' | 'machine';
  what: string;
  started_at: string;
  seconds: number;
  bytes?: number;
}

/** What an agent says of a long command. */
export interface Progress {
  phase?: string;
  what?: string;
  bytes?: number;
  total?: number | null;
  bytes_per_second?: number;
  eta_seconds?: number | null;
}

export interface Timeline {
  operation: string;
  started_at: string | null;
  finished_at?: string;
  succeeded?: boolean;
  overhead_seconds: number;
  spans: Span[];
  progress?: Progress | null;
}

/** The answer of `GET /v1/nodes/{node}/timeline`. */
export interface Work {
  timelines: Timeline[];
  current: Timeline | null;
}

const NAME_WIDTH = 34;
const TIME_WIDTH = 10;

/** Draws a timeline: one line for what comes one after the other, the bar showing when. */
export function drawTimeline(timeline: Timeline, width: number): string {
  const spans = timeline.spans.filter((span) => span.seconds >= 0.001);
  const total = timeline.spans.reduce((sum, span) => sum + span.seconds, 0);
  const state = timeline.succeeded === undefined ? 'in hand' : timeline.succeeded ? 'done' : 'failed';
  const head =
    `${harmless(timeline.operation)}, ${state}, began ${timeline.started_at ?? 'just now'}: ` +
    `${shownSeconds(total)}, of which the machine waited ${shownSeconds(timeline.overhead_seconds)} for Ingot\n`;
  const barWidth = Math.max(10, Math.min(80, width - NAME_WIDTH - TIME_WIDTH - 4));
  let before = 0;
  const lines = spans.map((span) => {
    const from = total === 0 ? 0 : Math.floor((before / total) * barWidth);
    before += span.seconds;
    const to = total === 0 ? 0 : Math.max(from + 1, Math.round((before / total) * barWidth));
    const bar = ' '.repeat(from) + (span.on === 'machine' ? '█' : '░').repeat(Math.max(1, to - from));
    const rate = span.bytes === undefined || span.seconds === 0 ? '' : ` ${shownBytes(span.bytes / span.seconds)}/s`;
    const name = `${span.on === 'machine' ? '' : 'Ingot: '}${harmless(span.what)}`.slice(0, NAME_WIDTH);
    return `  ${name.padEnd(NAME_WIDTH)}${shownSeconds(span.seconds).padStart(TIME_WIDTH)}  ${bar}${rate}`;
  });
  const now = timeline.progress == null ? '' : `  ${progressText(timeline.progress)}\n`;
  return `${head}${lines.join('\n')}${lines.length === 0 ? '' : '\n'}${now}`;
}

/** `write /dev/nvme0n1: 1.2 GB of 3.0 GB (40 %), 250 MB/s, 7 s left` */
export function progressText(progress: Progress): string {
  const { phase = 'working', what = '', bytes = 0, total, bytes_per_second: rate, eta_seconds: eta } = progress;
  const share = total == null || total <= 0 ? '' : ` of ${shownBytes(total)} (${Math.floor((bytes / total) * 100)} %)`;
  const speed = rate === undefined || rate <= 0 ? '' : `, ${shownBytes(rate)}/s`;
  const left = eta == null ? '' : `, ${shownSeconds(eta)} left`;
  return `${harmless(phase)} ${harmless(what)}: ${shownBytes(bytes)}${share}${speed}${left}`;
}

/** A bar of `width` characters for how far it is. */
export function progressBar(progress: Progress, width: number): string {
  const { bytes = 0, total } = progress;
  if (total == null || total <= 0) return '';
  const full = Math.round(Math.min(1, bytes / total) * width);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

export function shownSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
