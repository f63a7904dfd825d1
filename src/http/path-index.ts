import type { Route } from './contract.ts';

interface Pattern {
  /** null stands for a parameter, '*' at the end for the rest. */
  segments: (string | null)[];
  routes: Route[];
}

/**
 * Which routes of a door live at a path, whatever the method. Only asked when the router found nothing, to tell
 * an unknown URL (404) from a known one with another method (405 with `Allow`).
 */
export class PathIndex {
  readonly #bySize = new Map<number, Pattern[]>();
  readonly #rest: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    const patterns = new Map<string, Pattern>();
    for (const route of routes) {
      const segments = split(route.path).map((segment) => (segment.startsWith(':') ? null : segment));
      const key = segments.map((segment) => segment ?? ':').join('/');
      const pattern = patterns.get(key) ?? { segments, routes: [] };
      pattern.routes.push(route);
      patterns.set(key, pattern);
    }
    for (const pattern of patterns.values()) {
      if (pattern.segments.at(-1) === '*') this.#rest.push(pattern);
      else this.#bySize.set(pattern.segments.length, [...(this.#bySize.get(pattern.segments.length) ?? []), pattern]);
    }
  }

  /** The routes at `path` (without the door's prefix and the query); those of the most literal pattern. */
  at(path: string): readonly Route[] {
    const segments = split(path);
    let best: Pattern | undefined;
    let literal = -1;
    for (const pattern of [...(this.#bySize.get(segments.length) ?? []), ...this.#rest]) {
      const score = match(pattern.segments, segments);
      if (score > literal) {
        best = pattern;
        literal = score;
      }
    }
    return best?.routes ?? [];
  }
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** How many segments match literally; -1 when the path does not match. */
function match(pattern: readonly (string | null)[], segments: readonly string[]): number {
  let literal = 0;
  for (const [i, expected] of pattern.entries()) {
    if (expected === '*') return literal;
    const segment = segments[i];
    if (segment === undefined) return -1;
    if (expected === segment) literal++;
    else if (expected !== null) return -1;
  }
  return literal;
}
