import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeFlow } from '../../scripts/demo/credentials';
import type { NasEvent } from '../../src/monitor/events';
import { freePort } from '../support/free-port';
import { linkPackage } from '../support/linked-package';
import { startProgram, type Program } from '../support/program';

const SECRET = 'soak';
/** Written in the turn in which the message arrives, so that it is there whatever happens next. */
const WRITE = `fs.appendFileSync(env.get('HEARD'), JSON.stringify(msg.payload) + '\\n');`;

/** What left the events node: `msg.payload`. */
export type Heard = NasEvent & { readonly text: string };

/** A folder of Node-RED whose flow writes down every event that leaves the events node. */
export interface Home {
  /** Starts a Node-RED on it; resolves when its flow runs. */
  start(): Promise<void>;
  /** Ends it, if it is alive. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Everything that was written down, in all its lives. */
  heard(): Promise<Heard[]>;
}

/** Makes a {@link Home} in an empty folder. @param env of its Node-RED, besides the usual */
export async function makeHome(
  path: string,
  { host, port }: { host: string; port: number },
  env: Record<string, string>,
): Promise<Home> {
  await mkdir(path, { recursive: true });
  await linkPackage(path);
  const file = join(path, 'heard.jsonl');
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: await freePort(),
    flowFile: 'flows.json',
    credentialSecret: SECRET,
    telemetry: { enabled: false },
    editorTheme: { projects: {} },
  };
  await writeFile(join(path, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  await writeFile(file, '');
  const at = { z: 'tab', x: 100, y: 100 };
  const flow = [
    { id: 'tab', type: 'tab', label: 'soak' },
    {
      id: 'nas',
      type: 'active-backup-nas',
      name: 'NAS',
      host,
      port,
      https: false,
      pollInterval: 5,
      activePollInterval: 1,
    },
    { ...at, id: 'events', type: 'active-backup-events', nas: 'nas', events: [], tasks: [], wires: [['write']] },
    { ...at, id: 'write', type: 'function', func: WRITE, libs: [{ var: 'fs', module: 'fs' }], outputs: 0, wires: [] },
  ];
  await writeFlow(path, flow, { nas: { username: 'admin', password: 'synology' } }, SECRET);
  const red = createRequire(import.meta.url).resolve('node-red/red.js');
  let program: Program | null = null;
  return {
    start: async () => {
      const args = [red, '--userDir', path, '--settings', join(path, 'settings.js')];
      program = startProgram(args, { cwd: path, env: { HEARD: file, ...env } });
      await program.printed(/Started flows/);
    },
    end: async (signal) => {
      await program?.end(signal);
      program = null;
    },
    heard: async () => (await readFile(file, 'utf8')).split('\n').filter(Boolean).map(eventOf),
  };
}

function eventOf(line: string): Heard {
  return JSON.parse(line) as Heard;
}
