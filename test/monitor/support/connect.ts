import { expect, onTestFinished } from 'vitest';
import { ActiveBackup } from '../../../src/active-backup/active-backup';
import { takeSamples } from '../../../src/active-backup/model/progress';
import { toReadError } from '../../../src/active-backup/errors';
import { DiskStation } from '../../../src/dsm/diskstation';
import type { NasEvent } from '../../../src/monitor/events';
import { type MonitorClient, createMonitorClient } from '../../../src/monitor/monitor-client';
import { NasMonitor } from '../../../src/monitor/nas-monitor';
import type { StoredDevices } from '../../../src/monitor/device-history-state';
import { InMemoryStore, type Store } from '../../../src/storage/json-file';
import { InMemoryStateStore, type StateStore } from '../../../src/monitor/monitor-state';
import { TaskPoller, type PollListener, type PollResult } from '../../../src/monitor/poller';
import { schedule, startNas, type Nas, type NasOptions } from '../../nas/index';

/** Where the clock of the NAS starts. The past that it simulates, and so which machines are late, depends on the time of day. */
const START_MS = Date.parse('2026-11-29T19:05:00Z');

/**
 * A simulated NAS and Active Backup on it; both end with the test. Its clock moves only by `advance`, and its tasks have no
 * schedule.
 */
export async function connect(
  options: NasOptions = {},
): Promise<{ nas: Nas; activeBackup: ActiveBackup; station: DiskStation }> {
  const nas = await startNas({ speed: 0, schedules: false, now: () => START_MS, ...options });
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

/** A poller of that NAS with these intervals in ms. @param now its clock; default: the real one */
export function createPoller(
  activeBackup: ActiveBackup,
  idleMs: number,
  activeMs = idleMs,
  now?: () => Date,
): TaskPoller {
  const client = activeBackup.createTaskListClient();
  const poller = new TaskPoller({
    readTasks: (context) => client.listTasks(context),
    intervals: { idleMs, activeMs },
    random: () => 0.5,
    ...(now === undefined ? {} : { now }),
  });
  onTestFinished(() => {
    poller.close();
  });
  return poller;
}

/** A monitor with one event listener, which polls only when a test asks for it, by the clock of the NAS. */
export interface ManualMonitor {
  /** Advances the clock by some seconds, polls, and waits until the poll is processed. @returns {@link describeEvent} of each event */
  poll(seconds?: number): Promise<string[]>;
  /** The events of the last {@link poll}. */
  readonly events: readonly NasEvent[];
  /** Polls without waiting for the processing. */
  sendPoll(): Promise<void>;
  /** Waits until all polls are processed. */
  whenIdle(): Promise<void>;
  /** Stops the monitor and starts another one with the same store, as a restart of Node-RED does. */
  restart(): void;
  readonly nasMonitor: NasMonitor;
}

/** Settings of a {@link ManualMonitor}. */
export interface MonitorSettings {
  store?: StateStore;
  deviceStore?: Pick<Store<StoredDevices>, 'load' | 'save'>;
  overdueHours?: number;
  storageLowPercent?: number;
  fullWithinDays?: number;
  address?: string;
  /** How far the clock of the NAS is ahead of the one of Node-RED. */
  aheadSeconds?: number;
  isQuiet?: (at: Date) => boolean;
}

/** Creates a {@link ManualMonitor}. */
export function createMonitor(nas: Nas, activeBackup: ActiveBackup, settings: MonitorSettings = {}): ManualMonitor {
  const { store = new InMemoryStateStore(), overdueHours = 0, storageLowPercent = 10, address = nas.url } = settings;
  const {
    isQuiet = (): boolean => false,
    deviceStore = new InMemoryStore<StoredDevices>(),
    fullWithinDays = 0,
    aheadSeconds = 0,
  } = settings;
  const listeners = new Set<PollListener>();
  const poller: Pick<TaskPoller, 'subscribe'> = {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const taskList = activeBackup.createTaskListClient();
  const { client, whenIdle } = counted(createMonitorClient(activeBackup));
  let samples = takeSamples([], new Date());
  let events: NasEvent[] = [];
  const start = (): { nasMonitor: NasMonitor; stop: () => void } => {
    const nasMonitor = new NasMonitor({ poller, client, store, overdueHours, isQuiet, nas: address, deviceStore });
    const onEvent = (event: NasEvent): void => void events.push(event);
    return { nasMonitor, stop: nasMonitor.onEvent({ id: 'manual', storageLowPercent, fullWithinDays, onEvent }) };
  };
  let running = start();

  const sendPoll = async (): Promise<void> => {
    const at = new Date((nas.clock.now() - aheadSeconds) * 1000);
    const poll: PollResult = await taskList.listTasks({ now: at, samples }).then(
      (listing) => ({ at, ...listing }),
      (error: unknown) => ({ at, error: toReadError(error) }),
    );
    if ('tasks' in poll) samples = takeSamples(poll.tasks, at);
    for (const listener of listeners) listener(poll);
  };
  return {
    async poll(seconds = 5) {
      nas.clock.advance(seconds);
      events = [];
      await sendPoll();
      await whenIdle();
      return events.map(describeEvent);
    },
    get events() {
      return events;
    },
    sendPoll,
    whenIdle,
    restart: () => {
      running.stop();
      running = start();
    },
    get nasMonitor() {
      return running.nasMonitor;
    },
  };
}

/** A {@link ManualMonitor} after its first poll, which reports nothing. */
export async function startMonitored(
  options: NasOptions = {},
  settings: MonitorSettings = {},
): Promise<{ nas: Nas; monitor: ManualMonitor }> {
  const { nas, activeBackup } = await connect(options);
  const monitor = createMonitor(nas, activeBackup, settings);
  expect(await monitor.poll()).toEqual([]);
  return { nas, monitor };
}

/** Runs a backup of a task to its end. @returns the id of the result */
export function run(nas: Nas, taskId: number, outcome: Parameters<Nas['state']['endRun']>[1] = 'success'): number {
  nas.state.startRun(taskId);
  nas.clock.advance(60);
  nas.state.endRun(taskId, outcome);
  return nas.state.resultsOf(taskId).at(-1)!.id;
}

/** Fills every volume to a percentage of its size. */
export function setUsedSpace(nas: Nas, usedPercent: number): void {
  for (const volume of nas.state.volumes) volume.usedBytes = Math.floor((volume.totalBytes * usedPercent) / 100);
}

/** `backup_failed 12` with the id of the result, else with the name of the device, task or storage; `… late`. */
export function describeEvent({ event, result, task, device, storage, late }: NasEvent): string {
  const subject = result?.id ?? device?.name ?? task?.name ?? storage?.shareName;
  return [event, ...(subject === undefined ? [] : [subject]), ...(late ? ['late'] : [])].join(' ');
}

/** A client that counts its pending requests, so that a test can wait for the end of them. */
function counted(client: MonitorClient): { client: MonitorClient; whenIdle: () => Promise<void> } {
  let pending = 0;
  const count =
    <A extends unknown[], R>(request: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      pending += 1;
      try {
        return await request(...args);
      } finally {
        pending -= 1;
      }
    };
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    client: {
      jobsSince: count(client.jobsSince),
      withReason: count(client.withReason),
      storages: count(client.storages),
      devices: count(client.devices),
      deviceResults: count(client.deviceResults),
      versions: count(client.versions),
    },
    whenIdle: async () => {
      // Between two requests there are only microtasks, and the turn in which the state is saved.
      for (let idleTurns = 0; idleTurns < 3; idleTurns = pending === 0 ? idleTurns + 1 : 0) await nextTurn();
    },
  };
}
