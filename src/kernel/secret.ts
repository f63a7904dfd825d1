import { inspect } from 'node:util';

const MASK = '******';

/**
 * A value that never shows itself: JSON, string conversion, template strings and `util.inspect` all give
 * `******`. Only `reveal()` gives the value; call it in the expression that needs it and keep no copy.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): T {
    return this.#value;
  }

  toJSON(): string {
    return MASK;
  }

  toString(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** What is shown in the place of a secret, the same as Ironic's. */
export const SECRET_MASK = MASK;
