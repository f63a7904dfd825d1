import type { Edit } from './effects.ts';

type Json = unknown;

const isObject = (v: Json): v is Record<string, Json> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** The steps of a JSON pointer (RFC 6901). */
export function pointerSteps(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value a pointer names; undefined when there is none. */
export function valueAt(document: Json, pointer: string): Json {
  let value = document;
  for (const step of pointerSteps(pointer)) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** Applies edits to a copy. A pointer that names nothing is passed over (`set` makes the last member). */
export function edited(document: Json, edits: readonly Edit[]): Json {
  const copy = structuredClone(document);
  for (const edit of edits) {
    const steps = pointerSteps(edit.at);
    const last = steps.pop();
    if (last === undefined) continue;
    for (const parent of parents(copy, steps)) change(parent, last, edit);
  }
  return copy;
}

function parents(root: Json, steps: readonly string[]): Json[] {
  let level: Json[] = [root];
  for (const step of steps) {
    level = level.flatMap((node) => {
      if (step === '*') return Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];
      if (Array.isArray(node)) return [node[Number(step)]];
      return isObject(node) && Object.hasOwn(node, step) ? [node[step]] : [];
    });
  }
  return level;
}

function change(parent: Json, key: string, edit: Edit): void {
  if (Array.isArray(parent)) {
    const indexes = key === '*' ? [...parent.keys()].reverse() : [Number(key)];
    for (const i of indexes) {
      if (edit.op === 'remove') parent.splice(i, 1);
      else parent[i] = structuredClone(edit.value);
    }
    return;
  }
  if (!isObject(parent)) return;
  for (const name of key === '*' ? Object.keys(parent) : [key]) {
    if (edit.op === 'remove') delete parent[name];
    else parent[name] = structuredClone(edit.value);
  }
}
