import type { Scope } from '../model/scope.ts';
import { scopedRecords } from './read.ts';
import type { RingLog } from './ring.ts';

/** The last bytes in scope, from the beginning of a line, and the position they end at. */
export async function replay(log: RingLog, scope: Scope, bytes: number): Promise<{ data: Buffer; end: number }> {
  const { end } = log;
  const all: { from: number }[] = [];
  for await (const stretch of log.stretches(null, null)) all.push(stretch);
  let parts: Buffer[] = [];
  for (let count = 2; ; count *= 2) {
    const from = (all.at(-count) ?? all[0])?.from ?? 0;
    parts = [];
    for await (const record of scopedRecords(log, scope, from, end)) {
      if (record.kind === 'output') parts.push(record.bytes);
    }
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size >= bytes || count >= all.length) break;
  }
  const whole = Buffer.concat(parts);
  if (whole.length <= bytes) return { data: whole, end };
  const cut = whole.subarray(-bytes);
  return { data: cut.subarray(cut.indexOf(0x0a) + 1), end };
}
