import { errors } from './errors.ts';

/** One event of the machine: `STOP`, `SHUTDOWN`, `RESET`, … with its data and QEMU's own time in milliseconds. */
export interface QmpEvent {
  name: string;
  data: Record<string, unknown>;
  at: number;
}

/** What a line of the monitor says. */
export type QmpFrame =
  | { kind: 'greeting'; version: string }
  | { kind: 'event'; event: QmpEvent }
  | { kind: 'return'; id: number | undefined; value: unknown }
  | { kind: 'error'; id: number | undefined; errorClass: string; description: string };

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/**
 * Reads one line of QEMU's monitor protocol (docs/interop/qmp-spec of QEMU).
 * Throws QmpGarbage for anything that is not a frame.
 */
export function parseFrame(line: string): QmpFrame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw errors.QmpGarbage('not JSON', { cause });
  }
  if (!isObject(value)) throw errors.QmpGarbage('not an object');
  const id = typeof value['id'] === 'number' ? value['id'] : undefined;
  if (isObject(value['QMP'])) return { kind: 'greeting', version: versionOf(value['QMP']) };
  if (typeof value['event'] === 'string') {
    const data = isObject(value['data']) ? value['data'] : {};
    return { kind: 'event', event: { name: value['event'], data, at: timeOf(value['timestamp']) } };
  }
  if ('return' in value) return { kind: 'return', id, value: value['return'] };
  if (isObject(value['error'])) {
    const { class: errorClass, desc } = value['error'];
    return { kind: 'error', id, errorClass: String(errorClass), description: String(desc) };
  }
  throw errors.QmpGarbage('neither greeting, event, return nor error');
}

function versionOf(greeting: Record<string, unknown>): string {
  const version = greeting['version'];
  const qemu = isObject(version) ? version['qemu'] : undefined;
  return isObject(qemu) ? `${qemu['major']}.${qemu['minor']}.${qemu['micro']}` : 'unknown';
}

function timeOf(stamp: unknown): number {
  if (!isObject(stamp)) return 0;
  return Number(stamp['seconds'] ?? 0) * 1000 + Math.floor(Number(stamp['microseconds'] ?? 0) / 1000);
}

/** Cuts a byte stream into lines; a line longer than `limit` characters throws. */
export function lineSplitter(limit: number, onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk;
    let start = 0;
    for (;;) {
      const end = rest.indexOf('\n', start);
      if (end < 0) break;
      const line = rest.slice(start, end).trim();
      start = end + 1;
      if (line !== '') onLine(line);
    }
    rest = rest.slice(start);
    if (rest.length > limit) throw errors.QmpGarbage(`a line longer than ${limit} characters`);
  };
}
