import { once } from 'node:events';
import { createServer } from 'node:http';
import RED, { type NodeRedApp } from 'node-red';
import { listen, LOOPBACK } from './listen';
import type { UserDir } from './user-dir';

/** Limit for the start of the flow: one with a node of an unknown type never starts, and the editor then shows why. */
const FLOWS_START_MS = 10_000;

/** Node-RED's settings for the demo: reachable from this machine only, without login, tours and project dialogs. */
function settings(userDir: UserDir, port: number): Parameters<NodeRedApp['init']>[1] {
  const chosen = {
    userDir: userDir.path,
    flowFile: 'flows.json',
    credentialSecret: userDir.credentialSecret,
    uiHost: LOOPBACK,
    uiPort: port,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: {
      tours: false,
      projects: {},
      page: { title: 'Active Backup demo' },
      header: { title: 'Active Backup demo' },
    },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  };
  return chosen as object as Parameters<NodeRedApp['init']>[1]; // the types require every setting
}

/** Starts Node-RED in this process; resolves when the demo's flow is running. */
export async function startEditor(
  port: number,
  userDir: UserDir,
): Promise<{ url: string; close: () => Promise<void> }> {
  // Before that, Node-RED has no pages and no nodes: a browser that is early waits.
  let openGate = (): void => undefined;
  const gate = new Promise<void>((resolve) => (openGate = resolve));
  const server = createServer((request, response) => void gate.then(() => void RED.httpAdmin(request, response)));
  const found = await listen(server, 'PORT', port);
  const url = `http://${LOOPBACK}:${found}/`;
  const close = async (): Promise<void> => {
    await RED.stop();
    server.close();
    server.closeAllConnections();
  };
  RED.init(server, settings(userDir, found));
  const started = once(RED.events, 'flows:started', { signal: AbortSignal.timeout(FLOWS_START_MS) }).catch(
    () => undefined,
  );
  await RED.start();
  RED.httpAdmin.use(RED.httpNode); // after the editor's own routes, those of the flow's http nodes
  await started;
  openGate();
  return { url, close };
}
