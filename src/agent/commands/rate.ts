import type { AgentProgress } from '#agent-api/progress';
import type { Told } from './command.ts';

/** Seconds over which the rate is taken. */
const WINDOW = 10;

/** Turns bytes that were told into progress with a rate and an estimate. */
export class Rate {
  #points: { at: number; bytes: number }[] = [];
  #what = '';

  /** `nowMs` is monotonic. */
  take(told: Told, nowMs: number): AgentProgress {
    const now = nowMs / 1000;
    const what = `${told.phase} ${told.what}`;
    if (what !== this.#what) this.#points = [];
    this.#what = what;
    // Not more than one point in a tenth of a second: a window of ten seconds stays small.
    const last = this.#points.at(-1);
    if (last === undefined || now - last.at >= 0.1) this.#points.push({ at: now, bytes: told.bytes });
    while (this.#points.length > 2 && now - (this.#points[1]?.at ?? now) > WINDOW) this.#points.shift();
    const first = this.#points[0];
    const span = first === undefined ? 0 : now - first.at;
    const rate = span <= 0 || first === undefined ? 0 : Math.max(0, (told.bytes - first.bytes) / span);
    const left = told.total === null ? null : Math.max(0, told.total - told.bytes);
    return {
      ...told,
      bytes_per_second: Math.round(rate),
      eta_seconds: left === null ? null : left === 0 ? 0 : rate === 0 ? null : Math.ceil(left / rate),
    };
  }
}
