import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlow } from '../../scripts/demo/credentials';
import type { FlowNode } from '../../scripts/demo/flow';
import type { NasEvent } from '../../src/monitor/events';
import { freePort } from '../support/free-port';
import { nodeRedSettings } from '../support/node-red';
import { coreNodesBut, nodeRedRequire } from '../support/node-red-package';
import { startProgram, type Program } from '../support/program';
import { removeCutOffLine, wholeLines } from '../support/whole-lines';

const SECRET = 'chaos';

/** A NAS of the flow. */
export interface NasOfFlow {
  /** Id of its config node, and level of its topics. */
  readonly id: string;
  /** Ids of its events nodes, each in a flow of its own. */
  readonly listeners: readonly string[];
  /** Properties of its config node: the address and how it is secured. */
  readonly address: Readonly<Record<string, unknown>>;
}

/** A line that a Function node has written for a message of an events node. */
export interface EventLine {
  readonly listener: string;
  readonly event: NasEvent;
}

/** Which nodes a deploy restarts, in Node-RED's own words. */
export type DeployType = 'full' | 'flows' | 'nodes' | 'reload';

/** Node-RED with the packed package, in a folder of its own: it can be killed, stopped, deployed and started again. */
export interface ChaoticNodeRed {
  /** The folder of the state files of the package. */
  readonly stateFolder: string;
  readonly isRunning: boolean;
  /** How many processes were started. */
  readonly starts: number;
  /** Resolves when the flow runs. */
  start(): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
  /** Sends the running process a signal that does not end it. */
  signal(name: NodeJS.Signals): void;
  /** Deploys the flow with other names, so that this kind of deploy restarts them. @param changed ids of nodes for `nodes` */
  deploy(type: DeployType, changed: readonly string[]): Promise<void>;
  lines(): Promise<EventLine[]>;
  /** What all processes have printed. */
  readonly output: string;
  /** Whether a process has ended by itself. */
  readonly hasCrashed: boolean;
}

/** Writes a line within the call that delivers the message, so that it is on disk even if the process is killed next. */
const append = (listener: string): string =>
  `fs.appendFileSync(env.get('EVENT_FILE'), JSON.stringify({ listener: '${listener}', event: msg.payload }) + '\\n');`;

/**
 * Prepares a folder into which the package was installed.
 * @param broker URL of the broker @param env added to the environment of each process
 */
export async function createChaoticNodeRed(
  path: string,
  nases: readonly NasOfFlow[],
  broker: string,
  env: Record<string, string>,
): Promise<ChaoticNodeRed> {
  const eventFile = join(path, 'events.jsonl');
  const settingsFile = join(path, 'settings.js');
  const stateFolder = join(path, 'active-backup');
  const port = await freePort();
  const settings = {
    ...nodeRedSettings(port, SECRET),
    nodesExcludes: coreNodesBut('10-function.js'),
  };
  await mkdir(stateFolder, { recursive: true });
  await writeFile(settingsFile, `module.exports = ${JSON.stringify(settings)};\n`);
  await writeFile(eventFile, '');
  const names = new Map<string, number>();
  const flow = (): FlowNode[] => flowFor(nases, broker, (id) => `${id} ${names.get(id) ?? 0}`);
  const credentials = Object.fromEntries(nases.map(({ id }) => [id, { username: 'admin', password: 'synology' }]));
  await writeFlow(path, flow(), credentials, SECRET);
  const programs: Program[] = [];
  let running: Program | null = null;
  let hasCrashed = false;
  return {
    stateFolder,
    get isRunning() {
      return running !== null;
    },
    get starts() {
      return programs.length;
    },
    get output() {
      return programs.map(({ output }) => output).join('\n');
    },
    get hasCrashed() {
      return hasCrashed;
    },
    start: async () => {
      const args = [nodeRedRequire.resolve('node-red/red.js'), '--userDir', path, '--settings', settingsFile];
      const program = startProgram(args, { cwd: path, env: { EVENT_FILE: eventFile, ...env } });
      programs.push(program);
      running = program;
      void program.ended.then(() => {
        hasCrashed ||= running === program;
      });
      await program.printed(/Started flows/);
      await program.printed(/Server now running/);
    },
    end: async (signal) => {
      const program = running;
      running = null;
      await program?.end(signal);
      await removeCutOffLine(eventFile);
    },
    signal: (name) => running?.signal(name),
    deploy: async (type, changed) => {
      for (const id of changed) names.set(id, (names.get(id) ?? 0) + 1);
      await deploy(`http://127.0.0.1:${port}/flows`, type, flow());
    },
    lines: async () => (await wholeLines(eventFile)).map(parseLine),
  };
}

async function deploy(url: string, type: DeployType, flows: FlowNode[]): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'node-red-api-version': 'v2',
    'node-red-deployment-type': type,
    connection: 'close',
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ flows }) });
  if (!response.ok) throw new Error(`Node-RED refused the flows: ${response.status} ${await response.text()}`);
}

/** Each NAS → events nodes → file, and → bridge → broker. @param name of a node, by its id */
function flowFor(nases: readonly NasOfFlow[], broker: string, name: (id: string) => string): FlowNode[] {
  const polls = { pollInterval: 5, activePollInterval: 1, timeout: 5 };
  const libs = [{ var: 'fs', module: 'fs' }];
  const place = { x: 100, y: 100 };
  return [
    { id: 'broker', type: 'active-backup-mqtt-broker', name: name('broker'), url: broker },
    ...nases.flatMap(({ id: nas, listeners, address }) => [
      { id: nas, type: 'active-backup-nas', name: name(nas), ...address, ...polls },
      ...listeners.flatMap((listener) => [
        { id: `tab-${listener}`, type: 'tab', label: listener },
        {
          ...{ id: listener, type: 'active-backup-events', name: name(listener), nas, events: [], tasks: [] },
          ...{ ...place, z: `tab-${listener}`, wires: [[`append-${listener}`]] },
        },
        {
          ...{ id: `append-${listener}`, type: 'function', name: name(`append-${listener}`), func: append(listener) },
          ...{ ...place, z: `tab-${listener}`, libs, outputs: 0, wires: [] },
        },
      ]),
      {
        ...{
          id: `bridge-${nas}`,
          type: 'active-backup-mqtt-bridge',
          name: name(`bridge-${nas}`),
          nas,
          broker: 'broker',
        },
        ...{ nasId: nas, devices: 'all', commands: true, ...place, z: `tab-${listeners[0]}`, wires: [] },
      },
    ]),
  ];
}

function parseLine(line: string): EventLine {
  return JSON.parse(line) as EventLine;
}
