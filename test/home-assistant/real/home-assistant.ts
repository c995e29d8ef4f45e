import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../support/free-port';
import { startProgram, type Program } from '../../support/program';
import { homeAssistantApi, type HaApi } from './api';
import type { Installation } from './installation';
import { DASHBOARD, seed } from './seed';
import { Stop } from './stop';
import { until } from './until';

/** A real Home Assistant, on a port of loopback. */
export interface HomeAssistant {
  readonly url: string;
  /** Of its owner. */
  readonly token: string;
  readonly api: HaApi;
  /** Lines of its log, of all its lives, that tell of trouble with what came over MQTT. */
  troubles(): string[];
  /** Resolves when it is up, and has said so on the broker. */
  start(): Promise<void>;
  /** In good order, so that it writes down what it knows. */
  stop(): Promise<void>;
  /** `kill -9` */
  kill(): Promise<void>;
  /** Makes this the dashboard at {@link DASHBOARD}. */
  showDashboard(yaml: string): Promise<void>;
}

const START_SECONDS = 300;

/** Whose warnings are ours to answer for: MQTT, the platforms that it fills, what makes entities of them, blueprints. */
const OUR_LOGGERS =
  /\[homeassistant\.(?:components\.(?:mqtt|sensor|binary_sensor|button|event|automation|blueprint)|helpers\.(?:entity|entity_platform|entity_registry|device_registry|template))\b/;
const TROUBLE = /^\S+ \S+ (?:WARNING|ERROR|CRITICAL) /;
/**
 * What is not ours: that the broker goes away, as it is made to; and what releases of 2025 say when any device goes, of the
 * empty messages that they send themselves then.
 */
const NOT_OURS = [
  /components\.mqtt\.client\].*(?:connection was lost|Failed to connect|Connection refused)/i,
  /No device components to cleanup/,
];

/** Sets one up in a fresh folder, without starting it. @param brokerPort of an MQTT broker without a password */
export async function makeHomeAssistant(installation: Installation, brokerPort: number): Promise<HomeAssistant> {
  const folder = join(installation.folder, 'config');
  await rm(folder, { recursive: true, force: true });
  const port = await freePort();
  const token = await seed({ folder, source: installation.source, port, brokerPort });
  const url = `http://127.0.0.1:${port}`;
  const api = homeAssistantApi(url, token);
  const logs: string[] = [];
  let program: Program | null = null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = program;
    program = null;
    if (ending === null) return;
    await ending.end(signal);
    logs.push(ending.output);
  };
  return {
    url,
    token,
    api,
    troubles: () =>
      [...logs, program?.output ?? '']
        .flatMap((log) => log.split('\n'))
        .filter((line) => TROUBLE.test(line) && !NOT_OURS.some((pattern) => pattern.test(line)))
        .filter((line) => OUR_LOGGERS.test(line) || /active.backup/i.test(line)),
    start: async () => {
      // Everything that it needs is installed: it must not look for more at each start.
      const args = ['-m', 'homeassistant', '--config', folder, '--skip-pip', '--log-no-color'];
      const starting = startProgram(args, { cwd: folder, node: installation.python });
      program = starting;
      const ended = starting.ended.then((code) => {
        throw new Stop(`Home Assistant ended (${code}) while it started: see ${join(folder, 'home-assistant.log')}.`);
      });
      ended.catch(() => undefined);
      const running = until('Home Assistant runs', START_SECONDS, async () =>
        (await api.isRunning()) ? [] : ['it is still starting'],
      );
      await Promise.race([running, ended]);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    showDashboard: (yaml) => writeFile(join(folder, `${DASHBOARD}.yaml`), yaml),
  };
}
