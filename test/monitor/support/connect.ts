import { onTestFinished } from 'vitest';
import { ActiveBackup } from '../../../src/active-backup/active-backup';
import { takeSamples } from '../../../src/active-backup/model/progress';
import type { DsmError } from '../../../src/dsm/errors';
import { DiskStation } from '../../../src/dsm/diskstation';
import type { NasEvent } from '../../../src/monitor/events';
import type { MonitorClient } from '../../../src/monitor/monitor-client';
import { NasMonitor } from '../../../src/monitor/nas-monitor';
import { InMemoryStateStore, type StateStore } from '../../../src/monitor/state-store';
import { TaskPoller, type PollListener, type PollResult } from '../../../src/monitor/poller';
import { createMonitorClient } from '../../../src/monitor/monitor-client';
import { schedule, startNas, type Nas, type NasOptions } from '../../nas';

/** A simulated NAS whose clock moves only by `advance` and whose tasks wait for a person, and Active Backup on it; both end with the test. */
export async function connect(
  options: NasOptions = {},
): Promise<{ nas: Nas; activeBackup: ActiveBackup; station: DiskStation }> {
  const nas = await startNas({ speed: 0, schedules: false, ...options });
  for (const { id } of nas.state.tasks) nas.state.setSchedule(id, schedule());
  const station = new DiskStation({
    url: new URL(nas.url),
    account: { name: 'admin', password: 'synology' },
    certificate: { verify: true, fingerprint: null },
    timeoutMs: 5000,
    retryPausesMs: [],
  });
  onTestFinished(async () => {
    await station.close();
    await nas.close();
  });
  return { nas, activeBackup: new ActiveBackup(station, 'operate'), station };
}

/** A watch of that NAS which looks again after so many milliseconds. @param now its clock, when that is not the real one */
export function watchOf(activeBackup: ActiveBackup, idleMs: number, activeMs = idleMs, now?: () => Date): TaskPoller {
  const reader = activeBackup.createTaskListClient();
  const watch = new TaskPoller({
    readTasks: (look) => reader.listTasks(look),
    intervals: { idleMs, activeMs },
    random: () => 0.5,
    ...(now === undefined ? {} : { now }),
  });
  onTestFinished(() => {
    watch.close();
  });
  return watch;
}

/** A feed that looks when it is told to, by the clock of the NAS. */
export interface FeedByHand {
  /** Lets some seconds pass, looks, and waits until all that follows is done. @returns what was told */
  look(seconds?: number): Promise<string[]>;
  /** The same, all about it. */
  readonly events: readonly NasEvent[];
  /** Looks without waiting for what follows. */
  glance(): Promise<void>;
  /** Waits for what follows. */
  settled(): Promise<void>;
  /** Ends this life and begins another with the same store. */
  restart(): void;
  readonly feed: NasMonitor;
}

interface FeedSettings {
  store?: StateStore;
  overdueHours?: number;
  storageLowPercent?: number;
  address?: string;
}

/** Opens a {@link FeedByHand}. */
export function feedOf(nas: Nas, activeBackup: ActiveBackup, settings: FeedSettings = {}): FeedByHand {
  const { store = new InMemoryStateStore(), overdueHours = 0, storageLowPercent = 10, address = nas.url } = settings;
  const listeners = new Set<PollListener>();
  const watch: Pick<TaskPoller, 'subscribe'> = {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const reader = activeBackup.createTaskListClient();
  const { source, idle } = counted(createMonitorClient(activeBackup));
  let samples = takeSamples([], new Date());
  let events: NasEvent[] = [];
  const open = (): { feed: NasMonitor; close: () => void } => {
    const feed = new NasMonitor({ poller: watch, client: source, store, overdueHours, nas: address });
    const onEvent = (event: NasEvent): void => void events.push(event);
    return { feed, close: feed.onEvent({ id: 'by-hand', storageLowPercent, onEvent }) };
  };
  let life = open();

  const glance = async (): Promise<void> => {
    const at = new Date(nas.clock.now() * 1000);
    const look: PollResult = await reader.listTasks({ now: at, samples }).then(
      (listing) => ({ at, ...listing }),
      (error: unknown) => ({ at, error: error as DsmError }),
    );
    if ('tasks' in look) samples = takeSamples(look.tasks, at);
    for (const listener of listeners) listener(look);
  };
  return {
    async look(seconds = 5) {
      nas.clock.advance(seconds);
      events = [];
      await glance();
      await idle();
      return events.map(named);
    },
    get events() {
      return events;
    },
    glance,
    settled: idle,
    restart: () => {
      life.close();
      life = open();
    },
    get feed() {
      return life.feed;
    },
  };
}

/** `backup_failed 12` with the id of its result, else with the name of what it is about. */
export function named({ event, result, task, device, storage, late }: NasEvent): string {
  const about = result?.id ?? device?.name ?? task?.name ?? storage?.shareName;
  return [event, ...(about === undefined ? [] : [about]), ...(late ? ['late'] : [])].join(' ');
}

/** A source of which one can tell whether it is being asked. */
function counted(source: MonitorClient): { source: MonitorClient; idle: () => Promise<void> } {
  let asked = 0;
  const count =
    <A extends unknown[], R>(ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      asked += 1;
      try {
        return await ask(...args);
      } finally {
        asked -= 1;
      }
    };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    source: {
      backupsSince: count(source.backupsSince),
      withReason: count(source.withReason),
      storages: count(source.storages),
      devices: count(source.devices),
      versions: count(source.versions),
    },
    idle: async () => {
      // Between two questions there are only microtasks, and the turn in which the memory is saved.
      for (let quiet = 0; quiet < 3; quiet = asked === 0 ? quiet + 1 : 0) await turn();
    },
  };
}
