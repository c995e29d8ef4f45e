import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { DEVICES_FILE } from '../monitor/device-history-state';
import { STATE_FILE } from '../monitor/monitor-state';
import { readForeign } from '../active-backup/json-fields';
import { DsmError } from '../dsm/errors';
import { isJsonObject } from '../dsm/json';
import { quoted } from '../dsm/redact';
import { ConfigNodes, findNode, tlsOptions, type NodeFinder } from './config-nodes';
import { loggerOf } from './logger';
import { openNasConnection, type NasConnection } from '../client/nas-connection';
import { DiskStationPool } from '../dsm/diskstation-pool';
import { openStore } from './node-files';
import { nasSettings, type NasCredentials, type NasDef } from './settings';
import { errorStatus, IDLE } from './status';
import type { Message } from './types';

/** NAS nodes with the same address and account share one session. Refused logins are remembered over a deploy. */
export const STATIONS = new DiskStationPool();

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

const CONNECTIONS = new ConfigNodes<NasConnection>('NAS', 'nas');

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
    const { connection, close } = openNasConnection({ stations: STATIONS, settings, store, deviceStore, ...more });
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
 * The id of the NAS config node for a message: the one that the node is set to; where none is chosen, the one that `msg.nas` names by
 * its id in messages (`{ id, name }`, as every node of ours sets it), the name of the NAS node, or the id of the NAS node.
 * @throws DsmError ECONFIG: neither names one; EPARAM: no deployed NAS, or several, have this name
 */
export function nasNodeIdFor(RED: NodeFinder, id: string | undefined, msg: Message): string {
  if (id !== undefined && id !== '') return id;
  const named = readForeign('msg.nas', () => namesOf(msg.nas));
  if (named === null) return '';
  const deployed = [...DEPLOYED].map((node) => {
    const nas = findNas(RED, node.id);
    return { node: node.id, name: nas?.name ?? node.name ?? '', id: nas?.identity.id ?? '' };
  });
  for (const key of ['id', 'name', 'node'] as const) {
    const [first, ...others] = deployed.filter((each) => named.includes(each[key]));
    if (first === undefined) continue;
    if (others.length === 0) return first.node;
    throw new DsmError('EPARAM', `msg.nas names several NAS nodes: ${first[key]}`);
  }
  throw new DsmError('EPARAM', `msg.nas names no deployed NAS: ${named.map(quoted).join(', ')}`);
}

/** The id and the name in `msg.nas`, which is a text or `{ id, name }`; null: it names none. */
function namesOf(nas: unknown): string[] | null {
  const values: unknown[] = isJsonObject(nas) ? [nas.id, nas.name] : [nas];
  const names = values.filter((value): value is string => typeof value === 'string' && value !== '');
  return names.length === 0 ? null : names;
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
