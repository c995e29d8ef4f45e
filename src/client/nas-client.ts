import { join } from 'node:path';
import type { Task } from '../active-backup/types';
import { createSharedAbortController, forwardAbort } from '../dsm/abort';
import { DiskStationPool } from '../dsm/diskstation-pool';
import { SILENT_LOGGER, type Logger } from '../dsm/request-log';
import { DEVICES_FILE } from '../monitor/device-history-state';
import type { NasEvent } from '../monitor/events';
import { STATE_FILE } from '../monitor/monitor-state';
import type { NasForReport } from '../report/types';
import { AFTER_FAILURES, FULL_WITHIN_DAYS, LOW_STORAGE } from '../settings/limits';
import { InMemoryStore, JsonFile, type JsonContent, type Store } from '../storage/json-file';
import { createEventFilter, type EventFilter } from './event-filter';
import { openNasConnection, type NasConnection } from './nas-connection';
import { nasSettingsOf, type NasOptions } from './nas-options';
import { NasReader } from './nas-reader';

/** Options of {@link openNas}. */
export interface NasClientOptions extends NasOptions {
  /** Name of the NAS in reports and events; default: its host. */
  readonly name?: string | undefined;
  /**
   * Folder for what must outlive the process: which backups were reported, and the outcomes of the machines. Without it, events
   * that happen while nobody is subscribed are not reported. Not for two processes at the same time.
   */
  readonly stateFolder?: string | undefined;
  /** Receives log lines; default: none. */
  readonly logger?: Logger | undefined;
}

/** Options of {@link NasClient.onEvent}. */
export interface EventOptions extends Partial<EventFilter> {
  /** Identifies the listener over restarts, if there are several with one `stateFolder`; default: `client`. */
  readonly id?: string;
  /** Free space in percent below which a storage is low; default: 10. */
  readonly storageLowPercent?: number;
  /** A storage that will be full within so many days is filling; default: 30. */
  readonly fullWithinDays?: number;
}

/** Active Backup on one NAS, for a program. Nothing is sent before the first call or subscription. */
export interface NasClient extends NasConnection {
  /** The tasks, with what the monitor knows: `overdue`, `lastSuccessAt`, reasons. @throws DsmError as every call does */
  readonly listTasks: (signal?: AbortSignal) => Promise<Task[]>;
  /**
   * What is known of the NAS, for `buildReport` and `renderReport`: after a poll, unless there was one within 30 s. Polls from the first
   * call until `close`. A NAS that does not answer is no rejection, but has an `error`.
   */
  readonly readForReport: (signal?: AbortSignal) => Promise<NasForReport>;
  /**
   * Subscribes to events; polls until it is unsubscribed. Each event is the receiver's own copy, and comes once.
   * @returns a function that unsubscribes @throws DsmError ECONFIG for an event that does not exist
   */
  readonly onEvent: (listener: (event: NasEvent) => void, options?: EventOptions) => () => void;
  /** Ends polls and calls, logs out and closes the connection; takes less than a second. */
  readonly close: () => Promise<void>;
}

/** Opens a client of one NAS, with a session of its own. The caller must close it. @throws DsmError ECONFIG naming the wrong option */
export function openNas(options: NasClientOptions): NasClient {
  const { name = '', stateFolder, logger = SILENT_LOGGER } = options;
  const closing = createSharedAbortController();
  const { connection, close } = openNasConnection({
    stations: new DiskStationPool(),
    settings: nasSettingsOf(options),
    name,
    store: openStore(STATE_FILE, 'events.json', stateFolder, logger),
    deviceStore: openStore(DEVICES_FILE, 'machines.json', stateFolder, logger),
    logger,
  });
  let reader: NasReader | null = null;
  return {
    ...connection,
    get signedIn() {
      return connection.signedIn;
    },
    listTasks: async (signal) =>
      connection.monitor.complete(new Date(), await connection.activeBackup.listTasks(signal ? { signal } : {})),
    readForReport: (signal) => {
      reader ??= new NasReader(connection);
      const ending = createSharedAbortController();
      const stopForwarding = forwardAbort(ending, [signal, closing.signal]);
      return reader.read(ending.signal).finally(stopForwarding);
    },
    onEvent: (listener, events = {}) => subscribe(connection, listener, events),
    close: () => {
      closing.abort();
      reader?.close();
      return close();
    },
  };
}

function openStore<T>(content: JsonContent<T>, file: string, folder: string | undefined, logger: Logger): Store<T> {
  if (folder === undefined) return new InMemoryStore();
  return new JsonFile({ ...content, path: join(folder, file), warn: (message) => logger.warn(message) });
}

function subscribe(
  { monitor }: NasConnection,
  listener: (event: NasEvent) => void,
  { id = 'client', events = [], tasks = [], ...limits }: EventOptions,
): () => void {
  const passes = createEventFilter({ events, tasks, afterFailures: limits.afterFailures ?? AFTER_FAILURES.default });
  return monitor.onEvent({
    id,
    storageLowPercent: limits.storageLowPercent ?? LOW_STORAGE.default,
    fullWithinDays: limits.fullWithinDays ?? FULL_WITHIN_DAYS.default,
    onEvent: (event) => {
      if (passes(event)) listener(structuredClone(event));
    },
  });
}
