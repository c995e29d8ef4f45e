import type { DiskStation } from '../dsm/diskstation';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { quoted } from '../dsm/quote';
import type { ResponseCache } from '../dsm/response-cache';
import type { ByteBudget } from '../dsm/transport';
import {
  COMPOSITE_METHODS,
  includesLevel,
  methodName,
  methodOf,
  METHODS,
  type AccessLevel,
  type Method,
  isApiName,
  isMethodName,
} from './methods';
import { fetchAllDevices } from './device-list';
import { ACTIVE_BACKUP_ERRORS } from './error-codes';
import { LastBackupCache, fetchBackups, type FilledTasks, type LogReader } from './backup-log';
import { parseAemInfo } from './model/aem-info';
import { parseDevices } from './model/device';
import { parseOverview } from './model/overview';
import { progressContext, type ProgressContext } from './model/progress';
import { parseFailureReason } from './model/reason';
import { parseResults } from './model/result';
import { parseShares } from './model/share';
import { parseStorages } from './model/storage';
import { nonBackupLastJobs, parseTaskDeviceRows, parseTasks } from './model/task';
import { parseVolumes } from './model/volume';
import { NO_TIME_LIMIT, type PagingTimeLimit } from './paging-limits';
import { parseParameters } from './parameters';
import { TaskListClient } from './task-list-client';
import type { AemInfo, Device, Result, Share, Storage, StorageOverview, Task, TaskDeviceRow, Volume } from './types';

/** Abort signal of a poll, and the values needed for the speed of runs. */
export interface PollContext {
  signal?: AbortSignal | undefined;
  /** Time of the request, and the samples of the previous poll (see `takeSamples`). The speed of runs needs both. */
  now?: Date | undefined;
  samples?: ProgressContext['samples'] | undefined;
  /** Shared byte limit of the pages of one list. */
  budget?: ByteBudget | undefined;
}

/** One method call of a node or an MQTT command. */
export interface MethodCall extends PollContext {
  /** `SYNO.ActiveBackup.Task` … */
  api: string;
  /** A method of the API, or `overview` of Share. */
  method: string;
  /** Parameters from the user; see `parseParameters`. */
  parameters?: unknown;
}

/** Result of a call: a type of the data model (docs/interface.md §4), or DSM's data for methods without one. */
export type CallPayload =
  Task[] | TaskDeviceRow[] | Share[] | Storage[] | Volume[] | Result[] | Device[] | StorageOverview | AemInfo | Json;

export interface CallResult {
  /** DSM's `data` without secrets, null when DSM sent none. For `overview`, the data of its three methods by name. */
  data: Json;
  payload: CallPayload;
}

/** Parsers of the methods that list tasks. Their result depends on the previous poll and on the backup log. */
const TASK_MODELS: Readonly<Record<string, (data: Json, context: ProgressContext | null) => Task[] | TaskDeviceRow[]>> =
  {
    'Task.list': parseTasks,
    'Task.list_with_device': parseTaskDeviceRows,
  };

/** Parsers of all other methods with a data model. */
const MODELS: Readonly<Record<string, (data: Json) => CallPayload>> = {
  'Share.list': parseShares,
  'Share.list_encrypted': parseShares,
  'Share.list_storage': parseStorages,
  'Share.list_volume': parseVolumes,
  'AEM.get_info': parseAemInfo,
  'Log.list_result': parseResults,
  'Device.list': parseDevices,
};

/** Reading versions is slow, so the other `load_` flags are off. */
const VERSIONS_ALONE = { load_status: false, load_result: false, load_devices: false, load_versions: true } as const;

/** Number of versions of a task, and the end of its newest complete version. */
export type TaskVersions = Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>;

/** The part of DiskStation used here. */
export type DsmClient = Pick<DiskStation, 'call' | 'label' | 'msSinceLastResponse'>;

/**
 * A session with a response within this time is valid: DSM ends no session within a minute (docs/facts/dsm.md §4.3).
 */
const SESSION_FRESH_MS = 45_000;
/** Limit of detail rows; DSM sends all of them without a limit. */
const DETAIL_ROWS = 500;

/**
 * Active Backup on one NAS. Every call of a node or an MQTT command goes through this class: it checks API, access
 * level and parameters before anything is sent, and converts DSM's responses to the data model.
 */
export class ActiveBackup {
  readonly #nas: DsmClient;
  readonly #access: AccessLevel;
  readonly #pageTime: PagingTimeLimit;

  /**
   * @param access highest access level allowed for this NAS (docs/interface.md §3)
   * @param pageTime time limit of lists that are read in pages
   */
  constructor(nas: DsmClient, access: AccessLevel, pageTime: PagingTimeLimit = NO_TIME_LIMIT) {
    this.#pageTime = pageTime;
    this.#nas = nas;
    this.#access = access;
  }

  /**
   * The method's row, if the access level of this NAS permits it.
   * @throws DsmError EPARAM when it is no method of Active Backup, EACCESS when it needs a higher access level
   */
  authorize({ api, method }: Pick<MethodCall, 'api' | 'method'>): Method {
    if (!isApiName(api)) {
      throw new DsmError('EPARAM', `${quoted(api)} is no API of Active Backup: it must start with SYNO.ActiveBackup.`);
    }
    if (!isMethodName(method)) {
      throw new DsmError('EPARAM', `${quoted(method)} is no method of ${api}: letters, digits and _ only`);
    }
    const row = methodOf(api, method);
    if (includesLevel(this.#access, row.level)) return row;
    throw new DsmError('EACCESS', accessMessage(row, this.#nas.label, this.#access));
  }

  /**
   * All checks of {@link call}.
   * @returns the method's row and the parameters to send
   * @throws DsmError EPARAM, EACCESS
   */
  validate({ api, method, parameters = {} }: MethodCall): { row: Method; checked: Record<string, Json> } {
    const row = this.authorize({ api, method });
    return { row, checked: parseParameters(row, parameters) };
  }

  /**
   * Calls one method.
   * @throws DsmError EPARAM or EACCESS before anything is sent; otherwise any error a NAS can cause (docs/interface.md
   * §2.4)
   */
  async call(operation: MethodCall): Promise<CallResult> {
    const { row, checked } = this.validate(operation);
    const context: PollContext = operation;
    if (methodName(row) === methodName(COMPOSITE_METHODS['Share.overview'])) return this.#overview(context);
    const data = await this.#send(row, checked, context);
    return { data, payload: await this.#parse(row, () => this.#payload(row, data, context)) };
  }

  /** Runs a parser. @throws DsmError ERESPONSE when it fails */
  async #parse<T>({ api, method }: Method, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const message = `The answer of ${this.#nas.label} to ${api}.${method} could not be worked on`;
      throw dsmErrorOf(error, 'ERESPONSE', message, { api, method });
    }
  }

  /** The tasks of this NAS. @throws DsmError see {@link call} */
  async listTasks(context: PollContext = {}): Promise<readonly Task[]> {
    return (await this.createTaskListClient().listTasks(context)).tasks;
  }

  /** A client for repeated reads of the task list. */
  createTaskListClient(): TaskListClient {
    const row = METHODS['Task.list'];
    const hidden = new LastBackupCache();
    return new TaskListClient({
      timeLimit: this.#pageTime,
      readPage: (page, cache, context) => this.#send(row, parseParameters(row, page), context, cache),
      parse: (data, context) =>
        this.#parse(row, () =>
          this.#fillLastBackups(parseTasks(data, progressContext(context)), data, context, hidden),
        ),
    });
  }

  /**
   * The backups in the log that started or ended since `since`, of all tasks, in no particular order.
   * @throws DsmError see {@link call}; EPACKAGE or EUNSUPPORTED when the NAS has no log
   */
  backupsSince(since: Date, signal?: AbortSignal): Promise<Result[]> {
    const row = METHODS['Log.list_result'];
    const read: LogReader = (parameters, budget) => this.#send(row, parameters, { signal, budget });
    return this.#parse(row, () => fetchBackups(read, Math.floor(since.getTime() / 1000), this.#pageTime));
  }

  /**
   * A failed or partial result with its reason, if its details contain one; any other result unchanged.
   * @throws DsmError when the details cannot be read: the reason is then unknown, which is not the same as none
   */
  async withFailureReason<R extends Pick<Result, 'id' | 'status' | 'reason'>>(
    result: R,
    signal?: AbortSignal,
  ): Promise<R> {
    const { id, status } = result;
    if (id === null || (status !== 'failed' && status !== 'partial')) return result;
    const parameters = { result_id: id, offset: 0, limit: DETAIL_ROWS };
    const data = await this.#send(METHODS['Log.list_result_detail'], parameters, { signal });
    return { ...result, reason: parseFailureReason(data) };
  }

  /**
   * Version counts of all tasks; slow on a NAS with many versions.
   * @param taskId reads only this task; a NAS without the filter sends all
   * @throws DsmError see {@link call}
   */
  async versions(taskId?: number, signal?: AbortSignal): Promise<TaskVersions[]> {
    const row = METHODS['Task.list'];
    const filter = taskId === undefined ? {} : { filter: { task_id: taskId } };
    const reader = new TaskListClient({
      timeLimit: this.#pageTime,
      readPage: (page, cache, context) =>
        this.#send(row, parseParameters(row, { ...page, ...VERSIONS_ALONE, ...filter }), context, cache),
      parse: (data) =>
        this.#parse(row, () => ({ tasks: parseTasks(data, null), laterJobs: new Map(), isComplete: true })),
    });
    const { tasks } = await reader.listTasks({ signal });
    return tasks.map(({ id, versionCount, lastSuccessAt }) => ({ id, versionCount, lastSuccessAt }));
  }

  /** Every device known to Active Backup, with or without a task. @throws DsmError see {@link call} */
  devices(signal?: AbortSignal): Promise<Device[]> {
    const row = METHODS['Device.list'];
    return this.#parse(row, () =>
      fetchAllDevices(
        (page, budget) => this.#send(row, parseParameters(row, page), { signal, budget }),
        this.#pageTime,
      ),
    );
  }

  /**
   * Sends a request. A change is sent at most once, even when the session is lost, so after a pause the session is
   * first checked, and renewed if necessary, by a read.
   */
  async #send(
    row: Method,
    parameters: Readonly<Record<string, Json>>,
    context: PollContext,
    cache?: ResponseCache,
  ): Promise<Json> {
    if (row.level !== 'read' && this.#nas.msSinceLastResponse > SESSION_FRESH_MS) await this.#checkSession(context);
    return this.#sendOnce(row, parameters, context, cache);
  }

  /** Only the session matters here: an error response other than ESESSION proves that it is valid. */
  async #checkSession(context: PollContext): Promise<void> {
    await this.#sendOnce(METHODS['Activation.get'], {}, context).catch((error: unknown) => {
      if (error instanceof DsmError && typeof error.cause?.code === 'number' && error.code !== 'ESESSION') return;
      throw error;
    });
  }

  #sendOnce(
    row: Method,
    parameters: Readonly<Record<string, Json>>,
    { signal, budget }: PollContext,
    cache?: ResponseCache,
  ): Promise<Json> {
    return this.#nas.call({
      api: row.api,
      method: row.method,
      parameters,
      changes: row.level !== 'read',
      codes: ACTIVE_BACKUP_ERRORS,
      ...(signal === undefined ? {} : { signal }),
      ...(budget === undefined ? {} : { budget }),
      ...(cache === undefined ? {} : { cache }),
    });
  }

  async #payload(row: Method, data: Json, context: PollContext): Promise<CallPayload> {
    const name = methodName(row);
    const parseList = TASK_MODELS[name];
    if (parseList !== undefined) {
      return (
        await this.#fillLastBackups(parseList(data, progressContext(context)), data, context, new LastBackupCache())
      ).tasks;
    }
    return MODELS[name]?.(data) ?? data;
  }

  /**
   * Last backups are filled in from the log. If the log cannot be read they stay null, and the list is returned anyway.
   */
  #fillLastBackups<T extends Task>(
    tasks: readonly T[],
    data: Json,
    context: PollContext,
    hidden: LastBackupCache,
  ): Promise<FilledTasks<T>> {
    const read: LogReader = (parameters) => this.#send(METHODS['Log.list_result'], parameters, context);
    return hidden.fill(tasks, nonBackupLastJobs(data), read);
  }

  /** Storages with their volumes and shares. @throws DsmError see {@link call} */
  async overview(context: PollContext = {}): Promise<StorageOverview> {
    return (await this.#overview(context)).payload;
  }

  async #overview(context: PollContext): Promise<{ data: Json; payload: StorageOverview }> {
    const [list, list_storage, list_volume] = await Promise.all([
      this.#send(METHODS['Share.list'], {}, context),
      this.#send(METHODS['Share.list_storage'], {}, context),
      this.#send(METHODS['Share.list_volume'], {}, context),
    ]);
    const data = { list, list_storage, list_volume };
    const payload = await this.#parse(COMPOSITE_METHODS['Share.overview'], () => parseOverview(data));
    return { data, payload };
  }
}

function accessMessage(row: Method, label: string, access: AccessLevel): string {
  const why = row.dataLossWarning === undefined ? '' : ` because it ${row.dataLossWarning}`;
  return (
    `${methodName(row)} needs access level "${row.level}"${why}; the NAS node "${label}" allows "${access}". ` +
    'Nothing was sent; choose a higher level in the NAS node if this is wanted'
  );
}
