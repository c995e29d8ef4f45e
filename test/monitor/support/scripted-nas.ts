import type { Device, Result, Task } from '../../../src/active-backup/types';
import { DsmError } from '../../../src/dsm/errors';
import type { NasEvent } from '../../../src/monitor/events';
import type { MonitorClient } from '../../../src/monitor/monitor-client';
import { NasMonitor } from '../../../src/monitor/nas-monitor';
import type { StateStore } from '../../../src/monitor/monitor-state';
import type { StorageWithVolume } from '../../../src/monitor/storage-space';
import type { PollResult } from '../../../src/monitor/poller';
import { rawResult, task } from './builders';

const BEGIN = Date.parse('2026-03-01T00:00:00Z') / 1000;

/** A NAS in memory, without network and real time, for tests of thousands of polls. */
export class ScriptedNas {
  /** By its clock, in epoch seconds. */
  now = BEGIN;
  /** Whether the log responds. */
  isLogAvailable = true;
  isOffline = false;
  readonly results: Result[] = [];
  /** Ids of the tasks that run. */
  readonly running = new Set<number>();
  devices: Device[] = [];
  /** Whether the versions can be read: of one task, or of all without an id. */
  canReadVersions: (taskId?: number) => boolean = () => true;
  /** Times of the last success that only the versions contain, by task id. */
  readonly versionSuccesses = new Map<number, string>();
  /** Of the NAS node. */
  overdueHours = 0;
  readonly #listeners = new Set<(poll: PollResult) => void>();
  readonly #tasks: number;

  constructor(tasks: number) {
    this.#tasks = tasks;
  }

  /** A run of a task ends now. @param status as DSM numbers it: 2 success, 4 failed @returns the id of its result */
  end(taskId: number, status = 2): number {
    this.now += 1;
    const id = this.results.length + 1;
    const times = { time_start: this.now - 1, time_end: this.now };
    this.results.push(rawResult({ result_id: id, task_id: taskId, task_name: `task ${taskId}`, status, ...times }));
    return id;
  }

  get tasks(): Task[] {
    const last = new Map(this.results.map((result) => [result.taskId, result]));
    return Array.from({ length: this.#tasks }, (_, i) => i + 1).map((id) => ({
      ...task(this.running.has(id) ? 1 : null, last.get(id) ?? null, id),
      devices: id === 1 ? this.devices : [],
    }));
  }

  /** A monitor of this NAS. */
  createMonitor(store: StateStore, warn?: (message: string) => void): NasMonitor {
    const poller = {
      subscribe: (listener: (poll: PollResult) => void): (() => void) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    const options = { poller, client: this.#source, store, nas: 'paper', overdueHours: this.overdueHours };
    return new NasMonitor(warn === undefined ? options : { ...options, warn });
  }

  /** Removes all listeners, as the end of a process does. */
  removeListeners(): void {
    this.#listeners.clear();
  }

  /** Advances the clock by a minute and polls; await {@link whenIdle} before checking the effects. */
  poll(): void {
    this.now += 60;
    const at = new Date(this.now * 1000);
    const poll: PollResult = this.isOffline
      ? { at, error: new DsmError('EUNREACHABLE', 'away') }
      : { at, tasks: this.tasks, laterJobs: new Map() };
    for (const listener of this.#listeners) listener(poll);
  }

  get #source(): MonitorClient {
    const none = (): Promise<never[]> => Promise.resolve([]);
    return {
      jobsSince: (since) =>
        this.isLogAvailable
          ? Promise.resolve(this.results.filter(({ endedAt }) => (endedAt ?? '') >= since.toISOString()))
          : Promise.reject(new DsmError('EBUSY', 'the log does not answer')),
      withReason: (result) => Promise.resolve(result),
      storages: (): Promise<StorageWithVolume[]> => none(),
      devices: (): Promise<Device[]> => none(),
      deviceResults: () => Promise.reject(new DsmError('EUNSUPPORTED', 'no such method')),
      versions: (taskId) =>
        !this.canReadVersions(taskId)
          ? Promise.reject(new DsmError('EUNREACHABLE', 'no answer'))
          : Promise.resolve(
              [...this.versionSuccesses]
                .filter(([id]) => taskId === undefined || id === taskId)
                .map(([id, lastSuccessAt]) => ({ id, lastSuccessAt, versionCount: 1 })),
            ),
    };
  }
}

/** Waits until the monitor has processed its polls: there is no I/O, so a few turns are enough. */
export async function whenIdle(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** An event listener that records its events. */
export class Recorder {
  readonly id: string;
  readonly events: NasEvent[] = [];
  /** The events for which it throws. */
  rejects: (event: NasEvent) => boolean = () => false;
  #undo: (() => void) | null = null;

  constructor(id: string) {
    this.id = id;
  }

  get isSubscribed(): boolean {
    return this.#undo !== null;
  }

  subscribe(monitor: NasMonitor): void {
    this.#undo = monitor.onEvent({
      id: this.id,
      storageLowPercent: 10,
      onEvent: (event) => {
        if (this.rejects(event)) throw new Error('not now');
        this.events.push(event);
      },
    });
  }

  unsubscribe(): void {
    this.#undo?.();
    this.#undo = null;
  }

  /** Removes and describes the received events: `backup_succeeded 12 late`. */
  takeEvents(): string[] {
    return this.events.splice(0).map(({ event, result, task: about, device, late }) => {
      const what = result?.id ?? device?.name ?? about?.name;
      return [event, ...(what === undefined ? [] : [what]), ...(late ? ['late'] : [])].join(' ');
    });
  }
}
