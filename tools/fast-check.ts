// What tests get for `fast-check` (see vitest.config.ts): property tests start from a fixed seed, so that a run on the
// same code gives the same answer. INGOT_TEST_EXPLORE=1 takes new cases instead, INGOT_TEST_EXPLORE=<seed> one run's.
// By its path: the name alone would lead here again.
import fc from '../node_modules/fast-check/lib/fast-check.js';

const explore = process.env['INGOT_TEST_EXPLORE'];
if (explore !== '1') fc.configureGlobal({ seed: explore === undefined ? 20_261_129 : Number(explore) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
