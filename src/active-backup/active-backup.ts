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

/** How a look at the NAS may be given up, and what it is compared with. */
export interface PollContext {
  signal?: AbortSignal | undefined;
  /** When the NAS is asked, and how far each run was before (`samplesOf`): both together give the speed of runs. */
  now?: Date | undefined;
  samples?: ProgressContext['samples'] | undefined;
  /** Bytes that the pages of one list may have together. */
  budget?: ByteBudget | undefined;
}

/** One call, as a node or an MQTT command gives it. */
export interface MethodCall extends PollContext {
  /** `SYNO.ActiveBackup.Task` … */
  api: string;
  /** A method of it, or `overview` of Share. */
  method: string;
  /** As a person gave them; see `readParameters`. */
  parameters?: unknown;
}

/** What a call brings: a model of INTERFACE 4, or DSM's data for methods without one. */
export type CallPayload =
  Task[] | TaskDeviceRow[] | Share[] | Storage[] | Volume[] | Result[] | Device[] | StorageOverview | AemInfo | Json;

export interface CallResult {
  /** DSM's `data` without its secrets; null when it sent none. Of `overview` the data of its three methods, by name. */
  data: Json;
  payload: CallPayload;
}

/** The methods that list tasks: their model depends on the looks before, and hides some last backups. */
const TASK_MODELS: Readonly<Record<string, (data: Json, context: ProgressContext | null) => Task[] | TaskDeviceRow[]>> =
  {
    'Task.list': parseTasks,
    'Task.list_with_device': parseTaskDeviceRows,
  };

/** The model of every other method that has one. */
const MODELS: Readonly<Record<string, (data: Json) => CallPayload>> = {
  'Share.list': parseShares,
  'Share.list_encrypted': parseShares,
  'Share.list_storage': parseStorages,
  'Share.list_volume': parseVolumes,
  'AEM.get_info': parseAemInfo,
  'Log.list_result': parseResults,
  'Device.list': parseDevices,
};

/** Nothing else of a task is read with its versions, which are slow enough. */
const VERSIONS_ALONE = { load_status: false, load_result: false, load_devices: false, load_versions: true } as const;

/** What the versions of a task tell: how many there are, and when the newest good one was made. */
export type TaskVersions = Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>;

/** What the facade needs of a DiskStation. */
export type DsmClient = Pick<DiskStation, 'call' | 'label' | 'msSinceLastResponse'>;

/** A session that answered within this time is believed to be alive; DSM ends none earlier than after a minute (DSM facts 4.3). */
const SESSION_FRESH_MS = 45_000;
/** More than any person reads; DSM sends all of them without a limit. */
const DETAIL_ROWS = 500;

/**
 * Active Backup on one NAS: the one door that every call takes, from a node as from MQTT. It checks api, access level and
 * parameters before anything is sent, and turns DSM's answers into the data model.
 */
export class ActiveBackup {
  readonly #nas: DsmClient;
  readonly #access: AccessLevel;
  readonly #pageTime: PagingTimeLimit;

  /**
   * @param access the highest level of method this NAS may be sent (INTERFACE 3)
   * @param pageTime how long a list that is read page by page may take
   */
  constructor(nas: DsmClient, access: AccessLevel, pageTime: PagingTimeLimit = NO_TIME_LIMIT) {
    this.#pageTime = pageTime;
    this.#nas = nas;
    this.#access = access;
  }

  /**
   * The row of a method, if this NAS may be sent it: what {@link call} asks first, for whoever has work to do before.
   * @throws DsmError EPARAM when it is none of Active Backup, EACCESS when it needs a higher access level
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
   * What {@link call} checks before it sends anything.
   * @returns the method's row and the parameters to send
   * @throws DsmError EPARAM, EACCESS
   */
  validate({ api, method, parameters = {} }: MethodCall): { row: Method; checked: Record<string, Json> } {
    const row = this.authorize({ api, method });
    return { row, checked: parseParameters(row, parameters) };
  }

  /**
   * Calls one method.
   * @throws DsmError EPARAM or EACCESS before anything is sent; else whatever the NAS causes (INTERFACE 2.4)
   */
  async call(operation: MethodCall): Promise<CallResult> {
    const { row, checked } = this.validate(operation);
    const context: PollContext = operation;
    if (methodName(row) === methodName(COMPOSITE_METHODS['Share.overview'])) return this.#overview(context);
    const data = await this.#send(row, checked, context);
    return { data, payload: await this.#parse(row, () => this.#payload(row, data, context)) };
  }

  /** Does what reads an answer. @throws DsmError ERESPONSE where that fails: it is the answer that was not understood */
  async #parse<T>({ api, method }: Method, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const message = `The answer of ${this.#nas.label} to ${api}.${method} could not be worked on`;
      throw dsmErrorOf(error, 'ERESPONSE', message, { api, method });
    }
  }

  /** The tasks of this NAS. @throws DsmError, see {@link call} */
  async listTasks(context: PollContext = {}): Promise<readonly Task[]> {
    return (await this.createTaskListClient().listTasks(context)).tasks;
  }

  /** For whoever looks at the tasks again and again. */
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
   * The backups in the log that began or ended since then, of all tasks, in no order.
   * @throws DsmError, see {@link call}; EPACKAGE and EUNSUPPORTED where there is no such log
   */
  backupsSince(since: Date, signal?: AbortSignal): Promise<Result[]> {
    const row = METHODS['Log.list_result'];
    const read: LogReader = (parameters, budget) => this.#send(row, parameters, { signal, budget });
    return this.#parse(row, () => fetchBackups(read, Math.floor(since.getTime() / 1000), this.#pageTime));
  }

  /**
   * A result with the reason why it did not succeed, where its details tell one.
   * @throws DsmError when the details cannot be read, see {@link call}: the reason is unknown then, which is not "none"
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
   * What the versions of each task tell; slow on a NAS that keeps many.
   * @param taskId of this task alone; a NAS that does not know the filter tells of all
   * @throws DsmError, see {@link call}
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

  /** Every machine that Active Backup knows, with a task or without. @throws DsmError, see {@link call} */
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
   * Sends a call. What changes something is sent once, even when the session turns out to be lost; so after a silence the
   * session is tried with a read first, which may renew it.
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

  /** Whether it is allowed to read this does not matter, only whether it gets through. */
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

  /** Their absence is no reason to withhold the list: a log that does not answer leaves unknown ones null. */
  #fillLastBackups<T extends Task>(
    tasks: readonly T[],
    data: Json,
    context: PollContext,
    hidden: LastBackupCache,
  ): Promise<FilledTasks<T>> {
    const read: LogReader = (parameters) => this.#send(METHODS['Log.list_result'], parameters, context);
    return hidden.fill(tasks, nonBackupLastJobs(data), read);
  }

  /** Storages with their volumes and shares. @throws DsmError, see {@link call} */
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
