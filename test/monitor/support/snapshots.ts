import type { NasSnapshot, TaskSnapshot } from '../../../src/monitor/snapshot';
import type { Nas, NasOptions } from '../../nas/index';
import { connect, createMonitor, type ManualMonitor, type MonitorSettings } from './connect';

/** A monitor with a snapshot listener. */
export interface ObservedMonitor {
  nas: Nas;
  monitor: ManualMonitor;
  /** All emitted snapshots, oldest first. */
  snapshots: NasSnapshot[];
  last: () => NasSnapshot;
}

/** An {@link ObservedMonitor} after its first poll. */
export async function startObserved(
  options: NasOptions = {},
  settings: MonitorSettings = {},
): Promise<ObservedMonitor> {
  const { nas, activeBackup } = await connect(options);
  const monitor = createMonitor(nas, activeBackup, settings);
  const recorded = recordSnapshots(monitor);
  await monitor.poll();
  return { nas, monitor, ...recorded };
}

/** Subscribes to snapshots. */
export function recordSnapshots(
  monitor: ManualMonitor,
  storageLowPercent = 10,
): Pick<ObservedMonitor, 'snapshots' | 'last'> & { stop: () => void } {
  const snapshots: NasSnapshot[] = [];
  const stop = monitor.nasMonitor.onSnapshot((snapshot) => snapshots.push(snapshot), storageLowPercent);
  return { snapshots, last: () => snapshots.at(-1)!, stop };
}

/** Whether the NAS is online, and the length of each list; null: unknown. */
export function counts({ online, tasks, storages, devices }: NasSnapshot): object {
  return {
    online,
    tasks: tasks?.length ?? null,
    storages: storages?.length ?? null,
    devices: devices?.length ?? null,
  };
}

/** The newest backups of a task, as `12 failed, explained` with a reason. */
export function backupsOf(snapshot: NasSnapshot, taskId: number, count: number): string[] {
  const backups = taskOf(snapshot, taskId).recent.slice(0, count);
  return backups.map(({ id, status, reason }) => `${id} ${status}${reason === null ? '' : ', explained'}`);
}

/** The snapshot of a task. */
export function taskOf({ tasks }: NasSnapshot, id: number): TaskSnapshot {
  return tasks!.find(({ task }) => task.id === id)!;
}

/** Sets every device online, so that every task can run. */
export function allOnline(nas: Nas): void {
  for (const { id } of nas.state.tasks) nas.state.setOnline(id, true);
}

/** The number of requests for the versions of all tasks, and of single tasks. */
export function versionReads(nas: Nas): { all: number; single: number } {
  const reads = nas.received('list').filter(({ parameters }) => parameters['load_versions'] === 'true');
  const single = reads.filter(({ parameters }) => parameters['filter'] !== undefined).length;
  return { all: reads.length - single, single };
}

/** The time of the NAS, ISO 8601. */
export const nowOf = (nas: Nas): string => new Date(nas.clock.now() * 1000).toISOString();

/** As ISO 8601. */
export const timeOf = (epochSeconds: number): string => new Date(Math.floor(epochSeconds) * 1000).toISOString();
