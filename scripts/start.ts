// `npm start`: a simulated NAS, an MQTT broker and a real Node-RED with this palette and a flow, in one process.
import { setTimeout as sleep } from 'node:timers/promises';
import { startNas } from '../test/nas/index';
import { startBroker } from './demo/broker';
import { DemoError, demoSettings, portError, type DemoSettings } from './demo/environment';
import { startEditor } from './demo/editor';
import { prepareUserDir } from './demo/user-dir';
import { whenParentEnds } from './parent';

/** Time limit for closing everything. */
const STOP_MS = 2000;

/** Functions that close what was started, to be called in reverse order. */
const running: (() => Promise<void>)[] = [];

async function start(settings: DemoSettings): Promise<void> {
  const nas = settings.nasPort === null ? realNas() : await simulatedNas(settings.nasPort);
  const broker = settings.mqttPort === null ? process.env.MQTT_URL : await ownBroker(settings.mqttPort);
  const userDir = await prepareUserDir(settings.userDir);
  const editor = await startEditor(settings.port, userDir);
  running.push(editor.close);
  console.log(`
  Node-RED     ${editor.url}
  NAS          ${nas}
  MQTT broker  ${broker}
  Your changes are kept in ${settings.userDir}

  1. Open Node-RED in a browser: the flow and the debug sidebar are there.
  2. Click the button left of "List tasks": the backup tasks of the NAS appear in the sidebar.
  3. Click the button left of "Back up a PC": a backup starts, and you can watch its progress. It takes half a minute
     on the simulated NAS.
  4. Any MQTT client sees every backup at the broker above, below active-backup/ (mosquitto_sub -v -t 'active-backup/#');
     a Home Assistant that uses this broker shows them as devices.
  5. Open the tab "Recipes": nightly backups, a storage report and more, each with a button to try it.

Ready. Ctrl-C ends everything.`);
}

/**
 * Real time, so that the times in responses are correct, and runs short enough to be watched to their end. The machines include a
 * late laptop, a server that fails beside others in its task, and an unusually large backup; the volume is full in a few weeks.
 */
const SIMULATED = { speed: 1, runSeconds: 30, machines: true, growthPerDay: 90e9, freeBytes: 1.6e12 } as const;

/** The variables that the demo's flow reads host and credentials from. */
async function simulatedNas(port: number): Promise<string> {
  const nas = await startNas({ port, ...SIMULATED }).catch((error: unknown) => {
    throw portError(error, 'NAS_PORT', port) as Error;
  });
  running.push(() => nas.close());
  const account = { SYNOLOGY_USERNAME: 'admin', SYNOLOGY_PASSWORD: 'synology' };
  Object.assign(process.env, { SYNOLOGY_HOST: nas.url, ...account });
  return `${nas.url} (simulated; ${account.SYNOLOGY_USERNAME} / ${account.SYNOLOGY_PASSWORD})`;
}

function realNas(): string {
  const { SYNOLOGY_HOST, SYNOLOGY_USERNAME, SYNOLOGY_PASSWORD } = process.env;
  if (!SYNOLOGY_USERNAME || !SYNOLOGY_PASSWORD) {
    throw new DemoError('SYNOLOGY_HOST is set: set SYNOLOGY_USERNAME and SYNOLOGY_PASSWORD too.');
  }
  return `${SYNOLOGY_HOST} (yours)`;
}

async function ownBroker(port: number): Promise<string> {
  const broker = await startBroker(port);
  running.push(broker.close);
  process.env.MQTT_URL = broker.url;
  return broker.url;
}

async function stop(code: number): Promise<void> {
  await Promise.race([closeAll(), sleep(STOP_MS)]);
  process.exit(code);
}

/** In reverse order, so that Node-RED can still log out of the NAS. */
async function closeAll(): Promise<void> {
  for (const close of running.splice(0).reverse()) await close().catch(() => undefined);
}

async function main(): Promise<void> {
  try {
    await start(demoSettings(process.env));
  } catch (error) {
    console.error(error instanceof DemoError ? error.message : error);
    await stop(1);
  }
}

if (process.env.npm_lifecycle_event === 'start') whenParentEnds(() => void stop(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
void main();
