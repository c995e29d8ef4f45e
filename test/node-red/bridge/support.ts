import { onTestFinished } from 'vitest';
import { about } from '../../../src/active-backup/about';
import { ActiveBackup } from '../../../src/active-backup/active-backup';
import type { AccessLevel } from '../../../src/active-backup/catalogue';
import { DiskStation } from '../../../src/dsm/diskstation';
import { Feed } from '../../../src/monitor/feed';
import { VolatileStore } from '../../../src/monitor/memory-store';
import { Watch } from '../../../src/monitor/watch';
import type { BrokerOptions } from '../../../src/mqtt/connection';
import { Bridge, type Standing } from '../../../src/node-red/bridge/bridge';
import type { CommandOutcome } from '../../../src/node-red/bridge/command-desk';
import { identityOf } from '../../../src/node-red/bridge/identity';
import type { Pace } from '../../../src/node-red/bridge/pace';
import type { Published } from '../../../src/node-red/bridge/published';
import { bridgeSettings, type BridgeDef } from '../../../src/node-red/mqtt-bridge';
import { feedSource } from '../../../src/node-red/registry';
import { startNas, type Nas, type NasOptions } from '../../nas';
import { until } from '../../support/until';

/** So that a test need not wait for what people would. */
const PACE: Pace = {
  discoveryMs: 20,
  birthMs: [20, 60],
  refreshMs: 3600_000,
  retainedMs: 300,
  presenceMs: 1500,
  farewellMs: 300,
  asideMs: 400,
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
  readonly standings: readonly Standing[];
  readonly outcomes: readonly CommandOutcome[];
  readonly warnings: readonly string[];
  /** What is on disk now. */
  readonly published: () => Published;
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
  readonly pace?: Partial<Pace>;
  /** Of an earlier life. */
  readonly published?: Published;
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
  const reader = activeBackup.taskReader();
  let looked = 0;
  const readTasks: typeof reader.read = async (look) => {
    const tasks = await reader.read(look).finally(() => (looked += 1));
    return tasks;
  };
  const watch = new Watch({ readTasks, pauses: { idleMs, activeMs: idleMs } });
  const feed = new Feed({
    watch,
    overdueHours: 0,
    nas: nas.url,
    source: feedSource(activeBackup),
    store: new VolatileStore(),
  });
  const settings = bridgeSettings({ id: 'b', type: 'active-backup-mqtt-bridge', z: '', name: '', ...def });
  const identity = identityOf(settings.nasId, await about(station), { address: nas.url, name: 'Cellar' });
  const { nasId, facts } = identity;
  let published: Published = {
    ...{ version: 1, documents: [], configs: {}, removed: [] },
    ...options.published,
    ...{ version: 1, address: nas.url, chosen: settings.nasId, nasId, facts },
  };
  const standings: Standing[] = [];
  const outcomes: CommandOutcome[] = [];
  const warnings: string[] = [];
  const bridge = new Bridge({
    id: 'bridge',
    settings,
    identity,
    published,
    nas: { activeBackup, watch, feed },
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
    onStanding: (standing) => standings.push(standing),
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
  onTestFinished(feed.observe(() => (shown += 1), 0));
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
      watch.lookNow();
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
