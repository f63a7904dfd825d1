import { messageOf } from '#kernel/errors';
import { isDatabaseAway } from '#work/errors';
import type { Segment } from './segment.ts';

/**
 * Runs the parts of putting a node in order after a failure. One that fails does not keep the others from
 * running; what it said is added to the node's last error. Lost leases and stops pass through.
 */
export class Cleanup {
  readonly #segment: Segment;
  readonly #said: string[] = [];

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  /** `what` completes "Also failed to …". */
  async attempt(what: string, part: () => Promise<unknown>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      this.#segment.call().assertMayWrite();
      this.#said.push(`Also failed to ${what}: ${messageOf(error)}`);
    }
  }

  get failed(): boolean {
    return this.#said.length > 0;
  }

  /** `text`, and what went wrong besides. */
  sentence(text: string): string {
    return [text, ...this.#said].join('. ');
  }
}
