import { onTestFinished } from 'vitest';
import { getNasInfo } from '../../src/active-backup/nas-info';
import { ActiveBackup } from '../../src/active-backup/active-backup';
import type { AccessLevel } from '../../src/active-backup/methods';
import { DiskStation } from '../../src/dsm/diskstation';
import { NasMonitor } from '../../src/monitor/nas-monitor';
import { InMemoryStateStore } from '../../src/monitor/state-store';
import { TaskPoller } from '../../src/monitor/poller';
import type { BrokerOptions } from '../../src/mqtt/mqtt-connection';
import { Bridge, type BridgeStatus } from '../../src/bridge/bridge';
import type { CommandOutcome } from '../../src/bridge/command-handler';
import { identityOf } from '../../src/bridge/nas-identity';
import type { BridgeTimings } from '../../src/bridge/timings';
import type { PersistedState } from '../../src/bridge/persisted-state';
import { bridgeSettings, type BridgeDef } from '../../src/node-red/mqtt-bridge';
import { createMonitorClient } from '../../src/monitor/monitor-client';
import { startNas, type Nas, type NasOptions } from '../nas';
import { until } from '../support/until';

/** So that a test need not wait for what people would. */
const PACE: BridgeTimings = {
  discoveryMs: 20,
  birthMs: [20, 60],
  refreshMs: 3600_000,
  retainedMs: 300,
  presenceMs: 1500,
  componentRemovalMs: 300,
  standbyRetryMs: 400,
  trustMs: 900_000,
  purgeMs: 2000,
};

export const ORIGIN = {
  name: 'node-red-contrib-synology-active-backup',
  version: '1.0.0',
  url: 'https://example.com/',
};

/** A bridge between a simulated NAS and a real broker, and what a test has to know of it. */
export interface Bridged {
  readonly bridge: Bridge;
  /** `active-backup/<serial number>` */
  readonly root: string;
  readonly nasId: string;
  readonly standings: readonly BridgeStatus[];
  readonly outcomes: readonly CommandOutcome[];
  readonly warnings: readonly string[];
  /** What is on disk now. */
  readonly published: () => PersistedState;
  /** So many looks at the NAS from now on. */
  looks(count: number): Promise<void>;
  /** Polls the NAS once more, and waits until that has been worked on. */
  pollNow(): Promise<void>;
  /** Waits until it has published everything. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface BridgedOptions {
  readonly def?: Partial<BridgeDef>;
  readonly broker?: Partial<BrokerOptions>;
  readonly access?: AccessLevel;
  readonly pace?: Partial<BridgeTimings>;
  /** Of an earlier life. */
  readonly published?: PersistedState;
  readonly idleMs?: number;
}

/** A simulated NAS that ends with the test; nothing runs there by itself. */
export async function simulatedNas(options: NasOptions = {}): Promise<Nas> {
  const nas = await startNas({ schedules: false, ...options });
  onTestFinished(() => nas.close());
  return nas;
}

let clients = 0;

/** Opens a bridge that ends with the test. */
export async function startBridge(nas: Nas, url: string, options: BridgedOptions = {}): Promise<Bridged> {
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
  let looked = 0;
  const readTasks: typeof reader.listTasks = async (look) => {
    const tasks = await reader.listTasks(look).finally(() => (looked += 1));
    return tasks;
  };
  const watch = new TaskPoller({ readTasks, intervals: { idleMs, activeMs: idleMs } });
  const feed = new NasMonitor({
    poller: watch,
    overdueHours: 0,
    nas: nas.url,
    client: createMonitorClient(activeBackup),
    store: new InMemoryStateStore(),
  });
  const settings = bridgeSettings({ id: 'b', type: 'active-backup-mqtt-bridge', z: '', name: '', ...def });
  const identity = identityOf(settings.nasId, await getNasInfo(station), { address: nas.url, name: 'Cellar' });
  const { nasId, facts } = identity;
  let published: PersistedState = {
    ...{ version: 1, documents: [], configs: {}, removed: [] },
    ...options.published,
    ...{ version: 1, address: nas.url, chosen: settings.nasId, nasId, facts },
  };
  const standings: BridgeStatus[] = [];
  const outcomes: CommandOutcome[] = [];
  const warnings: string[] = [];
  const bridge = new Bridge({
    id: 'bridge',
    settings,
    identity,
    published,
    nas: { activeBackup, poller: watch, monitor: feed },
    broker: {
      url,
      clientId: `bridge-${process.pid}-${(clients += 1)}`,
      protocolVersion: 'auto',
      keepaliveSeconds: 60,
      ...options.broker,
    },
    origin: ORIGIN,
    save: (now) => {
      published = now;
    },
    warn: (message) => warnings.push(message),
    onStatus: (standing) => standings.push(standing),
    onOutcome: (outcome) => outcomes.push(outcome),
    pace: { ...PACE, ...options.pace },
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await bridge.close();
    watch.close();
    await station.close();
  };
  onTestFinished(close);
  bridge.open();
  let shown = 0;
  onTestFinished(feed.onSnapshot(() => (shown += 1), 0));
  return {
    bridge,
    nasId,
    root: `${settings.baseTopic}/${nasId}`,
    standings,
    outcomes,
    warnings,
    published: () => published,
    looks: async (count) => {
      const enough = looked + count;
      await until(() => looked >= enough);
    },
    pollNow: async () => {
      const before = { looked, shown };
      watch.pollNow();
      await until(() => looked > before.looked && shown > before.shown);
    },
    settled: async () => {
      await until(() => {
        const last = standings.at(-1);
        return last?.is === 'published' && last.tasks !== null;
      });
    },
    close,
  };
}
