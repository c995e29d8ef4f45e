import { relative } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** Folders with suites that use Node-RED's test helper. */
const NODE_SUITES = ['test/nodes/**/*.test.ts', 'test/node-red/**/*.test.ts'];
/** Suites that need dist/, a packed package, a browser or a whole Node-RED. */
const SLOW_SUITES = ['test/e2e/**/*.test.ts', 'test/package/**/*.test.ts', 'test/chaos/**/*.test.ts'];

/** The files of src/editor that need a browser. The others have unit tests, and count. */
const EDITOR_WITH_DOM = [
  'src/editor/form/**',
  'src/editor/http/admin-client.ts',
  'src/editor/nas/{certificate,connection-test,nas-dialog,nas-errors,nas-form}.ts',
  'src/editor/operation/{operation,parameter,request,task-backup,task-selection}-form.ts',
  'src/editor/operation/{operation-properties,typed-field}.ts',
  'src/editor/picker/picker.ts',
  'src/editor/mqtt/{bridge-form,broker-form,dashboard-copy}.ts',
  'src/editor/events/events-form.ts',
];

/** The files that take longest, the longest first. */
const LONGEST = [
  'test/chaos/chaos.test.ts',
  ...['soak', 'nas-dialog', 'wall', 'dialog-access', 'mqtt-dialogs', 'examples', 'pickers', 'examples-layout'].map(
    (name) => `test/e2e/${name}.test.ts`,
  ),
  'test/package/programs.test.ts',
  ...['first-minutes', 'dialog-setup', 'commands', 'start', 'task-backup-kill', 'admin-auth', 'report-dialog'].map(
    (name) => `test/e2e/${name}.test.ts`,
  ),
  ...['mqtt', 'start-early'].map((name) => `test/e2e/${name}.test.ts`),
  ...[
    'mqtt-bridge-deploys',
    'no-secret-anywhere',
    'mqtt-bridge',
    'message-isolation',
    'events',
    'task-backup-faults',
  ].map((name) => `test/nodes/${name}.test.ts`),
  // Those that wait for brokers, with those that compute between them: the others would leave a processor idle.
  ...[
    ...['bridge/exceeded-limits', 'bridge/bridge', 'home-assistant/contract', 'monitor/nas-monitor'],
    ...['bridge/limited-brokers'],
    ...['home-assistant/random', 'active-backup/damaged-responses', 'monitor/protections-random', 'monitor/overdue'],
    ...['bridge/command-handler', 'bridge/state-publisher-entity-ids', 'monitor/nas-monitor-unchanged-polls'],
    ...['cli/run', 'monitor/nas-monitor-on-time', 'monitor/task-overdue', 'bridge/bridge-connection'],
    ...['monitor/device-history', 'mqtt/unwilling-brokers', 'mqtt/mqtt-connection', 'bridge/undelivered-events'],
  ].map((name) => `test/${name}.test.ts`),
];

/** Starts the longest files of each project first: a long one that starts last would keep one processor alone. */
class LongestFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }) => {
      const index = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return index < 0 ? LONGEST.length : index;
    };
    // Projects follow one another: a process belongs to one of them.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    return projects.flatMap((name) =>
      sorted.filter(({ project }) => project.name === name).sort((one, other) => rank(one) - rank(other)),
    );
  }
}

/**
 * Projects follow one another, each with its number of processes for the two cores of CI: suites wait for sockets and programs, but
 * with more than four, tests of the editor time out.
 */
function group(groupOrder, maxWorkers) {
  return { maxWorkers, sequence: { groupOrder } };
}

export default defineConfig({
  test: {
    // Limits for tests that hang; a busy machine may be slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest's default of a second is too short for a busy machine.
    expect: { poll: { timeout: 50_000, interval: 10 } },
    // Each process loads the modules once for all its files: no file may leave a timer, a mock or a changed global behind.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          ...group(2, 5),
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...NODE_SUITES, ...SLOW_SUITES],
        },
      },
      {
        extends: true,
        test: { name: 'nodes', ...group(1, 5), include: NODE_SUITES, setupFiles: ['test/support/unload-nodes.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          ...group(0, 4),
          include: SLOW_SUITES,
          globalSetup: ['test/support/pack.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
    // .ci/run counts the tests in the results.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: process.env.RESULTS_FILE ?? 'coverage/results.json' }]]
      : ['default'],
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
