// `npm run test:home-assistant`: the bridge with a real Home Assistant, Mosquitto and Node-RED, and a simulated NAS.
// PYTHON: the Python to use; HOME_ASSISTANT: the release, if not the newest one for that Python.
import { install } from './installation';
import { findPython } from './python';
import { findMosquitto, makeStage, type Stage } from './stage';
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

const PLAY: readonly Step[] = [
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
  const stage = await makeStage(installation, mosquitto);
  try {
    for (const step of PLAY) await take(step, stage);
    console.log('\nAll as it should be.');
  } finally {
    await stage.close();
  }
}

/** @throws Stop when it does not hold, with all that may tell why */
async function take({ name, run }: Step, stage: Stage): Promise<void> {
  const from = performance.now();
  try {
    const told = await run(stage);
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    console.log(`✓ ${name} (${seconds} s${told === undefined ? '' : `; ${told}`})`);
  } catch (error) {
    const troubles = stage.ha.troubles().slice(-LOG_LINES).join('\n') || 'nothing';
    const log = stage.home.log.split('\n').slice(-LOG_LINES).join('\n');
    const messages = stage.spy.messages
      .filter(({ topic }) => !topic.endsWith('/config'))
      .slice(-LOG_LINES)
      .map(({ topic, payload }) => `${topic} ${payload.slice(0, 300)}`)
      .join('\n');
    throw new Stop(
      `✗ ${name}\n${error instanceof Error ? error.message : String(error)}\n\nThe last messages:\n${messages}\n\n` +
        `Home Assistant warns of:\n${troubles}\n\nNode-RED's log ends with:\n${log}`,
    );
  }
}

/** Of each log, when something is wrong. */
const LOG_LINES = 15;

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    // What was started before a fault may still be there, and would keep this process alive.
    process.exit(1);
  },
);
