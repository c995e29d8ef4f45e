// `npm run test:home-assistant`: the bridge with a real Home Assistant, Mosquitto and Node-RED, and a simulated NAS.
// PYTHON: the Python to use; HOME_ASSISTANT: the release, if not the newest one for that Python.
import { install } from './installation';
import { findPython } from './python';
import { findMosquitto, createEnvironment, type TestEnvironment } from './environment';
import { ALERTS, BLUEPRINTS } from './steps/blueprints';
import { CHANGES } from './steps/changes';
import { COMMANDS } from './steps/commands';
import { DASHBOARDS } from './steps/dashboard';
import { DEPLOYS } from './steps/deploys';
import { END } from './steps/end';
import { RESTARTS } from './steps/restarts';
import { START } from './steps/start';
import type { Step } from './steps/step';
import { TWO_NASES } from './steps/two-nases';
import { Stop } from './stop';

const STEPS: readonly Step[] = [
  ...START,
  ...COMMANDS,
  ...DASHBOARDS,
  ...BLUEPRINTS,
  ...DEPLOYS,
  ...RESTARTS,
  ...ALERTS,
  ...TWO_NASES,
  ...CHANGES,
  ...END,
];

async function main(): Promise<void> {
  const mosquitto = findMosquitto();
  const python = await findPython();
  const installation = await install(python);
  console.log(`Home Assistant ${installation.version} on Python ${python.version}\n`);
  const environment = await createEnvironment(installation, mosquitto);
  try {
    for (const step of STEPS) await runStep(step, environment);
    console.log('\nAll steps passed.');
  } finally {
    await environment.close();
  }
}

/** @throws Stop when the step fails, with the last messages and logs */
async function runStep({ name, run }: Step, environment: TestEnvironment): Promise<void> {
  const from = performance.now();
  try {
    const result = await run(environment);
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    console.log(`✓ ${name} (${seconds} s${result === undefined ? '' : `; ${result}`})`);
  } catch (error) {
    const problems = environment.ha.problems().slice(-LOG_LINES).join('\n') || 'nothing';
    const log = environment.home.log.split('\n').slice(-LOG_LINES).join('\n');
    const messages = environment.spy.messages
      .filter(({ topic }) => !topic.endsWith('/config'))
      .slice(-LOG_LINES)
      .map(({ topic, payload }) => `${topic} ${payload.slice(0, 300)}`)
      .join('\n');
    throw new Stop(
      `✗ ${name}\n${error instanceof Error ? error.message : String(error)}\n\nThe last messages:\n${messages}\n\n` +
        `Home Assistant warns of:\n${problems}\n\nNode-RED's log ends with:\n${log}`,
    );
  }
}

/** Lines of each log that are shown on failure. */
const LOG_LINES = 15;

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    // Programs that were started before an error may still run and would keep this process alive.
    process.exit(1);
  },
);
