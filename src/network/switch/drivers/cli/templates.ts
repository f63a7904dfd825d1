import type { Lines } from './platform.ts';

/** Lines that are about one thing. `ahead`: the first so many decide where the others are understood. */
export interface Step {
  /** Whose refusal it is. */
  port: string | null;
  enter: Lines;
  lines: Lines;
  leave: Lines;
}

type Facts = Readonly<Record<string, string | number>>;

/** Puts facts into templates. All facts are numbers, lists of numbers, or names that were checked. */
export function fill(lines: Lines, facts: Facts): string[] {
  return lines.map((line) =>
    line.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const fact = facts[name];
      if (fact === undefined) throw new TypeError(`the template "${line}" wants ${name}, which is not there`);
      const text = String(fact);
      if (!/^[\w.,:/ -]*$/.test(text)) throw new TypeError(`"${name}" may not stand in a command`);
      return text;
    }),
  );
}
