import { errors } from '../errors.ts';
import { STANDARD_TRAITS } from './standard-traits.ts';

/** Traits one node may have. */
export const MAX_TRAITS = 50;

const CUSTOM = /^CUSTOM_[A-Z0-9_]+$/;

/** Is this a trait: one of os-traits' names, or `CUSTOM_` and capitals, digits, underscores? At most 255 characters. */
export function isTrait(text: string): boolean {
  return text.length <= 255 && (CUSTOM.test(text) || STANDARD_TRAITS.has(text));
}

/** Refuses what is no trait. `what` names the argument in the error. */
export function checkTrait(what: string, text: unknown): asserts text is string {
  if (typeof text === 'string' && isTrait(text)) return;
  throw errors.InvalidParameterValue(
    `Schema error for ${what}: '${String(text).slice(0, 100)}' is not valid under any of the given schemas: a trait ` +
      'is one of the standard ones or matches ^CUSTOM_[A-Z0-9_]+$',
  );
}

/** Refuses more traits than a node may have. */
export function checkTraitCount(node: string, count: number): void {
  if (count > MAX_TRAITS) {
    throw errors.InvalidParameterValue(
      `Could not modify traits for node ${node} as it would exceed the maximum number of traits per node ` +
        `(${count} vs. ${MAX_TRAITS})`,
    );
  }
}
