import { join } from 'node:path';
import { connectClient, retainedAt, type MqttClient } from '../../support/mqtt-client';
import { startMosquitto, type Mosquitto } from '../../support/mosquitto';
import { PROGRAMS, programPath } from '../../support/programs';
import { startNas, type Nas } from '../../nas/index';
import { differences, type Retained } from './differences';
import { makeHome, PASSWORD, type Home } from './home';
import { makeHomeAssistant, type HomeAssistant } from './home-assistant';
import type { Installation } from './installation';
import { Stop } from './stop';
import { until } from './until';

/** The participants: NAS, Node-RED, broker, Home Assistant. */
export interface TestEnvironment {
  readonly ha: HomeAssistant;
  readonly broker: Mosquitto;
  readonly nas: Nas;
  readonly home: Home;
  /** Another NAS with the same names, and its own Node-RED. */
  readonly second: { readonly nas: Nas; readonly home: Home };
  /** The retained messages of the broker. */
  readonly retained: () => Promise<Retained>;
  /** Resolves when Home Assistant agrees with the retained messages, and discovery is present. */
  readonly settled: (seconds?: number) => Promise<void>;
  /** Receives every message, over all restarts of the broker. */
  readonly spy: MqttClient;
  /** Opens another client that receives every message from now on. */
  readonly listen: () => Promise<MqttClient>;
  readonly installation: Installation;
  readonly close: () => Promise<void>;
}

/** Duration of a run: long enough to be observed and cancelled. */
export const RUN_SECONDS = 12;
const SETTLE_SECONDS = 60;

/** Path of Mosquitto. @throws Stop when there is none */
export function findMosquitto(): string {
  const path = programPath('mosquitto');
  if (path === null) throw new Stop(`There is no Mosquitto: ${PROGRAMS.mosquitto.hint}.`);
  return path;
}

/** Creates all participants, and starts NAS and broker; steps start the others. */
export async function createEnvironment(installation: Installation, mosquitto: string): Promise<TestEnvironment> {
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

/** The time zone, in whole hours, in which it is about noon, since overdue tasks depend on the time of day. */
function offsetOfNoon(now: Date): number {
  return 3600 * (12 - now.getUTCHours());
}
