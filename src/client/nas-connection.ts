import { ActiveBackup, withEssentialCalls } from '../active-backup/active-backup';
import type { PollContext } from '../active-backup/method-call';
import { getNasInfo, serialNumberOf, type NasInfo } from '../active-backup/nas-info';
import type { CertificatePolicy } from '../dsm/certificate';
import { dsmErrorOf } from '../dsm/errors';
import { failureOf, type Logger } from '../dsm/request-log';
import type { DiskStationPool, PooledDiskStation } from '../dsm/diskstation-pool';
import { createMonitorClient } from '../monitor/monitor-client';
import { NasMonitor } from '../monitor/nas-monitor';
import { TaskPoller } from '../monitor/poller';
import type { StoredDevices } from '../monitor/device-history-state';
import type { StateStore } from '../monitor/monitor-state';
import type { Store } from '../storage/json-file';
import { warnOfUnexpectedCause } from '../dsm/unexpected-errors';
import { isQuiet, type QuietPeriod } from '../settings/quiet-hours';
import type { RecentError } from '../dsm/recent-errors';
import type { AccessLevel } from '../active-backup/methods';
import type { Task, TaskListing } from '../active-backup/types';
import type { DiskStationOptions } from '../dsm/diskstation';
import { NasIdResolver } from './nas-id-resolver';

/** What a connection is opened with: the parsed properties of a NAS config node, or options of a program. */
export interface NasSettings {
  readonly diskStation: DiskStationOptions;
  readonly access: AccessLevel;
  readonly pollIntervalMs: number;
  readonly activePollIntervalMs: number;
  /** 0: derived from the schedule of each task. */
  readonly overdueHours: number;
  /** When the NAS may be off, in the time zone of this process; empty: never. */
  readonly quietHours: readonly QuietPeriod[];
}

/** One NAS for all that use it: the nodes of a NAS config node, or a program. */
export interface NasConnection {
  readonly activeBackup: ActiveBackup;
  /** Whether a session is open, so that the next call does not log in first. */
  readonly signedIn: boolean;
  /** Polls the tasks while it has subscribers. */
  readonly poller: TaskPoller;
  /** Reports events and snapshots while it has subscribers. */
  readonly monitor: NasMonitor;
  /** Hours after which a task is overdue; 0: by its schedule. */
  readonly overdueHours: number;
  /** After this time without a sign of a started backup it counts as never run. */
  readonly startTimeoutMs: number;
  /** The URL of the NAS. Stored credentials are sent to this address only. */
  readonly address: string;
  /** How the NAS has to prove its identity before credentials are sent to it. */
  readonly certificate: CertificatePolicy;
  /** The name of the NAS node (of a program: its option), else the host of the NAS. */
  readonly name: string;
  /** The id of the NAS in messages and topics. */
  readonly identity: Pick<NasIdResolver, 'id' | 'resolve'>;
  /** Reads model, versions and rights from the NAS. @throws DsmError as every call does */
  readonly nasInfo: () => Promise<NasInfo>;
  /** The APIs of the NAS, with their versions. @throws DsmError as every call does */
  readonly apis: PooledDiskStation['apis'];
  /** The errors of calls since this connection was opened, the latest first. */
  readonly recentErrors: () => readonly RecentError[];
}

/** Options of {@link openNasConnection}. */
interface NasConnectionOptions {
  /** Where sessions are shared. */
  readonly stations: Pick<DiskStationPool, 'open'>;
  readonly settings: NasSettings;
  /** The name of the NAS node; `''`: none. */
  readonly name: string;
  readonly store: StateStore & { close(): void };
  readonly deviceStore: Store<StoredDevices>;
  readonly logger: Logger;
}

/** DSM shows an accepted start within this number of polls, or never. */
const POLLS_UNTIL_START_TIMEOUT = 6;
const MIN_START_TIMEOUT_MS = 10_000;
const MAX_START_TIMEOUT_MS = 60_000;
/** The time limit of a list of several pages, as a multiple of the limit of one request. */
const LIST_TIMEOUT_FACTOR = 10;

/** Connects the client, the poller and the monitor of one NAS. Sends nothing before the first call. */
export function openNasConnection(options: NasConnectionOptions): {
  connection: NasConnection;
  close: () => Promise<void>;
} {
  const { stations, settings, name, store, deviceStore, logger } = options;
  const { diskStation, access, activePollIntervalMs, overdueHours } = settings;
  const { url, certificate, timeoutMs } = diskStation;
  const station = stations.open({ ...diskStation, logger });
  const pageTime = { limitMs: LIST_TIMEOUT_FACTOR * timeoutMs, now: (): number => performance.now() };
  const essential = withEssentialCalls(station);
  const identity = new NasIdResolver({
    address: url.href,
    readSerialNumber: (signal) => serialNumberOf(essential, signal), // each poll waits for it
  });
  const monitored = new ActiveBackup(essential, access, pageTime);
  const poller = createPoller(monitored, identity, settings, logger);
  return {
    connection: {
      activeBackup: new ActiveBackup(station, access, pageTime),
      poller,
      monitor: createMonitor(monitored, poller, options),
      overdueHours,
      startTimeoutMs: startTimeoutMs(activePollIntervalMs),
      address: url.href,
      certificate,
      name: name || url.hostname,
      identity,
      ...{ nasInfo: () => getNasInfo(station), apis: station.apis, recentErrors: station.recentErrors },
      get signedIn() {
        return station.signedIn;
      },
    },
    close: () => {
      poller.close();
      store.close();
      deviceStore.close();
      return station.close();
    },
  };
}

function startTimeoutMs(activePollIntervalMs: number): number {
  const ms = POLLS_UNTIL_START_TIMEOUT * activePollIntervalMs;
  return Math.min(MAX_START_TIMEOUT_MS, Math.max(MIN_START_TIMEOUT_MS, ms));
}

function createPoller(
  activeBackup: ActiveBackup,
  identity: NasIdResolver,
  { pollIntervalMs, activePollIntervalMs }: NasSettings,
  logger: Logger,
): TaskPoller {
  const taskList = activeBackup.createTaskListClient();
  return new TaskPoller({
    readTasks: logPolls(async (context) => {
      const listing = await taskList.listTasks(context);
      await identity.resolve(); // before the subscribers run: an event contains the id of its NAS
      return listing;
    }, logger),
    onListenerError: (error) => {
      warnOfUnexpectedCause(logger, dsmErrorOf(error, 'ERESPONSE', 'The response of the NAS could not be processed'));
    },
    intervals: { idleMs: pollIntervalMs, activeMs: activePollIntervalMs },
  });
}

type ReadTasks = (context: PollContext) => Promise<TaskListing>;

/** Logs each poll: `Poll: 5 tasks, 1 active`, `Poll: unchanged` or `Poll: EUNREACHABLE (ETIMEDOUT)`. */
export function logPolls(read: ReadTasks, logger: Logger): ReadTasks {
  let previous: readonly Task[] | null = null;
  return async (context) => {
    try {
      const listing = await read(context);
      const { tasks } = listing;
      const active = tasks.filter(({ state }) => state !== 'idle').length;
      logger.debug(tasks === previous ? 'Poll: unchanged' : `Poll: ${tasks.length} tasks, ${active} active`);
      previous = tasks;
      return listing;
    } catch (error) {
      if (context.signal?.aborted !== true) logger.debug(`Poll: ${failureOf(error)}`);
      warnOfUnexpectedCause(logger, error);
      throw error;
    }
  };
}

function createMonitor(
  activeBackup: ActiveBackup,
  poller: TaskPoller,
  { settings: { diskStation, overdueHours, quietHours }, store, deviceStore, logger }: NasConnectionOptions,
): NasMonitor {
  return new NasMonitor({
    poller,
    overdueHours,
    isQuiet: (at) => isQuiet(quietHours, at),
    nas: diskStation.url.href,
    client: createMonitorClient(activeBackup),
    store,
    deviceStore,
    warn: (message) => {
      logger.warn(message);
    },
  });
}
