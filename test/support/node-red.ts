import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlow } from '../../scripts/demo/credentials';
import type { FlowNode } from '../../scripts/demo/flow';
import { freePort } from './free-port';
import { nodeRedRequire } from './node-red-package';
import { startProgram, type Program } from './program';

/** A whole Node-RED in a process of its own, controlled through its admin API. */
export interface NodeRed {
  readonly url: string;
  /** Its log since its last start. */
  readonly log: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Replaces all flows; resolves when they run. @throws Error with Node-RED's message */
  deploy(flows: FlowNode[]): Promise<void>;
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again with the flows it had, after {@link stop} or {@link kill}. */
  start(): Promise<void>;
}

const SECRET = 'test';

/** Else each start of Node-RED runs npm, to learn its version. No test installs nodes from the editor. */
const WITHOUT_NPM = { externalModules: { palette: { allowInstall: false } } } as const;

/** For tests that open no code in the editor: Monaco, its editor for code, is a third of its page. */
export const LIGHT_EDITOR = { tours: false, projects: {}, codeEditor: { lib: 'ace' } } as const;

/** Else each page of the editor loads and starts a library for diagrams, of 3.5 MB. No test draws one. */
const WITHOUT_DIAGRAMS = `(request, response, next) =>
  request.path.endsWith('/mermaid.min.js') ? response.type('js').send('mermaid = { initialize() {} };') : next()`;

/** The settings that every Node-RED of the tests has. */
export function nodeRedSettings(uiPort: number, credentialSecret: string): object {
  return {
    uiHost: '127.0.0.1',
    uiPort,
    flowFile: 'flows.json',
    credentialSecret,
    telemetry: { enabled: false },
    editorTheme: { projects: {} },
    ...WITHOUT_NPM,
  };
}

/**
 * Starts Node-RED on a folder that has the nodes under test in its node_modules.
 * @param more settings of Node-RED in addition to those of every test
 */
export async function startNodeRed(userDir: string, more: object = {}): Promise<NodeRed> {
  const port = await freePort();
  await writeFlow(userDir, [], {}, SECRET); // without a flow file Node-RED logs a warning
  const settings = { ...nodeRedSettings(port, SECRET), ...more };
  await writeFile(
    join(userDir, 'settings.js'),
    `module.exports = ${JSON.stringify(settings)};\nmodule.exports.httpAdminMiddleware = ${WITHOUT_DIAGRAMS};\n`,
  );
  const red = nodeRedRequire.resolve('node-red/red.js');
  const url = `http://127.0.0.1:${port}/`;
  let program: Program;
  const start = async (): Promise<void> => {
    program = startProgram([red, '--userDir', userDir, '--settings', join(userDir, 'settings.js')], { cwd: userDir });
    await program.printed(/Started flows/);
    await program.printed(/Server now running/);
  };
  await start();
  return {
    start,
    url,
    get log() {
      return program.output;
    },
    // A connection that Node-RED closes as idle while a request is sent would fail it.
    get: (path, headers = {}) => fetch(url + path, { headers: { connection: 'close', ...headers } }),
    deploy: async (flows) => {
      const before = program.output.length;
      await deploy(url, flows);
      await program.printed(new RegExp(`^[^]{${before},}?Started flows`));
    },
    stop: async () => {
      await program.end();
    },
    kill: async () => {
      await program.end('SIGKILL');
    },
  };
}

/** Deploys flows through Node-RED's admin API, which replies before they run. */
export async function deploy(url: string, flows: FlowNode[]): Promise<void> {
  const headers = { 'content-type': 'application/json', 'node-red-api-version': 'v2' };
  const response = await fetch(`${url}flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) });
  if (!response.ok) throw new Error(`Node-RED refused the flows: ${response.status} ${await response.text()}`);
}
