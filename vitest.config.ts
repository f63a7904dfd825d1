import { defineConfig } from 'vitest/config';

// Two kinds of tests: pure logic beside the code (fast, threads without isolation)
// and `tests/`, which crosses processes and owns real servers (one fork a file).
export default defineConfig({
  test: {
    projects: [
      {
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
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          pool: 'forks',
          // After the quick ones: the two kinds have different numbers of workers.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
