import type { Document } from './node.ts';

/** What says that a machine, or one device of it, was cleaned. */
export interface Proof {
  /** `deploy.erase_devices`; `bios` and `firmware` for comparisons; `waived` when an operator wanted no cleaning. */
  step: string;
  /** Null: the step speaks of the machine as a whole. */
  device: string | null;
  outcome: 'erased' | 'checked' | 'different' | 'failed' | 'waived';
  /** As the agent reported it. */
  evidence: Document;
}
