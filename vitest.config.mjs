import { configDefaults, defineConfig } from 'vitest/config';

/** Folders with suites that use Node-RED's test helper, of which a process can have one; and the suites of the bridge. */
const NODE_SUITES = ['test/nodes/**/*.test.ts', 'test/node-red/**/*.test.ts', 'test/bridge/**/*.test.ts'];
/** Suites of pure functions, without timers, mocks and global state: their files share one module graph. */
const PURE_SUITES = ['active-backup', 'editor', 'home-assistant', 'settings'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
/** Suites that need dist/, a packed package, a browser or a whole Node-RED. */
const SLOW_SUITES = ['test/e2e/**/*.test.ts', 'test/package/**/*.test.ts'];

/** The files of src/editor that need a browser. The others have unit tests, and count. */
const EDITOR_WITH_DOM = [
  'src/editor/form/**',
  'src/editor/http/admin-client.ts',
  'src/editor/nas/{certificate,connection-test,nas-dialog,nas-errors,nas-form}.ts',
  'src/editor/operation/{method,operation,parameter,request,task-backup,task-selection}-form.ts',
  'src/editor/operation/{operation-node,operation-properties,typed-field}.ts',
  'src/editor/picker/picker.ts',
  'src/editor/mqtt/{bridge-form,broker-form,dashboard-copy}.ts',
  'src/editor/events/events-form.ts',
];

export default defineConfig({
  test: {
    // Limits for tests that hang; a busy machine may be slow.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Twice the two cores of CI: most suites wait for sockets and programs most of the time.
    maxWorkers: 4,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE_SUITES, ...NODE_SUITES, ...SLOW_SUITES],
        },
      },
      {
        extends: true,
        test: { name: 'pure', include: PURE_SUITES, isolate: false },
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
          // A Node-RED and often a Chromium per file.
          maxWorkers: 2,
          // After the other projects: each of these files starts programs of its own.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // .ci/run counts the tests in results.json.
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Files of the editor with DOM or Node-RED's editor API: they run in Chromium, where no lines are counted.
      exclude: EDITOR_WITH_DOM,
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
