import type { Operation } from '../operation.ts';
import { failClean } from './fail.ts';
import { cleanPhases } from './phases.ts';

/** Manageable → available (automated) or back to manageable (manual). */
export const clean: Operation = {
  name: 'clean',
  version: 1,
  limit: 'clean',
  historyType: 'cleaning',
  phases: cleanPhases,
  fail: (segment, _input, failure) => failClean(segment, failure),
};
