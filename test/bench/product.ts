import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Bridge } from '../../src/bridge/bridge';
import { identityOf } from '../../src/bridge/nas-identity';
import type { BridgedNas } from '../../src/bridge/types';
import { DEVICES_FILE } from '../../src/monitor/device-history-state';
import { JsonFile } from '../../src/storage/json-file';
import { FileStateStore } from '../../src/monitor/monitor-state';
import type { NasSnapshot } from '../../src/monitor/snapshot';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';
import { DiskStationPool } from '../../src/dsm/diskstation-pool';
import { openNasConnection, type NasConnection } from '../../src/client/nas-connection';
import { nasSettings } from '../../src/node-red/settings';
import { LOW_STORAGE } from '../../src/settings/limits';
import { quiet } from './measure';

const ORIGIN = { name: 'bench', version: '1.0.0', url: 'https://example.com/' };
const ACCOUNT = { username: 'admin', password: 'synology' };
/** No poll comes by itself. */
const NEVER_SECONDS = 86_400;

/** The classes of this package for one NAS, as its nodes put them together. */
export interface Product {
  readonly connection: NasConnection;
  /** Number of events that the listeners have received. */
  readonly eventCount: () => number;
  /** Polls once, and waits until everything that follows from the poll is done; call it when nothing else is going on. */
  readonly poll: () => Promise<void>;
  /** Polls once, and waits until its snapshot is emitted; needs a bridge. */
  readonly pollOnce: () => Promise<void>;
  close(): Promise<void>;
}

/** How a product is opened. */
export interface ProductOptions {
  /** URL of the NAS. */
  readonly url: string;
  /** An empty folder for the state file. */
  readonly folder: string;
  /** Number of events nodes. */
  readonly listeners: number;
  /** URL of a broker; null: no bridge. */
  readonly broker: string | null;
}

/** Opens client, poller, monitor, events listeners and, with a broker, a bridge; resolves when the first poll is processed. */
export async function openProduct({ url, folder, listeners, broker }: ProductOptions): Promise<Product> {
  const { connection, close } = openConnection(url, folder);
  let events = 0;
  const closing: (() => unknown)[] = [];
  for (let index = 0; index < listeners; index += 1) {
    const onEvent = (): void => {
      events += 1;
    };
    closing.push(
      connection.monitor.onEvent({ id: `events-${index}`, storageLowPercent: LOW_STORAGE.default, onEvent }),
    );
  }
  const bridge = broker === null ? null : await openBridge(connection, connection, { broker, nasId: '' });
  const { poll, pollOnce } = pollsOf(connection, bridge !== null);
  await poll();
  if (bridge !== null) await bridge.published;
  await quiet();
  return {
    connection,
    eventCount: () => events,
    poll,
    pollOnce,
    close: async () => {
      for (const stop of closing) stop();
      await bridge?.close();
      await close();
    },
  };
}

function openConnection(url: string, folder: string): ReturnType<typeof openNasConnection> {
  const warn = (message: string): void => {
    console.warn(message);
  };
  const nas = { id: 'nas', type: '', name: '', host: url, pollInterval: NEVER_SECONDS, activePollInterval: 3600 };
  return openNasConnection({
    stations: new DiskStationPool(),
    settings: nasSettings({ ...nas, z: '' }, ACCOUNT),
    name: '',
    store: new FileStateStore(join(folder, 'state.json'), warn),
    deviceStore: new JsonFile({ ...DEVICES_FILE, path: join(folder, 'devices.json'), warn }),
    logger: { debug: () => undefined, warn },
  });
}

/** A bridge that is open, with the commands of users allowed. */
export interface OpenBridge {
  readonly bridge: Bridge;
  /** Resolves when the broker has acknowledged the first state of all tasks. */
  readonly published: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a bridge with short delays before and after it publishes.
 * @param nas what the bridge works with, if not the connection itself
 * @param nasId its level in topics; `''`: from the NAS
 */
export async function openBridge(
  connection: NasConnection,
  nas: BridgedNas,
  { broker, nasId }: { broker: string; nasId: string },
): Promise<OpenBridge> {
  const identity = identityOf(nasId, await connection.nasInfo(), connection);
  const def = { id: 'bridge', type: '', name: '', z: '', nas: '', commands: true, nasId } satisfies BridgeDef;
  const bridge = new Bridge({
    id: `bridge-${nasId}`,
    settings: bridgeSettings(def),
    identity,
    nas,
    broker: { url: broker, clientId: `bench-${nasId}`, protocolVersion: 'auto', keepaliveSeconds: 60 },
    origin: ORIGIN,
    published: {
      ...{ version: 1, address: connection.address, chosen: nasId, nasId: identity.nasId, facts: identity.description },
      ...{ documents: [], configs: {}, removed: [] },
    },
    store: { save: () => true },
    timings: { discoveryMs: 0, retainedMs: 500 },
  });
  const published = new Promise<void>((resolve) => {
    bridge.on('status', (status) => {
      if (status.is === 'published' && status.tasks !== null) resolve();
    });
  });
  bridge.on('warning', (message) => {
    console.warn(message);
  });
  bridge.open();
  return { bridge, published, close: () => bridge.close() };
}

/** @param hasBridge whether snapshots are emitted anyway; else this asks for none, since they cost something */
function pollsOf({ poller, monitor }: NasConnection, hasBridge: boolean): Pick<Product, 'poll' | 'pollOnce'> {
  let resolve: () => void = () => undefined;
  let polledAt = '';
  poller.subscribe(({ at }) => {
    polledAt = at.toISOString();
    if (!hasBridge) resolve();
  });
  const onSnapshot = ({ at }: NasSnapshot): void => {
    if (at === polledAt) resolve();
  };
  if (hasBridge) monitor.onSnapshot(onSnapshot, LOW_STORAGE.default);
  const pollOnce = async (): Promise<void> => {
    const polled = new Promise<void>((done) => {
      resolve = done;
    });
    poller.pollNow();
    await polled;
    await nextTurn(); // in the same one the poller would take a request for one during the poll
  };
  return {
    pollOnce,
    poll: async () => {
      await pollOnce();
      await quiet();
    },
  };
}
