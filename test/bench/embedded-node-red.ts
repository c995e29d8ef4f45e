import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type NodeRedModule from 'node-red';
import type { Node, NodeMessage } from 'node-red';
import { writeFlow, type Credentials } from '../../scripts/demo/credentials';
import type { FlowNode } from '../../scripts/demo/flow';

/** A Node-RED in this process, with the nodes of this checkout as they are built. */
export interface EmbeddedNodeRed {
  /** @throws Error when the flow has no such node */
  node(id: string): Node;
  /** Sends a message to a node; resolves when the node has finished it. Rejects with its error. */
  receive(id: string, message: NodeMessage): Promise<void>;
  close(): Promise<void>;
}

const SECRET = 'bench';
const PACKAGE = 'node-red-contrib-synology-active-backup';

/** Starts Node-RED without its HTTP server; resolves when the flow runs. @param folder an empty folder, as its user directory */
export async function startEmbedded(
  root: string,
  folder: string,
  flow: readonly FlowNode[],
  credentials: Credentials,
): Promise<EmbeddedNodeRed> {
  await writeUserDir(root, folder, flow, credentials);
  const { default: red } = await import('node-red');
  const settings = {
    userDir: folder,
    flowFile: 'flows.json',
    credentialSecret: SECRET,
    httpAdminRoot: false,
    httpNodeRoot: false,
    uiHost: '127.0.0.1',
    uiPort: 0, // never opened
    editorTheme: { projects: { enabled: false } },
    telemetry: { enabled: false },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  } as const;
  red.init(createServer(), settings);
  const started = once(red.events, 'flows:started');
  await red.start();
  await started;
  return {
    node: (id) => nodeOf(red, id),
    receive: async (id, message) => {
      const done = new Promise<void>((resolve, reject) => {
        red.hooks.add('onComplete.bench', ({ node, error }: Completion) => {
          if (node.id !== id) return;
          red.hooks.remove('*.bench');
          if (error) reject(error);
          else resolve();
        });
      });
      nodeOf(red, id).receive(message);
      await done;
    },
    close: async () => {
      await red.stop();
    },
  };
}

type App = typeof NodeRedModule;

/** What Node-RED passes on when a node has finished a message. */
interface Completion {
  readonly node: { readonly id: string };
  readonly error?: Error;
}

function nodeOf(red: App, id: string): Node {
  // The types of Node-RED leave this module empty.
  const nodes: { getNode?: (id: string) => Node | null } = red.nodes;
  const node = nodes.getNode?.(id) ?? null;
  if (node === null) throw new Error(`The flow has no node ${id}, or its type is not installed`);
  return node;
}

async function writeUserDir(
  root: string,
  folder: string,
  flow: readonly FlowNode[],
  credentials: Credentials,
): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(modules, { recursive: true });
  await symlink(root, join(modules, PACKAGE), 'junction');
  const manifest = { name: 'bench', version: '1.0.0', private: true, dependencies: { [PACKAGE]: '*' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFlow(folder, flow, credentials, SECRET);
}
