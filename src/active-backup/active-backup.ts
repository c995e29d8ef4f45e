import type { DiskStation } from '../dsm/diskstation';
import { DsmError, dsmErrorOf } from '../dsm/errors';
import type { Json } from '../dsm/json';
import { quoted } from '../dsm/redact';
import type { ResponseStore } from '../dsm/response-store';
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
import { fetchAllDevices, NO_TIME_LIMIT, type PagingTimeLimit } from './paging';
import { ACTIVE_BACKUP_ERRORS } from './errors';
import { LastBackupCache, fetchBackups, fetchJobs, type LogReader } from './backup-log';
import { parseDeviceResults, type DeviceResults } from './model/device-result';
import { parseOverview } from './model/overview';
import { progressContext } from './model/progress';
import type { CallResult, MethodCall, PollContext } from './method-call';
import { parseFailureReason } from './model/result';
import { parseShares, parseStorages } from './model/storage';
import { nonBackupLastJobs } from './model/task';
import { parseParameters } from './parameters';
import { ParsedLists, ResponseBytes, type ParsedList } from './parsed-lists';
import { isWholeList, withRemainingTasks } from './remaining-tasks';
import { RESPONSE_PARSERS, TASK_LIST_PARSERS } from './response-parsers';
import { TaskListClient } from './task-list-client';
import type { Share, Storage, StorageOverview } from './storage-types';
import type { Device, Result, Task } from './types';

/** Reading versions is slow, so the other `load_` flags are off. */
const VERSIONS_ALONE = { load_status: false, load_result: false, load_devices: false, load_versions: true } as const;

/** Number of versions of a task, and the end of its newest complete version. */
export type TaskVersions = Pick<Task, 'id' | 'versionCount' | 'lastSuccessAt'>;

/** The part of DiskStation used here. */
export type DsmClient = Pick<DiskStation, 'call' | 'label' | 'msSinceLastResponse'>;

/**
 * The client of the polls and the monitor. Its calls precede those of messages, and are not refused with EBUSY by a full
 * queue, which would look as if the NAS were offline.
 */
export function withEssentialCalls(nas: DsmClient): DsmClient {
  return {
    label: nas.label,
    get msSinceLastResponse() {
      return nas.msSinceLastResponse;
    },
    call: (request) => nas.call({ ...request, essential: true }),
  };
}

/**
 * A session with a response within this time is valid: DSM ends no session within a minute (docs/facts/dsm.md §4.3).
 */
const SESSION_FRESH_MS = 45_000;
/** Reads that show whether the session is valid, the cheapest first. */
const SESSION_CHECKS: readonly { readonly row: Method; readonly parameters: Readonly<Record<string, Json>> }[] = [
  { row: METHODS['Activation.get'], parameters: {} },
  { row: METHODS['Task.list'], parameters: { offset: 0, limit: 1 } },
];
/** Limit of detail rows; DSM sends all of them without a limit. */
const DETAIL_ROWS = 500;
/** The longest window in use elsewhere (docs/facts/dsm.md §2.1). */
const MAX_OUTCOMES_WINDOW_MS = 31 * 24 * 3600_000;

/**
 * Active Backup on one NAS. Every call of a node or an MQTT command goes through this class: it checks API, access
 * level and parameters before anything is sent, and converts DSM's responses to the data model.
 */
export class ActiveBackup {
  readonly #nas: DsmClient;
  readonly #access: AccessLevel;
  readonly #pageTime: PagingTimeLimit;
  readonly #parsedLists = new ParsedLists();

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
  async call(call: MethodCall): Promise<CallResult> {
    const { row, checked } = this.validate(call);
    const context: PollContext = call;
    if (methodName(row) === methodName(COMPOSITE_METHODS['Share.overview'])) return this.#overview(context);
    const known = this.#parsedLists.bytesOf(methodName(row));
    const response = methodName(row) in TASK_LIST_PARSERS ? new ResponseBytes(known) : undefined;
    const first = await this.#send(row, checked, context, response);
    const data = await this.#withRemainingTasks(row, checked, first, context);
    return this.#parse(row, async () => {
      // The bytes are those of the first response only.
      const tasks = await this.#parseTasks(row, data, context, data === first ? (response?.bytes ?? null) : null);
      return { data, payload: tasks ?? RESPONSE_PARSERS[methodName(row)]?.(data) ?? data, tasks };
    });
  }

  /** The data of `Task.list` with all tasks, if all were requested; the data of any other method unchanged. */
  #withRemainingTasks(
    row: Method,
    parameters: Readonly<Record<string, Json>>,
    data: Json,
    context: PollContext,
  ): Promise<Json> {
    if (methodName(row) !== 'Task.list' || !isWholeList(parameters)) return Promise.resolve(data);
    return withRemainingTasks(
      data,
      (offset, budget) => this.#send(row, { ...parameters, offset }, { ...context, budget }),
      this.#pageTime,
    );
  }

  /** Runs a parser. @throws DsmError ERESPONSE when it fails */
  async #parse<T>({ api, method }: Method, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const message = `The answer of ${this.#nas.label} to ${api}.${method} could not be processed`;
      throw dsmErrorOf(error, 'ERESPONSE', message, { api, method });
    }
  }

  /** The tasks of this NAS. @throws DsmError see {@link call} */
  async listTasks(context: PollContext = {}): Promise<readonly Task[]> {
    return (await this.createTaskListClient().listTasks(context)).tasks;
  }

  /** The shared folders of this NAS. @throws DsmError see {@link call} */
  listShares(signal?: AbortSignal): Promise<Share[]> {
    return this.#list(METHODS['Share.list'], parseShares, signal);
  }

  /** The backup storages of this NAS. @throws DsmError see {@link call} */
  listStorages(signal?: AbortSignal): Promise<Storage[]> {
    return this.#list(METHODS['Share.list_storage'], parseStorages, signal);
  }

  /** A client for repeated reads of the task list. */
  createTaskListClient(): TaskListClient {
    const row = METHODS['Task.list'];
    const lastBackups = new LastBackupCache();
    return new TaskListClient({
      timeLimit: this.#pageTime,
      readPage: (page, cache, context) => this.#send(row, parseParameters(row, page), context, cache),
      fill: (tasks, laterJobs, context) =>
        this.#parse(row, () => lastBackups.fill(tasks, laterJobs, this.#logReader(context))),
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
   * The backups, verifications and restores in the log that started or ended since `since`, in no particular order.
   * @throws DsmError as {@link backupsSince}
   */
  jobsSince(since: Date, signal?: AbortSignal): Promise<Result[]> {
    const row = METHODS['Log.list_result'];
    const read: LogReader = (parameters, budget) => this.#send(row, parameters, { signal, budget });
    return this.#parse(row, () => fetchJobs(read, Math.floor(since.getTime() / 1000), this.#pageTime));
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
    const client = new TaskListClient({
      timeLimit: this.#pageTime,
      readPage: (page, cache, context) =>
        this.#send(row, parseParameters(row, { ...page, ...VERSIONS_ALONE, ...filter }), context, cache),
    });
    const { tasks } = await client.listTasks({ signal });
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
   * The outcomes of backups for each device, at least of those that ended within a window of at most 31 days.
   * @throws DsmError see {@link call}; EPACKAGE or EUNSUPPORTED when the NAS has no such API; EPARAM for a longer window
   */
  async deviceResults(from: Date, to: Date, signal?: AbortSignal): Promise<DeviceResults[]> {
    const ms = to.getTime() - from.getTime();
    if (!(ms >= 0 && ms <= MAX_OUTCOMES_WINDOW_MS))
      throw new DsmError('EPARAM', 'Outcomes of devices are read in windows of at most 31 days');
    const row = METHODS['Overview.list_device_transfer_size'];
    const window = {
      time_start: Math.max(0, Math.floor(from.getTime() / 1000)),
      time_end: Math.max(0, Math.ceil(to.getTime() / 1000)),
    };
    const data = await this.#send(row, parseParameters(row, window), { signal });
    return this.#parse(row, () => parseDeviceResults(data));
  }

  async #list<T>(row: Method, parse: (data: Json) => T, signal: AbortSignal | undefined): Promise<T> {
    const data = await this.#send(row, {}, { signal });
    return this.#parse(row, () => parse(data));
  }

  /**
   * Sends a request. A change is sent at most once, even when the session is lost, so after a pause the session is
   * first checked, and renewed if necessary, by a read.
   */
  async #send(
    row: Method,
    parameters: Readonly<Record<string, Json>>,
    context: PollContext,
    cache?: ResponseStore,
  ): Promise<Json> {
    if (row.level !== 'read' && this.#nas.msSinceLastResponse > SESSION_FRESH_MS) await this.#checkSession(context);
    return this.#sendOnce(row, parameters, context, cache);
  }

  /**
   * Only the session matters here: an error response of a method other than ESESSION proves that it is valid. Where the NAS does
   * not have the method, the next one is called.
   */
  async #checkSession(context: PollContext): Promise<void> {
    for (const { row, parameters } of SESSION_CHECKS) {
      try {
        await this.#sendOnce(row, parameters, context);
        return;
      } catch (error) {
        if (!(error instanceof DsmError)) throw error;
        const { code, cause } = error;
        if (code === 'EPACKAGE' || code === 'EUNSUPPORTED') continue;
        if (typeof cause?.code !== 'number' || code === 'ESESSION') throw error;
        return;
      }
    }
  }

  #sendOnce(
    row: Method,
    parameters: Readonly<Record<string, Json>>,
    { signal, budget }: PollContext,
    cache?: ResponseStore,
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

  /** The tasks of a response; null when the method lists none. */
  async #parseTasks(row: Method, data: Json, context: PollContext, bytes: Buffer | null): Promise<Task[] | null> {
    const parseList = TASK_LIST_PARSERS[methodName(row)];
    if (parseList === undefined) return null;
    const progress = progressContext(context);
    const parse = (): ParsedList => ({ tasks: parseList(data, progress), laterJobs: nonBackupLastJobs(data) });
    // The speeds of runs depend on the time, everything else on the bytes alone.
    const isRepeatable = progress === null && bytes !== null;
    const { tasks, laterJobs } = isRepeatable ? this.#parsedLists.get(methodName(row), bytes, parse) : parse();
    const { tasks: filled } = await new LastBackupCache().fill(tasks, laterJobs, this.#logReader(context));
    return filled;
  }

  /** Reads the log for last backups hidden by a later job. */
  #logReader(context: PollContext): LogReader {
    return (parameters) => this.#send(METHODS['Log.list_result'], parameters, context);
  }

  /** Storages with their volumes and shares. @throws DsmError see {@link call} */
  async overview(context: PollContext = {}): Promise<StorageOverview> {
    return (await this.#overview(context)).payload;
  }

  async #overview(context: PollContext): Promise<CallResult & { payload: StorageOverview }> {
    const [list, list_storage, list_volume] = await Promise.all([
      this.#send(METHODS['Share.list'], {}, context),
      this.#send(METHODS['Share.list_storage'], {}, context),
      this.#send(METHODS['Share.list_volume'], {}, context),
    ]);
    const data = { list, list_storage, list_volume };
    const payload = await this.#parse(COMPOSITE_METHODS['Share.overview'], () => parseOverview(data));
    return { data, payload, tasks: null };
  }
}

function accessMessage(row: Method, label: string, access: AccessLevel): string {
  const why = row.dataLossWarning === undefined ? '' : ` because it ${row.dataLossWarning}`;
  return (
    `${methodName(row)} needs access level "${row.level}"${why}; the NAS node "${label}" allows "${access}". ` +
    'Nothing was sent; choose a higher level in the NAS node if this is wanted'
  );
}
