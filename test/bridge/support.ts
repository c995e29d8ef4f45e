import { onTestFinished } from 'vitest';
import { getNasInfo } from '../../src/active-backup/nas-info';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import type { AccessLevel } from '../../src/active-backup/methods';
import { DiskStation } from '../../src/dsm/diskstation';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import { InMemoryStateStore } from '../../src/monitor/monitor-state';
import { TaskPoller } from '../../src/monitor/poller';
import type { BrokerOptions } from '../../src/mqtt/types';
import { Bridge } from '../../src/bridge/bridge';
import type { BridgeStatus } from '../../src/bridge/types';
import type { CommandOutcome } from '../../src/bridge/command-handler';
import { identityOf } from '../../src/bridge/nas-identity';
import type { PersistedState } from '../../src/bridge/persisted-state';
import type { BridgeTimings } from '../../src/bridge/timings';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { startNas, type Nas, type NasOptions } from '../nas/index';
import { connectClient, type MqttClient } from '../support/mqtt-client';
import { until } from '../support/until';

/** Short delays for tests. */
const TIMINGS: BridgeTimings = {
  discoveryMs: 20,
  birthMs: [20, 60],
  refreshMs: 3600_000,
  retainedMs: 300,
  pingTimeoutMs: 1500,
  componentRemovalMs: 300,
  standbyRetryMs: 400,
  publishedAfterMs: 900_000,
  purgeMs: 2000,
  acknowledgeMs: 30_000,
};

export const ORIGIN = {
  name: 'node-red-contrib-synology-active-backup',
  version: '1.0.0',
  url: 'https://example.com/',
};

/** A bridge between a simulated NAS and a real broker, with everything it has emitted. */
export interface TestBridge {
  readonly bridge: Bridge;
  /** `active-backup/<serial number>` */
  readonly root: string;
  readonly nasId: string;
  readonly statuses: readonly BridgeStatus[];
  readonly outcomes: readonly CommandOutcome[];
  readonly warnings: readonly string[];
  /** The state file. */
  readonly published: () => PersistedState;
  /** Waits for this number of further polls. */
  polls(count: number): Promise<void>;
  /** Polls the NAS, and waits until the poll has been processed. */
  pollNow(): Promise<void>;
  /** Waits until everything has been published. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface TestBridgeOptions {
  readonly def?: Partial<BridgeDef>;
  readonly broker?: Partial<BrokerOptions>;
  readonly access?: AccessLevel;
  readonly timings?: Partial<BridgeTimings>;
  /** The state file of an earlier run. */
  readonly published?: PersistedState;
  readonly idleMs?: number;
}

/** A simulated NAS without scheduled backups, closed at the end of the test. */
export async function simulatedNas(options: NasOptions = {}): Promise<Nas> {
  const nas = await startNas({ schedules: false, ...options });
  onTestFinished(() => nas.close());
  return nas;
}

let clients = 0;

/** Opens a bridge that is closed at the end of the test. */
export async function startBridge(nas: Nas, url: string, options: TestBridgeOptions = {}): Promise<TestBridge> {
  const { def = {}, access = 'operate', idleMs = 60 } = options;
  const station = new DiskStation({
    url: new URL(nas.url),
    account: { name: 'admin', password: 'synology' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 2000,
    retryPausesMs: [],
  });
  const activeBackup = new ActiveBackup(station, access);
  const reader = activeBackup.createTaskListClient();
  let polled = 0;
  const readTasks: typeof reader.listTasks = (context) =>
    reader.listTasks(context).finally(() => {
      polled += 1;
    });
  const poller = new TaskPoller({ readTasks, intervals: { idleMs, activeMs: idleMs } });
  const monitor = new NasMonitor({
    poller,
    overdueHours: 0,
    nas: nas.url,
    client: createMonitorClient(activeBackup),
    store: new InMemoryStateStore(),
  });
  const settings = bridgeSettings({ id: 'b', type: 'active-backup-mqtt-bridge', z: '', name: '', ...def });
  const identity = identityOf(settings.nasId, await getNasInfo(station), { address: nas.url, name: 'Cellar' });
  const { nasId, description } = identity;
  let published: PersistedState = {
    ...{ version: 1, documents: [], configs: {}, removed: [] },
    ...options.published,
    ...{ version: 1, address: nas.url, chosen: settings.nasId, nasId, facts: description },
  };
  const statuses: BridgeStatus[] = [];
  const outcomes: CommandOutcome[] = [];
  const warnings: string[] = [];
  const bridge = new Bridge({
    id: 'bridge',
    settings,
    identity,
    published,
    nas: { activeBackup, poller, monitor },
    broker: {
      url,
      clientId: `bridge-${process.pid}-${(clients += 1)}`,
      protocolVersion: 'auto',
      keepaliveSeconds: 60,
      ...options.broker,
    },
    origin: ORIGIN,
    store: {
      save: (state) => {
        published = state;
        return true;
      },
    },
    timings: { ...TIMINGS, ...options.timings },
  });
  bridge.on('warning', (message) => warnings.push(message));
  bridge.on('status', (status) => statuses.push(status));
  bridge.on('command', (outcome) => outcomes.push(outcome));
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await bridge.close();
    poller.close();
    await station.close();
  };
  onTestFinished(close);
  bridge.open();
  let shown = 0;
  onTestFinished(monitor.onSnapshot(() => (shown += 1), 0));
  return {
    bridge,
    nasId,
    root: `${settings.baseTopic}/${nasId}`,
    statuses,
    outcomes,
    warnings,
    published: () => published,
    polls: async (count) => {
      const enough = polled + count;
      await until(() => polled >= enough);
    },
    pollNow: async () => {
      const before = { polled, shown };
      poller.pollNow();
      await until(() => polled > before.polled && shown > before.shown);
    },
    settled: async () => {
      await until(() => {
        const last = statuses.at(-1);
        return last?.is === 'published' && last.tasks !== null;
      });
    },
    close,
  };
}

/** Starts a broker. */
export type StartBroker = () => Promise<{ url: string; close: () => Promise<void> }>;

/** A simulated NAS and a broker, with a client that receives everything. */
export interface Setup {
  readonly nas: Nas;
  readonly url: string;
  readonly client: MqttClient;
}

/** Starts a broker and a simulated NAS, with a client that receives everything from before the bridge opens. */
export async function setUpWith(start: StartBroker, version: 4 | 5, nasOptions: NasOptions = {}): Promise<Setup> {
  const broker = await start();
  onTestFinished(() => broker.close());
  const client = await connectClient(broker.url, { protocolVersion: version });
  onTestFinished(() => client.close());
  await client.subscribe('#');
  return { nas: await simulatedNas(nasOptions), url: broker.url, client };
}
