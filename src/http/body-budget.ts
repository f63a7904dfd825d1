const MIB = 1024 * 1024;

/** Bytes of bodies that may be held at once, by all requests together. */
export interface BodyBudgetLimits {
  /** For the first MiB of each body. */
  small: number;
  /** For what goes beyond it: configdrives, logs of ramdisks. Must fit the largest body any route allows. */
  large: number;
}

export const DEFAULT_BUDGET: BodyBudgetLimits = { small: 48 * MIB, large: 72 * MIB };

/**
 * Bounds the memory that bodies take together: a few large ones at once would exhaust the heap and end the process
 * for everybody. Two pots, so that one large body does not stop the small ones. Bytes count until their request is over.
 */
export class BodyBudget {
  readonly #limits: BodyBudgetLimits;
  #small = 0;
  #large = 0;

  constructor(limits: BodyBudgetLimits = DEFAULT_BUDGET) {
    this.#limits = limits;
  }

  /** Lets a body grow from `size` by `more` bytes; false, with nothing taken, when there is no room. */
  grow(size: number, more: number): boolean {
    const small = Math.max(0, Math.min(more, MIB - size));
    const large = more - small;
    if (this.#small + small > this.#limits.small || this.#large + large > this.#limits.large) return false;
    this.#small += small;
    this.#large += large;
    return true;
  }

  /** Gives back all `size` bytes of a body. */
  release(size: number): void {
    this.#small -= Math.min(size, MIB);
    this.#large -= Math.max(0, size - MIB);
  }

  /** Bytes held now. */
  get held(): number {
    return this.#small + this.#large;
  }
}
