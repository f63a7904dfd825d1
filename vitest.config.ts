import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tools/test-order.ts';

/** Tests on trees recorded from real machines, which the repository does not carry: only where a folder is named. */
const REAL_TREES = ['tests/lab/real-trees.test.ts', 'tests/drivers/recorded-trees.test.ts'];
/** The DMTF's schemas, likewise. */
const SCHEMAS = ['tests/lab/schemas.test.ts'];
/** A machine's whole life on emulated machines: minutes, and only where it is asked for (see CONTRIBUTING.md). */
const WHOLE_LIFE = ['tests/e2e/machine.test.ts', 'tests/e2e/first-machine.test.ts'];
const absent = [
  ...(process.env['INGOT_E2E'] === undefined ? WHOLE_LIFE : []),
  ...(process.env['INGOT_REDFISH_TREES'] === undefined ? REAL_TREES : []),
  ...(process.env['INGOT_REDFISH_SCHEMAS'] === undefined ? SCHEMAS : []),
];

/** Files that have nothing of their process to themselves: one fork runs many, and loads the product once. */
const TOGETHER = [
  'tests/http/*.test.ts',
  'tests/identity/*.test.ts',
  'tests/network/api-*.test.ts',
  'tests/baremetal/api/*.test.ts',
  'tests/agent/*.test.ts',
  'tests/lab/{faults,ipmi,record}.test.ts',
  'tests/drivers/{redfish,redfish-faults,bmc-http}.test.ts',
];

/** Servers, guests and clients beside each other on two processors. */
const SYSTEM = {
  pool: 'forks' as const,
  // After the quick ones: the two kinds have different numbers of workers.
  sequence: { groupOrder: 1 },
  maxWorkers: 2,
  // One more try, and the run names who needed it. A test that is named there has a fault.
  retry: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

// Two kinds of tests: pure logic beside the code (fast, threads without isolation)
// and `tests/`, which crosses processes and owns real servers (one fork a file, but for TOGETHER).
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
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...absent, ...TOGETHER],
          ...SYSTEM,
        },
      },
      {
        extends: true,
        // Last by its name, since the longest files are not among these.
        test: { name: 'together', include: TOGETHER, isolate: false, ...SYSTEM },
      },
    ],
  },
});
