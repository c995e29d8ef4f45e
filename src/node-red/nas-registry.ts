import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { getNasInfo, serialNumberOf, type NasInfo } from '../active-backup/nas-info';
import { ActiveBackup, type DsmClient } from '../active-backup/active-backup';
import type { CertificatePolicy } from '../dsm/certificate';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import { DiskStationPool } from '../dsm/diskstation-pool';
import { createMonitorClient } from '../monitor/monitor-client';
import { NasMonitor } from '../monitor/nas-monitor';
import { MEMORY_FILE } from '../monitor/state-store';
import { TaskPoller } from '../monitor/poller';
import { InMemoryStore, JsonFile, type JsonContent, type Store } from '../storage/json-file';
import { loggerOf, logPolls, logSaves, warnOfOrigin } from './diagnostics';
import { NasIdentity } from './nas-identity';
import { countNas, noteNasOf } from './nas-names';
import { nasSettings, type NasCredentials, type NasDef } from './settings';
import { errorStatus, IDLE } from './status';
import type { ConfigNode } from './types';

/** An accepted start shows within a few looks, or never. */
const POLLS_UNTIL_START_TIMEOUT = 6;
const MIN_START_TIMEOUT_MS = 10_000;
const MAX_START_TIMEOUT_MS = 60_000;

/** What one NAS config node offers the nodes that use it. */
export interface NasConnection {
  readonly activeBackup: ActiveBackup;
  /** Whether a session is open, so that the next call need not log in first. */
  readonly signedIn: boolean;
  /** Looks at the tasks for whoever follows a run. */
  readonly poller: TaskPoller;
  /** Tells what happens, for whoever wants to know. */
  readonly monitor: NasMonitor;
  /** 0: a task is overdue by its schedule. */
  readonly overdueHours: number;
  /** How long a run that shows no sign of life is awaited. */
  readonly startTimeoutMs: number;
  /** Where the NAS is, for which its credentials were stored. */
  readonly address: string;
  /** How the NAS proves to be the one that they were stored for. */
  readonly certificate: CertificatePolicy;
  /** As the person called it, else its host. */
  readonly name: string;
  /** The id of the NAS in messages, as on MQTT. */
  readonly identity: Pick<NasIdentity, 'id' | 'learn'>;
  /** What the NAS is; asks it. @throws DsmError as every call does */
  readonly nasInfo: () => Promise<NasInfo>;
}

/** Node-RED's own TLS config node, as far as it is used here. */
interface TlsConfigNode extends Node {
  addTLSOptions(options: ConnectionOptions): ConnectionOptions;
}

/**
 * The one registry: which NAS config node has which connection, or why it has none. Keyed by the node itself, so a
 * redeployed node is another entry and a forgotten one is nobody's.
 */
const CONNECTIONS = new WeakMap<Node, NasConnection | DsmError>();

/** A list of many pages may take so many times the limit of one request. */
const REQUESTS_OF_A_LIST = 10;

/** NAS config nodes that sign in alike share one session, and a redeployed one knows what was refused before. */
export const STATIONS = new DiskStationPool();

/**
 * Gives a NAS config node its connection. Nothing is sent before the first call; the session is given back when the
 * node closes. Bad settings do not throw here: every call that needs the NAS gets them as its error.
 */
export function registerNas(RED: NodeAPI, node: Node<NasCredentials>, def: NasDef): void {
  (node as ConfigNode & Node<NasCredentials>).users = {};
  countNas(node);
  let close = (): Promise<void> => Promise.resolve();
  try {
    const settings = nasSettings(def, node.credentials, tlsOptions(RED, def.tls));
    const { diskStation, access, activePollIntervalMs, overdueHours } = settings;
    const logger = loggerOf(node);
    const station = STATIONS.open({ ...diskStation, logger });
    const pageTime = { limitMs: REQUESTS_OF_A_LIST * diskStation.timeoutMs, now: () => performance.now() };
    const activeBackup = new ActiveBackup(station, access, pageTime);
    const monitored = new ActiveBackup(essential(station), access, pageTime);
    const reader = monitored.createTaskListClient();
    const identity = new NasIdentity({
      address: diskStation.url.href,
      readSerialNumber: (signal) => serialNumberOf(station, signal),
    });
    const watch = new TaskPoller({
      readTasks: logPolls(async (look) => {
        const listing = await reader.listTasks(look);
        await identity.learn(); // before anybody is told: an event names its NAS
        return listing;
      }, logger),
      onListenerError: (error) => {
        warnOfOrigin(logger, dsmErrorOf(error, 'ERESPONSE', 'What the NAS answered could not be worked on'));
      },
      intervals: { idleMs: settings.pollIntervalMs, activeMs: activePollIntervalMs },
    });
    const store = storeOf(RED, node, MEMORY_FILE);
    const feed = new NasMonitor({
      poller: watch,
      overdueHours,
      nas: diskStation.url.href,
      client: createMonitorClient(monitored),
      store,
      warn: (message) => {
        node.warn(message);
      },
    });
    close = () => {
      watch.close();
      store.close();
      return station.close();
    };
    CONNECTIONS.set(node, {
      activeBackup,
      poller: watch,
      monitor: feed,
      overdueHours,
      address: diskStation.url.href,
      certificate: diskStation.certificate,
      name: node.name || diskStation.url.hostname,
      identity,
      nasInfo: () => getNasInfo(station),
      startTimeoutMs: Math.min(
        MAX_START_TIMEOUT_MS,
        Math.max(MIN_START_TIMEOUT_MS, POLLS_UNTIL_START_TIMEOUT * activePollIntervalMs),
      ),
      get signedIn() {
        return station.signedIn;
      },
    });
  } catch (error) {
    if (!(error instanceof DsmError)) throw error;
    CONNECTIONS.set(node, error);
    node.warn(error.message);
  }
  node.on('close', (done: () => void) => {
    CONNECTIONS.delete(node);
    close().then(done, done);
  });
}

/**
 * The connection of the NAS config node `id`.
 * @throws DsmError ECONFIG: none chosen, deleted or disabled, or its settings are wrong
 */
export function getNas(RED: NodeAPI, id: string | undefined): NasConnection {
  if (id === undefined || id === '') throw new DsmError('ECONFIG', 'No NAS is chosen: open the node and choose one');
  // @types says a node always comes; it does not when it was deleted or disabled.
  const node = RED.nodes.getNode(id) as Node | null | undefined;
  const connection = node ? CONNECTIONS.get(node) : undefined;
  if (connection === undefined) {
    throw new DsmError(
      'ECONFIG',
      'The chosen NAS does not exist any more, or is disabled: open the node and choose another',
    );
  }
  if (connection instanceof DsmError) throw connection;
  return connection;
}

/** The connection of the NAS config node `id`; null when it is not deployed, or its settings are wrong. */
export function deployedNas(RED: NodeAPI, id: string): NasConnection | null {
  const node = RED.nodes.getNode(id) as Node | null | undefined;
  const connection = node ? CONNECTIONS.get(node) : undefined;
  return connection === undefined || connection instanceof DsmError ? null : connection;
}

/**
 * Lets `node` use the NAS config node `id` until it closes: trouble of the NAS node reaches the node's Catch and Status
 * nodes, and what is missing before it can work shows under it from the beginning.
 */
export function useNas(RED: NodeAPI, node: Node, id: string | undefined): void {
  node.status(readiness(RED, id));
  const nas = id ? (RED.nodes.getNode(id) as ConfigNode | null | undefined) : null;
  if (!nas || !CONNECTIONS.has(nas)) return;
  const connection = CONNECTIONS.get(nas);
  noteNasOf(node, (connection instanceof DsmError ? nas.name : connection?.name) ?? nas.id);
  nas.users[node.id] = node;
  node.on('close', () => {
    Reflect.deleteProperty(nas.users, node.id);
  });
}

function readiness(RED: NodeAPI, id: string | undefined): NodeStatus {
  try {
    getNas(RED, id);
    return IDLE;
  } catch (error) {
    return errorStatus(error);
  }
}

/** The same NAS for its monitor: a flood of messages is no reason to say that the NAS does not answer. */
function essential(station: DsmClient): DsmClient {
  return {
    label: station.label,
    get msSinceLastResponse() {
      return station.msSinceLastResponse;
    },
    call: (request) => station.call({ ...request, essential: true }),
  };
}

/** What a disk would not take, by path: a node that is deployed again meanwhile goes on from there. */
const UNSAVED = new Map<string, string>();

/** Where a node keeps what must outlive Node-RED: in a file, if Node-RED has a directory. The node closes it. */
export function storeOf<T>(RED: NodeAPI, node: Node, file: JsonContent<T>): Store<T> {
  const path = statePath(RED, node);
  if (path === null) return new InMemoryStore();
  const warn = (message: string): void => {
    node.warn(message);
  };
  return logSaves(new JsonFile({ ...file, path, warn, unsaved: UNSAVED }), file.what, loggerOf(node));
}

/**
 * Where a node keeps what must outlive Node-RED: `active-backup/<id>.json` in its directory; null where it has none.
 * @param end of its name: another one for another file of the same node
 */
export function statePath(RED: NodeAPI, node: Node, end = '.json'): string | null {
  const { userDir } = RED.settings;
  return userDir ? join(userDir, 'active-backup', `${node.id.replace(/[^\w-]/g, '_')}${end}`) : null;
}

/** Who does what only one of all nodes may do, by what it is. */
const CLAIMS = new Map<string, Node>();

/**
 * Claims something that only one node may do at a time; the same node, restarted by a deploy, takes its claim over.
 * @returns what gives it back; null while another node has it
 */
export function acquireExclusive(what: string, node: Node): (() => void) | null {
  const owner = CLAIMS.get(what);
  if (owner !== undefined && owner.id !== node.id) return null;
  CLAIMS.set(what, node);
  return () => {
    if (CLAIMS.get(what) === node) CLAIMS.delete(what);
  };
}

/**
 * The options of the TLS config node `id`; undefined when none is chosen.
 * @param what the kind of node that chose it, for the message
 * @throws DsmError ECONFIG when it was deleted or disabled
 */
export function tlsOptions(RED: NodeAPI, id: string | undefined, what = 'NAS node'): ConnectionOptions | undefined {
  if (id === undefined || id === '') return undefined;
  const node = RED.nodes.getNode(id) as TlsConfigNode | null | undefined;
  if (typeof node?.addTLSOptions === 'function') return node.addTLSOptions({});
  throw new DsmError('ECONFIG', `The TLS configuration of the ${what} does not exist any more, or is disabled`);
}
