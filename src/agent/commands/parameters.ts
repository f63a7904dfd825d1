import { errors } from '../errors.ts';
import type { Params } from './command.ts';

/** A text parameter. Throws 400 when it is absent or no text. */
export function textOf(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '') throw errors.BadParameters(`'${name}' must be a text`);
  return value;
}

/** A parameter that is an object. Throws 400 otherwise. */
export function objectOf(params: Params, name: string): Params {
  const value = params[name];
  if (!isObject(value)) throw errors.BadParameters(`'${name}' must be an object`);
  return value;
}

/** Is it a plain JSON object? */
export function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number from a number or its text; `otherwise` for nothing. Throws 400 for anything else. */
export function numberOf(params: Params, name: string, otherwise: number): number {
  const value = params[name] ?? otherwise;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw errors.BadParameters(`'${name}' must be a number`);
  return number;
}

/** Yes or no in JSON or as text. */
export function isYes(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(1|t|true|on|y|yes)$/i.test(value));
}
