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
  /** A token of its owner. */
  readonly token: string;
  readonly api: HaApi;
  /** Warnings and errors about MQTT in its log, over all restarts. */
  problems(): string[];
  /** Resolves when it is running and has published its birth message. */
  start(): Promise<void>;
  /** An orderly stop, with which it saves its state. */
  stop(): Promise<void>;
  /** `kill -9` */
  kill(): Promise<void>;
  /** Makes this the dashboard at {@link DASHBOARD}. */
  showDashboard(yaml: string): Promise<void>;
}

const START_SECONDS = 300;

/** Loggers whose warnings count: MQTT, its platforms, entities and registries, blueprints. */
const OUR_LOGGERS =
  /\[homeassistant\.(?:components\.(?:mqtt|sensor|binary_sensor|button|event|automation|blueprint)|helpers\.(?:entity|entity_platform|entity_registry|device_registry|template))\b/;
const PROBLEM = /^\S+ \S+ (?:WARNING|ERROR|CRITICAL) /;
/**
 * Expected warnings: the interrupted broker connection, a request of Home Assistant's own that a busy machine answers late, and what
 * releases of 2025 log about their own empty messages when a device is removed.
 */
const EXPECTED = [
  /components\.mqtt\.client\].*No ACK from MQTT server in \d+ seconds/,
  /components\.mqtt\.client\].*(?:connection was lost|Failed to connect|Connection refused)/i,
  /No device components to cleanup/,
];

/** Sets up a Home Assistant in an empty folder, without starting it. @param brokerPort of an MQTT broker without a password */
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
    const stopping = program;
    program = null;
    if (stopping === null) return;
    await stopping.end(signal);
    logs.push(stopping.output);
  };
  return {
    url,
    token,
    api,
    problems: () =>
      [...logs, program?.output ?? '']
        .flatMap((log) => log.split('\n'))
        .filter((line) => PROBLEM.test(line) && !EXPECTED.some((pattern) => pattern.test(line)))
        .filter((line) => OUR_LOGGERS.test(line) || /active.backup/i.test(line)),
    start: async () => {
      // Everything it needs is installed: it must not search for packages at each start.
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
