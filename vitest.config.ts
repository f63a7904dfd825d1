import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests on trees recorded from real machines, which the repository does not carry: only where a folder is named. */
const REAL_TREES = ['tests/lab/real-trees.test.ts', 'tests/drivers/recorded-trees.test.ts'];
/** The DMTF's schemas, likewise. */
const SCHEMAS = ['tests/lab/schemas.test.ts'];
/** A machine's whole life on emulated machines: minutes, and only where it is asked for (see CONTRIBUTING.md). */
const WHOLE_LIFE = ['tests/e2e/machine.test.ts'];
const absent = [
  ...(process.env['INGOT_E2E'] === undefined ? WHOLE_LIFE : []),
  ...(process.env['INGOT_REDFISH_TREES'] === undefined ? REAL_TREES : []),
  ...(process.env['INGOT_REDFISH_SCHEMAS'] === undefined ? SCHEMAS : []),
];

// Two kinds of tests: pure logic beside the code (fast, threads without isolation)
// and `tests/`, which crosses processes and owns real servers (one fork a file).
export default defineConfig({
  // One seed for all property tests of a run.
  resolve: {
    alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('tools/fast-check.ts', import.meta.url)) }],
  },
  test: {
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
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...absent],
          pool: 'forks',
          // After the quick ones: the two kinds have different numbers of workers.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          // Servers, guests and clients beside each other on two processors: one more try, and the run names who
          // needed it. A test that is named there has a fault.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
