import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { DEVICES_FILE } from '../monitor/device-history-state';
import { STATE_FILE } from '../monitor/monitor-state';
import { ConfigNodes, findNode, tlsOptions, type NodeFinder } from './config-nodes';
import { loggerOf } from './diagnostics';
import { openNasConnection, type NasConnection } from './nas-connection';
import { openStore } from './node-files';
import { nasSettings, type NasCredentials, type NasDef } from './settings';
import { errorStatus, IDLE } from './status';

/** The deployed NAS nodes. */
const DEPLOYED = new Set<Node>();
/** The name of the NAS that a node uses. */
const NAMES = new WeakMap<Node, string>();

/** The deployed NAS nodes, in the order of their deployment. */
export function deployedNasNodes(): readonly Node[] {
  return [...DEPLOYED];
}

/** Counts a NAS node as deployed until it closes. */
function addDeployedNas(node: Node): void {
  DEPLOYED.add(node);
  node.on('close', () => {
    DEPLOYED.delete(node);
  });
}

/** Sets the name of the NAS that a node uses. */
function setNasName(node: Node, name: string): void {
  NAMES.set(node, name);
}

/**
 * The name of the NAS that a node uses, for texts that have to contain it because several NAS nodes are deployed
 * (`docs/interface.md §2.3`). Null: only one NAS node is deployed, or the node uses none.
 */
export function nasNameFor(node: Node): string | null {
  return DEPLOYED.size > 1 ? (NAMES.get(node) ?? null) : null;
}

/** A text about a NAS, with the name of the NAS before it: `Office NAS: …`. @param name see {@link nasNameFor} */
export function withNasName(text: string, name: string | null): string {
  return name === null ? text : `${name}: ${text}`;
}

const CONNECTIONS = new ConfigNodes<NasConnection>('NAS');

/** The `users` property of each NAS node: Node-RED passes errors and statuses of a config node to the Catch and Status nodes of these nodes. */
const USERS = new WeakMap<Node, Record<string, Node>>();

/**
 * Opens the connection of a NAS config node; it is closed with the node. Wrong settings do not throw here: every call that
 * needs the NAS fails with their error.
 */
export function registerNas(RED: NodeAPI, node: Node<NasCredentials>, def: NasDef): void {
  const users: Record<string, Node> = {};
  USERS.set(Object.assign(node, { users }), users);
  addDeployedNas(node);
  CONNECTIONS.register(node, () => {
    const settings = nasSettings(def, node.credentials, tlsOptions(RED, def.tls, 'NAS node'));
    const store = openStore(RED, node, STATE_FILE);
    const deviceStore = openStore(RED, node, DEVICES_FILE, '.devices.json');
    const more = { name: node.name ?? '', logger: loggerOf(node) };
    const { connection, close } = openNasConnection({ settings, store, deviceStore, ...more });
    node.on('close', (done: () => void) => {
      close().then(done, done);
    });
    return connection;
  });
}

/**
 * The connection of the NAS config node `id`.
 * @throws DsmError ECONFIG: none chosen, deleted or disabled, or its settings are wrong
 */
export function getNas(RED: NodeFinder, id: string | undefined): NasConnection {
  return CONNECTIONS.get(RED, id);
}

/** The connection of the NAS config node `id`; null when it is not deployed, or its settings are wrong. */
export function findNas(RED: NodeFinder, id: string): NasConnection | null {
  return CONNECTIONS.find(RED, id);
}

/**
 * Adds `node` to the users of the NAS config node `id` until it closes: errors of the NAS node then reach the Catch and Status
 * nodes of `node`. Shows at once under `node` if it is not configured.
 */
export function useNas(RED: NodeAPI, node: Node, id: string | undefined): void {
  node.status(initialStatus(RED, id));
  const nas = id ? findNode(RED, id) : null;
  const users = nas === null ? undefined : USERS.get(nas);
  if (nas === null || users === undefined) return;
  setNasName(node, CONNECTIONS.find(RED, nas.id)?.name ?? nas.name ?? nas.id);
  users[node.id] = node;
  node.on('close', () => {
    Reflect.deleteProperty(users, node.id);
  });
}

function initialStatus(RED: NodeAPI, id: string | undefined): NodeStatus {
  try {
    getNas(RED, id);
    return IDLE;
  } catch (error) {
    return errorStatus(error);
  }
}
