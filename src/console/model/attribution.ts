/** A check against the database: which tenancy a node had at some moment between `askedAt` and `answeredAt`. */
export interface TenancyCheck {
  /** Monotonic milliseconds. */
  askedAt: number;
  answeredAt: number;
  tenancy: number | null;
  /** How old the tenancy was, by the database's clock. */
  ageMs: number;
}

/**
 * Whose the bytes of one node are. A byte belongs to a tenancy only when a check before it came and one after it
 * came both found that tenancy: tenancies never come back, so it held all the time between. Anything else is
 * nobody's, which means the operators'. What comes just after a tenancy began, or just after the line was opened, is
 * nobody's as well: it may have waited in a BMC since before.
 */
export class Attribution {
  readonly #settleMs: number;
  #tenancy: number | null = null;
  /** From when on bytes are the tenancy's. */
  #from = Number.POSITIVE_INFINITY;
  #lineFrom = Number.POSITIVE_INFINITY;
  #lineTenancy: number | null | undefined;

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** The tenancy of the last check. */
  get tenancy(): number | null {
    return this.#tenancy;
  }

  /** The line was opened. One that was lost and is back within a tenancy may only hold that tenancy's bytes. */
  lineOpened(at: number): void {
    const same = this.#lineTenancy !== undefined && this.#lineTenancy !== null && this.#lineTenancy === this.#tenancy;
    this.#lineFrom = same ? at : at + this.#settleMs;
  }

  /** The line was lost. */
  lineLost(): void {
    this.#lineTenancy = this.#tenancy;
    this.#lineFrom = Number.POSITIVE_INFINITY;
  }

  /** Takes a check, and gives whose the bytes are that came at `times`, none of them after the check was asked. */
  settle(check: TenancyCheck, times: readonly number[]): (number | null)[] {
    const sure = check.tenancy !== null && check.tenancy === this.#tenancy;
    const from = Math.max(this.#from, this.#lineFrom);
    const owners = times.map((at) => (sure && at >= from && at <= check.askedAt ? check.tenancy : null));
    if (check.tenancy !== this.#tenancy) {
      this.#tenancy = check.tenancy;
      this.#from = check.answeredAt + Math.max(0, this.#settleMs - check.ageMs);
    }
    return owners;
  }
}
