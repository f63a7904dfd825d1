/** What one look at the machine gave. */
export interface Finding {
  /** What was looked at, in a word or two. */
  what: string;
  /** `bad`: Ingot will not run. `absent`: a feature is missing. `slow`: it will run, not well. */
  state: 'good' | 'slow' | 'absent' | 'bad';
  /** What was seen. */
  seen: string;
  /** What to do about it. */
  remedy?: string;
}

export const good = (what: string, seen: string): Finding => ({ what, state: 'good', seen });
export const slow = (what: string, seen: string, remedy: string): Finding => ({ what, state: 'slow', seen, remedy });
export const absent = (what: string, seen: string, remedy: string): Finding => ({
  what,
  state: 'absent',
  seen,
  remedy,
});
export const bad = (what: string, seen: string, remedy: string): Finding => ({ what, state: 'bad', seen, remedy });

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 1536 → `1.5 KiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
