import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlow } from '../../../scripts/demo/credentials';
import type { FlowNode } from '../../../scripts/demo/flow';
import type { IdSource } from '../../../src/home-assistant/dashboard/entity-names';
import { freePort } from '../../support/free-port';
import { linkPackage } from '../../support/linked-package';
import { nodeRedRequire } from '../../support/node-red-package';
import { startProgram, type Program } from '../../support/program';

/** A Node-RED whose flow publishes a NAS, in a folder that is kept over restarts. */
export interface Home {
  /** Its log, over all restarts. */
  readonly log: string;
  start(): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
  /** The bridge's dashboard for Home Assistant, as YAML. @param ids where this takes entity ids from */
  dashboard(ids: IdSource): Promise<string>;
  /** Gives the NAS node another name, from the next start on. */
  rename(name: string): Promise<void>;
  /** A full deploy of the flow as it is: every node stops and starts again. */
  deploy(): Promise<void>;
  /** Sends a message to the bridge. */
  send(topic: string): Promise<void>;
}

const SECRET = 'test';
/** Names that must not occur anywhere else. */
export const PASSWORD = 'not-for-other-eyes';
export const KEEPALIVE_SECONDS = 10;

/** @param userDir its folder, emptied first; @param nasUrl of a NAS with the account admin and {@link PASSWORD} */
export async function makeHome(userDir: string, nasUrl: string, brokerUrl: string): Promise<Home> {
  await rm(userDir, { recursive: true, force: true });
  await mkdir(userDir, { recursive: true });
  await linkPackage(userDir);
  const port = await freePort();
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: SECRET,
    telemetry: { enabled: false },
    editorTheme: { projects: {} },
  };
  await writeFile(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  const rename = (name: string): Promise<void> =>
    writeFlow(
      userDir,
      flow(name, nasUrl, brokerUrl, `test-${port}`),
      { nas: { username: 'admin', password: PASSWORD } },
      SECRET,
    );
  await rename('Office NAS');
  const red = nodeRedRequire.resolve('node-red/red.js');
  let log = '';
  let program: Program | null = null;
  return {
    get log() {
      return log + (program?.output ?? '');
    },
    start: async () => {
      program = startProgram([red, '--userDir', userDir, '--settings', join(userDir, 'settings.js')], { cwd: userDir });
      await program.printed(/Started flows/);
    },
    end: async (signal) => {
      const ending = program;
      program = null;
      await ending?.end(signal);
      log += ending?.output ?? '';
    },
    dashboard: async (ids) => {
      const response = await fetch(`http://127.0.0.1:${port}/active-backup/bridge/bridge/dashboard?ids=${ids}`);
      const answer = (await response.json()) as { result?: { yaml: string }; error?: { message: string } };
      if (answer.result === undefined) throw new Error(`Node-RED has no dashboard: ${answer.error?.message}`);
      return answer.result.yaml;
    },
    rename,
    deploy: async () => {
      const flows = `http://127.0.0.1:${port}/flows`;
      const headers = {
        'Node-RED-API-Version': 'v2',
        'Node-RED-Deployment-Type': 'full',
        'content-type': 'application/json',
      };
      const body = await (await fetch(flows, { headers })).text();
      const response = await fetch(flows, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`Node-RED answered with ${response.status}: ${await response.text()}`);
    },
    send: async (topic) => {
      const response = await fetch(`http://127.0.0.1:${port}/send/${topic}`, { method: 'POST' });
      if (!response.ok) throw new Error(`Node-RED answered with ${response.status}`);
    },
  };
}

/** @param clientId different for each Node-RED, since two clients with one id disconnect each other */
function flow(name: string, nasUrl: string, url: string, clientId: string): FlowNode[] {
  const at = { z: 'tab', x: 100, y: 100 };
  return [
    { id: 'tab', type: 'tab', label: 'Bridge' },
    { id: 'nas', type: 'active-backup-nas', name, host: nasUrl, pollInterval: 5, activePollInterval: 1 },
    { id: 'broker', type: 'active-backup-mqtt-broker', name: 'Broker', url, clientId, keepalive: KEEPALIVE_SECONDS },
    {
      ...at,
      id: 'bridge',
      type: 'active-backup-mqtt-bridge',
      nas: 'nas',
      broker: 'broker',
      detail: 'full',
      commands: true,
      devices: 'all',
      wires: [[]],
    },
    { ...at, id: 'in', type: 'http in', url: '/send/:topic', method: 'post', wires: [['topic', 'out']] },
    {
      ...at,
      id: 'topic',
      type: 'function',
      func: 'return { topic: msg.req.params.topic };',
      outputs: 1,
      wires: [['bridge']],
    },
    { ...at, id: 'out', type: 'http response', statusCode: '200', wires: [] },
  ];
}
