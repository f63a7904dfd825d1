import type { Statement } from '#store/contract';

const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `bm${names.size}`;
    names.set(text, name);
  }
  return name;
}

/** A statement of a fixed text, with a name so that PostgreSQL plans it once a connection. */
export function named(text: string, values: readonly unknown[]): Statement {
  return { name: nameOf(text), text, values };
}

/** Shapes that may get names; each costs every connection some kilobytes for as long as it lives. */
const MOST_NAMED = 400;
/** Shapes whose use is counted at one time. */
const MOST_COUNTED = 2000;
/** A shape earns its name by being used this often: clients can make up more of them than there are names. */
const WORTH_A_NAME = 3;

interface Shape {
  text: string;
  name: string | undefined;
  uses: number;
}

let shapes = new Map<string, Map<string, Shape>>();
let counted = 0;
let given = 0;

/**
 * A statement whose columns or conditions clients choose. `select` is what it selects, `key` tells apart the
 * statements that select the same; `make` gives the text. Looked up by `select` as it is, not by the text: plans
 * keep that string, so that finding the name costs no hashing of kilobytes.
 */
export function shaped(select: string, key: string, make: () => string, values: readonly unknown[]): Statement {
  let byKey = shapes.get(select);
  let shape = byKey?.get(key);
  if (shape === undefined) {
    if (counted >= MOST_COUNTED) {
      shapes = keepNamed(shapes);
      byKey = shapes.get(select);
    }
    if (byKey === undefined) shapes.set(select, (byKey = new Map()));
    shape = { text: make(), name: undefined, uses: 0 };
    byKey.set(key, shape);
    counted++;
  }
  if (shape.name === undefined) {
    if (++shape.uses < WORTH_A_NAME || given >= MOST_NAMED) return { text: shape.text, values };
    shape.name = `bs${given++}`;
  }
  return { name: shape.name, text: shape.text, values };
}

/** Forgets the shapes that have no name. */
function keepNamed(all: typeof shapes): typeof shapes {
  const kept: typeof shapes = new Map();
  counted = 0;
  for (const [select, byKey] of all) {
    const some = new Map([...byKey].filter(([, shape]) => shape.name !== undefined));
    if (some.size > 0) kept.set(select, some);
    counted += some.size;
  }
  return kept;
}
