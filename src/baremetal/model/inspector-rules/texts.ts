import { errors } from '../../errors.ts';
import { holdsPlace } from '../inspection-rules/fill.ts';
import { fieldOfPlace, placeOfData } from './field.ts';

const FORMAT = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const OF_DATA = /^data((?:\[[\p{L}\p{N}_-]+\])+)$/u;

/**
 * Values of actions, as inspector has them: Python's format strings over `data`. Gives the same with our places.
 * Throws 400 for what of Python's formats is not offered here.
 */
export function readText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readText);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readText(part)]));
  }
  if (typeof value !== 'string') return value;
  // What would be taken for a place of ours was no place of inspector's.
  if (holdsPlace(value)) throw errors.Invalid(`"${value.slice(0, 100)}" cannot be said in a rule`);
  const read = value.replaceAll(FORMAT, (all: string, name: string | undefined) => {
    if (all === '{{' || all === '}}') return all.charAt(0);
    const path = name === undefined ? null : OF_DATA.exec(name);
    if (path === null) {
      throw errors.Invalid(
        `Invalid formatting variable key provided in value ${value.slice(0, 100)}: only {data[key]} is known here`,
      );
    }
    return `{${placeOfData((path[1] as string).slice(1, -1).split(']['))}}`;
  });
  return read;
}

/** Literal texts: what must not be taken for a place. Throws 400. */
export function literal<T>(value: T): T {
  if (holdsPlace(JSON.stringify(value ?? null))) {
    throw errors.Invalid(`"${JSON.stringify(value).slice(0, 100)}" cannot be said in a rule`);
  }
  return value;
}

/** The other way round; undefined when inspector has no words for it. */
export function showText(value: unknown): { text: unknown } | undefined {
  if (Array.isArray(value)) {
    const parts = value.map(showText);
    return parts.includes(undefined) ? undefined : { text: parts.map((part) => part?.text) };
  }
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([key, part]) => [key, showText(part)] as const);
    if (parts.some(([, part]) => part === undefined)) return undefined;
    return { text: Object.fromEntries(parts.map(([key, part]) => [key, part?.text])) };
  }
  if (typeof value !== 'string') return { text: value };
  let unknown = false;
  const text = value.replaceAll(
    /\{((?:node|inventory|plugin_data|item|ports)[^{}\s]*)\}|[{}]/g,
    (all, place: string | undefined) => {
      if (place === undefined) return `${all}${all}`;
      const field = fieldOfPlace(place);
      if (field === undefined || field.startsWith('node://') || field.includes('*')) unknown = true;
      const keys = (field ?? '').split(/[.[\]]+/).filter((key) => key !== '');
      return `{data${keys.map((key) => `[${key}]`).join('')}}`;
    },
  );
  return unknown ? undefined : { text };
}
