import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlow } from '../../scripts/demo/credentials';
import type { FlowNode } from '../../scripts/demo/flow';
import type { NasEvent } from '../../src/monitor/events';
import { freePort } from '../support/free-port';
import { linkPackage } from '../support/linked-package';
import { nodeRedSettings } from '../support/node-red';
import { coreNodesBut, nodeRedRequire } from '../support/node-red-package';
import { startProgram, type Program } from '../support/program';
import { removeCutOffLine, wholeLines } from '../support/whole-lines';

const SECRET = 'soak';
/** Appends within the call that delivers the message, so that the line is on disk even if the process is killed next. */
const APPEND = `fs.appendFileSync(env.get('EVENT_FILE'), JSON.stringify(msg.payload) + '\\n');`;

/** `msg.payload` of a message of the events node. */
type EmittedEvent = NasEvent & { readonly text: string };

/** A Node-RED folder whose flow appends every event of the events node to a file. */
export interface NodeRedUnderTest {
  /** File of the events, one line of JSON each. */
  readonly eventFile: string;
  /** Starts a process; resolves when its flow runs. */
  start(): Promise<void>;
  /** Ends the process, if one is running. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** The events of all its processes. */
  events(): Promise<EmittedEvent[]>;
  /** What its processes have printed, the last ones last, and the state file of the NAS: for the message of a failure. */
  report(): Promise<string>;
}

/** Prepares a {@link NodeRedUnderTest} in an empty folder. @param env added to the environment of its processes */
export async function createNodeRedUnderTest(
  path: string,
  nas: { host: string; port: number },
  env: Record<string, string>,
): Promise<NodeRedUnderTest> {
  await mkdir(path, { recursive: true });
  await linkPackage(path);
  const eventFile = join(path, 'events.jsonl');
  const settingsFile = join(path, 'settings.js');
  const settings = {
    ...nodeRedSettings(await freePort(), SECRET),
    nodesExcludes: coreNodesBut('10-function.js'),
  };
  await writeFile(settingsFile, `module.exports = ${JSON.stringify(settings)};\n`);
  await writeFile(eventFile, '');
  await writeFlow(path, flowFor(nas), { nas: { username: 'admin', password: 'synology' } }, SECRET);
  const red = nodeRedRequire.resolve('node-red/red.js');
  let program: Program | null = null;
  const programs: Program[] = [];
  return {
    eventFile,
    start: async () => {
      const args = [red, '--userDir', path, '--settings', settingsFile];
      program = startProgram(args, { cwd: path, env: { EVENT_FILE: eventFile, ...env } });
      programs.push(program);
      await program.printed(/Started flows/);
    },
    end: async (signal) => {
      await program?.end(signal);
      program = null;
      await removeCutOffLine(eventFile);
    },
    report: async () => {
      const state = await readFile(join(path, 'active-backup', 'nas.json'), 'utf8').catch(String);
      return [...programs.map(({ output }) => output.slice(-2000)), state].join('\n---\n');
    },
    events: async () => (await wholeLines(eventFile)).map(parseEvent),
  };
}

/** NAS → events node → file. */
function flowFor({ host, port }: { host: string; port: number }): FlowNode[] {
  const place = { z: 'tab', x: 100, y: 100 };
  const nas = { host, port, https: false, pollInterval: 5, activePollInterval: 1 };
  const libs = [{ var: 'fs', module: 'fs' }];
  return [
    { id: 'tab', type: 'tab', label: 'soak' },
    { id: 'nas', type: 'active-backup-nas', name: 'NAS', ...nas },
    { ...place, id: 'events', type: 'active-backup-events', nas: 'nas', events: [], tasks: [], wires: [['append']] },
    { ...place, id: 'append', type: 'function', func: APPEND, libs, outputs: 0, wires: [] },
  ];
}

function parseEvent(line: string): EmittedEvent {
  return JSON.parse(line) as EmittedEvent;
}
