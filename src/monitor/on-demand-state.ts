import { isDeepStrictEqual } from 'node:util';
import type { Result, Task } from '../active-backup/types';
import { addFailureReasons, failuresWithoutReason } from './backup-history';
import { BackupLogReader, type LastSuccessReader } from './backup-log-reader';
import { ComparisonMemory } from './comparison-memory';
import { detectChanges, initialState, isStateOfNas } from './change-detection';
import type { DeviceHistory } from './device-history';
import { withEarlierFailures } from './earlier-failures';
import { initialReportedSince } from './finished-backups';
import type { MonitorClient } from './monitor-client';
import { backupKey, type MonitorState } from './monitor-state';
import { withHabitUnwatched } from './on-demand-overdue';
import { withOverdue } from './overdue';
import { inSlices } from './slices';
import { RequestThrottle } from './throttle';
import { withSuccesses } from './task-completion';

/** Options of an {@link OnDemandState}. */
export interface OnDemandStateOptions {
  readonly client: Pick<MonitorClient, 'jobsSince' | 'withReason'>;
  readonly successes: LastSuccessReader;
  readonly outcomes: Pick<DeviceHistory, 'use' | 'takeUnread' | 'read' | 'recordOf' | 'isCurrent'>;
  /** Address of the NAS. */
  readonly nas: string;
  readonly overdueHours: number;
  /** The state stored by the last run of the monitor; null: none. */
  readonly load: () => MonitorState | null;
}

/** Failure reasons are requested for at most this many backups of one list. */
const MAX_REASONS = 20;
/** A log that could not be read is requested again after this time: lists requested meanwhile do not each wait for it. */
const LOG_RETRY_MS = 5000;
/** A state is reused for the same tasks for this long, so that many lists at once are compared once. */
const FRESH_MS = 1000;
/** Lists that may wait to be completed; a further one gets the state known at that time. */
const MAX_WAITING = 1000;

/** The input and the result of the last list. */
interface CompletedList {
  readonly at: Date;
  readonly tasks: readonly Task[];
  readonly running: MonitorState | null;
  readonly state: MonitorState;
}

/**
 * The state used to complete task lists that a user requests. While the monitor runs it is based on the monitor's state;
 * else on the state of its last run, brought up to date by the log in the same way. Kept in memory for the next list only.
 */
export class OnDemandState {
  readonly #options: OnDemandStateOptions;
  readonly #log: BackupLogReader;
  #state: MonitorState | null = null;
  /** Settles when all lists requested before are completed. */
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #last: CompletedList | null = null;
  /** When a request of the log failed (epoch ms). */
  #logFailedAt = -Infinity;
  readonly #throttle = new RequestThrottle();
  readonly #memory = new ComparisonMemory();

  constructor(options: OnDemandStateOptions) {
    this.#options = options;
    this.#log = new BackupLogReader(options.client.jobsSince);
  }

  /** The state of the last list; null before the first one. Sends no request. */
  get current(): MonitorState | null {
    return this.#state;
  }

  /**
   * The state that the monitor would have after a poll with these tasks, with failure reasons and last successes.
   * @param running the state of the monitor while it runs, else null
   * @returns null when the log cannot be read, or too many lists wait and no state is known yet
   */
  async read(at: Date, tasks: readonly Task[], running: MonitorState | null): Promise<MonitorState | null> {
    if (this.#waiting >= MAX_WAITING) return running ?? this.#state;
    this.#waiting += 1;
    // One list at a time, so that each uses what was read for the list before.
    const state = this.#queue.then(() => this.#reusable(at, tasks, running) ?? this.#read(at, tasks, running));
    this.#queue = state.catch(() => null);
    try {
      return await state;
    } finally {
      this.#waiting -= 1;
    }
  }

  #reusable(at: Date, tasks: readonly Task[], running: MonitorState | null): MonitorState | null {
    const last = this.#last;
    if (last?.running !== running || Math.abs(at.getTime() - last.at.getTime()) >= FRESH_MS) return null;
    return isSameList(last.tasks, tasks) ? last.state : null;
  }

  async #read(at: Date, tasks: readonly Task[], running: MonitorState | null): Promise<MonitorState | null> {
    const compared = running === null ? await this.#updated(at, tasks) : this.#compared(at, tasks, running, []);
    if (compared === null) return null;
    const reasons = await this.#reasonsOf(at, tasks, compared);
    const { times: successes } = await this.#options.successes.read(at, tasks, compared);
    const detailed = { ...compared, tasks: withSuccesses(addFailureReasons(compared.tasks, reasons), successes) };
    // A last success known only from the versions decides whether the task is overdue.
    const decided = successes.size === 0 ? detailed : this.#compared(at, tasks, detailed, []);
    const state = running === null ? await this.#judged(at, tasks, decided) : decided;
    if (running === null) this.#state = state;
    this.#last = { at, tasks, running, state };
    return state;
  }

  /** While the monitor does not run: with what the outcomes of the devices tell, `overdue` and earlier failures. */
  async #judged(at: Date, tasks: readonly Task[], state: MonitorState): Promise<MonitorState> {
    const { outcomes, overdueHours } = this.#options;
    // Of a part of the tasks it is not known which devices have others too.
    const isWhole = tasks.length >= Object.keys(state.tasks).length;
    const counted = isWhole ? withEarlierFailures(state, tasks, (id) => outcomes.recordOf(id)) : state;
    const listed = { at, tasks, stored: counted.tasks, overdueHours };
    return { ...counted, tasks: await inSlices(withHabitUnwatched(listed, outcomes)) };
  }

  /** The state of the last list, or of the monitor's last run, after reading the log; null when the log cannot be read. */
  async #updated(at: Date, tasks: readonly Task[]): Promise<MonitorState | null> {
    if (Math.abs(at.getTime() - this.#logFailedAt) < LOG_RETRY_MS) return null;
    const { nas, load } = this.#options;
    const stored = this.#state ?? load();
    const before = stored !== null && isStateOfNas(stored, nas, tasks) ? stored : null;
    const since = before?.endsSince ?? initialReportedSince(tasks, at);
    const log = await this.#log.results({ tasks, laterJobs: null }, since, this.#state === null);
    this.#logFailedAt = log === null ? at.getTime() : -Infinity;
    if (log === null) return null;
    this.#log.markProcessed({ tasks, laterJobs: null });
    const { outcomes } = this.#options;
    outcomes.use(nas, before !== null);
    await outcomes.read({ at, tasks: null, ended: outcomes.takeUnread(tasks) });
    return this.#compared(at, tasks, before, log, since);
  }

  /** @param before null: nothing is stored yet */
  #compared(
    at: Date,
    tasks: readonly Task[],
    before: MonitorState | null,
    log: readonly Result[],
    since = '',
  ): MonitorState {
    const { nas, overdueHours } = this.#options;
    const lastResults = tasks.map(({ lastResult }) => lastResult).filter((result) => result !== null);
    const results = [...log, ...lastResults];
    const data = { at, tasks, laterJobs: null, results, isComplete: true, late: false, overdueHours };
    if (before === null) return withCertainOverdue(initialState(data, nas, since), tasks, at, overdueHours);
    const { after } = detectChanges({ ...before, nas }, data, this.#memory);
    // A list may contain some of the tasks only; the others keep their stored data.
    return { ...after, tasks: { ...before.tasks, ...after.tasks } };
  }

  #reasonsOf(
    at: Date,
    tasks: readonly Task[],
    state: MonitorState,
  ): Promise<Pick<Result, 'id' | 'startedAt' | 'reason'>[]> {
    const listed = Object.fromEntries(
      tasks.flatMap(({ id }) => {
        const stored = state.tasks[String(id)];
        return stored === undefined ? [] : [[String(id), stored]];
      }),
    );
    const missing = failuresWithoutReason(listed, MAX_REASONS);
    const due = missing.filter((backup) => this.#throttle.tryAcquire(backupKey(backup), at));
    return Promise.all(due.map((backup) => this.#options.client.withReason(backup).catch(() => backup)));
  }
}

/** Whether two lists have equal tasks. Tasks that are the same object are not compared. */
function isSameList(one: readonly Task[], other: readonly Task[]): boolean {
  return one.length === other.length && one.every((task, index) => isDeepStrictEqual(task, other[index]));
}

/** For a task seen for the first time without a known success, `overdue` is taken from its own response, else null. */
function withCertainOverdue(state: MonitorState, tasks: readonly Task[], at: Date, overdueHours: number): MonitorState {
  const uncertain = tasks.filter(({ id }) => (state.tasks[String(id)]?.lastSuccessAt ?? null) === null);
  const decided = withOverdue(uncertain, at, overdueHours).flatMap(({ id, overdue }) => {
    const stored = state.tasks[String(id)];
    return stored === undefined ? [] : [[String(id), { ...stored, overdue }] as const];
  });
  return { ...state, tasks: { ...state.tasks, ...Object.fromEntries(decided) } };
}
