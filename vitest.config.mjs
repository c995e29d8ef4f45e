import { configDefaults, defineConfig } from 'vitest/config';

/** Suites that need Node-RED's own test helper, which is one per process. */
const NODE_SUITES = ['test/nodes/**/*.test.ts', 'test/node-red/**/*.test.ts', 'test/bridge/**/*.test.ts'];
/** Suites that need dist/, a packed package, a browser or a whole Node-RED. */
const SLOW_SUITES = ['test/e2e/**/*.test.ts', 'test/package/**/*.test.ts'];

export default defineConfig({
  test: {
    // A limit for what hangs, not a measure of speed: shared machines are slow at times.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // By default one core is left to others, which on two cores is half of them; most suites wait for sockets anyway.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...NODE_SUITES, ...SLOW_SUITES],
        },
      },
      {
        extends: true,
        test: { name: 'nodes', include: NODE_SUITES, pool: 'forks' },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: SLOW_SUITES,
          globalSetup: ['test/support/pack.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // After the others, which need the two cores for themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // .ci/run counts the tests in this file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The editor's code runs in a browser: the Chromium test drives it there, where nobody counts its lines.
      exclude: ['src/editor/**'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
