import { join } from 'node:path';
import { connectClient, retainedAt, type MqttClient } from '../../support/mqtt-client';
import { startMosquitto, type Mosquitto } from '../../support/mosquitto';
import { PROGRAMS, programPath } from '../../support/programs';
import { startNas, type Nas } from '../../nas';
import { differences, type Retained } from './differences';
import { makeHome, PASSWORD, type Home } from './home';
import { makeHomeAssistant, type HomeAssistant } from './home-assistant';
import type { Installation } from './installation';
import { Stop } from './stop';
import { until } from './until';

/** Everything that plays together. */
export interface Stage {
  readonly ha: HomeAssistant;
  readonly broker: Mosquitto;
  readonly nas: Nas;
  readonly home: Home;
  /** Another NAS whose name, tasks and shares have the same names, with a Node-RED of its own. */
  readonly second: { readonly nas: Nas; readonly home: Home };
  /** What the broker retains now. */
  readonly retained: () => Promise<Retained>;
  /** Resolves when Home Assistant shows what the broker retains, and there is some discovery. */
  readonly settled: (seconds?: number) => Promise<void>;
  /** Hears everything, in all lives of the broker. */
  readonly spy: MqttClient;
  /** Somebody else at the broker, who hears everything from now on. */
  readonly listen: () => Promise<MqttClient>;
  readonly installation: Installation;
  readonly close: () => Promise<void>;
}

/** How long a run of the NAS takes: long enough to be seen, and to be cancelled. */
export const RUN_SECONDS = 12;
const SETTLE_SECONDS = 60;

/** Path of Mosquitto. @throws Stop when there is none */
export function findMosquitto(): string {
  const path = programPath('mosquitto');
  if (path === null) throw new Stop(`There is no Mosquitto: ${PROGRAMS.mosquitto.hint}.`);
  return path;
}

/** Makes all parts, and starts NAS and broker; the others start when the play wants them. */
export async function makeStage(installation: Installation, mosquitto: string): Promise<Stage> {
  const nas = await newNas();
  const other = await newNas();
  other.state.serialNumber = `${nas.state.serialNumber.slice(0, -1)}X`;
  const broker = await startMosquitto(mosquitto);
  const spy = await connectClient(broker.url, { reconnectPeriod: 200 });
  await spy.subscribe('#');
  const ha = await makeHomeAssistant(installation, broker.port);
  const home = await makeHome(join(installation.folder, 'node-red'), nas.url, broker.url);
  const second = {
    nas: other,
    home: await makeHome(join(installation.folder, 'node-red-2'), other.url, broker.url),
  };
  const retained = (): Promise<Retained> => retainedAt(broker.url);
  return {
    ...{ ha, broker, nas, home, second, spy, retained, installation },
    settled: (seconds = SETTLE_SECONDS) =>
      until('Home Assistant shows what the broker holds', seconds, async () => differences(await retained(), ha.api)),
    listen: async () => {
      const client = await connectClient(broker.url);
      await client.subscribe('#');
      return client;
    },
    close: async () => {
      await spy.close();
      await home.end('SIGTERM');
      await second.home.end('SIGTERM');
      await ha.stop();
      await broker.close();
      await nas.close();
      await other.close();
    },
  };
}

function newNas(): Promise<Nas> {
  return startNas({
    tasks: 5,
    speed: 1,
    schedules: false,
    runSeconds: RUN_SECONDS,
    accounts: [{ name: 'admin', password: PASSWORD }],
    utcOffsetSeconds: offsetOfNoon(new Date()),
  });
}

/** The time zone in which it is about noon: which task is overdue hangs on the time of day. In whole hours. */
function offsetOfNoon(now: Date): number {
  return 3600 * (12 - now.getUTCHours());
}
