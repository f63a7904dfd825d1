import { UNITS, type UnitKind } from '../model/truth.ts';

/** One unit that has to be looked at. */
export interface UnitName {
  unit: UnitKind;
  id: string;
}

/** Units to look at, what others stand on first: networks before ports, ports before routers. */
export class Backlog {
  readonly #byKind = new Map<UnitKind, Set<string>>(UNITS.map((unit) => [unit, new Set<string>()]));

  add({ unit, id }: UnitName): void {
    this.#byKind.get(unit)?.add(id);
  }

  get size(): number {
    let n = 0;
    for (const ids of this.#byKind.values()) n += ids.size;
    return n;
  }

  /** Takes up to `limit` units out. */
  take(limit: number): UnitName[] {
    const taken: UnitName[] = [];
    for (const [unit, ids] of this.#byKind) {
      for (const id of ids) {
        if (taken.length >= limit) return taken;
        ids.delete(id);
        taken.push({ unit, id });
      }
    }
    return taken;
  }
}

/** The unit a key of ours stands for; undefined for rows that belong to none. */
export function parseUnit(key: string): UnitName | undefined {
  const colon = key.indexOf(':');
  const unit = UNITS.find((kind) => kind === key.slice(0, colon));
  return unit === undefined ? undefined : { unit, id: key.slice(colon + 1).split('/')[0] as string };
}
