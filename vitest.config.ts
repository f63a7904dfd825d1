import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tools/test-order.ts';

/** Tests on trees recorded from real machines, which the repository does not carry: only where a folder is named. */
const REAL_TREES = ['tests/lab/real-trees.test.ts', 'tests/drivers/recorded-trees.test.ts'];
/** The DMTF's schemas, likewise. */
const SCHEMAS = ['tests/lab/schemas.test.ts'];
/** A machine's whole life on emulated machines: minutes, and only where it is asked for (see CONTRIBUTING.md). */
const WHOLE_LIFE = ['machine', 'bad-days', 'first-machine', 'tenant'].map((name) => `tests/e2e/${name}.test.ts`);
/** The same with a ramdisk of others, which the repository does not carry. */
const OF_OTHERS = ['tests/e2e/ipa.test.ts'];
const absent = [
  ...(process.env['INGOT_IPA'] === undefined ? OF_OTHERS : []),
  ...(process.env['INGOT_E2E'] === undefined ? WHOLE_LIFE : []),
  ...(process.env['INGOT_REDFISH_TREES'] === undefined ? REAL_TREES : []),
  ...(process.env['INGOT_REDFISH_SCHEMAS'] === undefined ? SCHEMAS : []),
];

/**
 * Files that have their process to themselves: they measure its memory, or are about who owns a server. All others of
 * `tests/` share one process for each worker, which loads the product once, and leave nothing behind in it.
 */
const OWN_PROCESS = ['tests/store/*.test.ts', 'tests/lab/rack.test.ts'];

/** Files that need no package of Debian's: on a fresh machine they run while those are installed (tools/test.ts). */
const EARLY = ['tests/work/*.test.ts', 'tests/baremetal/life/*.test.ts'];
const part = process.env['INGOT_TEST_PART'];

/** Servers, guests and clients beside each other. */
const SYSTEM = {
  pool: 'forks' as const,
  // After the quick ones: the two kinds have different numbers of workers.
  sequence: { groupOrder: 1 },
  // Tests wait for clocks and machines a fourth of their time. Beside an installation there is one.
  maxWorkers: part === 'early' ? 1 : 3,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

// Two kinds of tests: pure logic beside the code (fast, threads without isolation)
// and `tests/`, which crosses processes and owns real servers (forks).
export default defineConfig({
  // One seed for all property tests of a run.
  resolve: {
    alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('tools/fast-check.ts', import.meta.url)) }],
  },
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          pool: 'threads',
          sequence: { groupOrder: 0 },
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: part === 'early' ? EARLY : ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...absent, ...OWN_PROCESS, ...(part === 'late' ? EARLY : [])],
          isolate: false,
          ...SYSTEM,
        },
      },
      {
        extends: true,
        // Last by its name: the longest files are not among these.
        test: { name: 'unshared', include: OWN_PROCESS, ...SYSTEM },
      },
    ],
  },
});
