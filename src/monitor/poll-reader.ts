import type { Result, Task, TaskListing } from '../active-backup/types';
import { countTransferred } from './transferred-bytes';
import { addFailureReasons, plausibleAt } from './backup-history';
import { BackupLogReader, FailureReasons, type LastSuccessReader } from './backup-log-reader';
import { ComparisonMemory } from './comparison-memory';
import {
  detectChangesInSteps,
  detectOverdue,
  initialState,
  initialStateInSteps,
  isStateOfNas,
  type Changes,
  type PollData,
} from './change-detection';
import type { DeviceHistory } from './device-history';
import { withEarlierFailures } from './earlier-failures';
import type { EventName, NasEvent } from './events';
import { BACKUP_FINISHED } from './finish-events';
import { initialReportedSince } from './finished-backups';
import type { MonitorClient } from './monitor-client';
import type { MonitorState } from './monitor-state';
import type { NasInventory } from './nas-inventory';
import { nextOverdue } from './overdue';
import {
  isAnyMissing,
  mayBeStarting,
  missingIds,
  needsComparison,
  type ComparisonStatus,
  type PollState,
  type ShownTasks,
  type SuccessfulPoll,
} from './poll-state';
import { Protections, type Judgement } from './protections';
import type { DeviceProtection } from './protection-types';
import { inSlices } from './slices';
import type { StorageWithVolume } from './storage-space';
import { completeTask, withSuccesses } from './task-completion';
import type { OverdueTasks } from './task-overdue';

/** The comparison of a poll with the stored state. */
export type Comparison =
  /** The list is the one compared last, and no deadline has passed. */
  | { readonly is: 'unneeded' }
  /** The log cannot be read now, or the stored state or the list is not available yet. `shown`: what is known all the same. */
  | { readonly is: 'failed'; readonly shown: ShownTasks | null }
  | {
      readonly is: 'done';
      readonly events: readonly NasEvent[];
      readonly stored: MonitorState;
      readonly status: Extract<ComparisonStatus, { is: 'current' }>;
      /** Whether nothing was stored of this NAS, so that `stored` is an initial state. */
      readonly isInitial: boolean;
    };

/** Data read for one poll. */
export interface PollReads {
  readonly comparison: Comparison;
  /** Backups whose failure reason was requested although the comparison did not find them. */
  readonly reasons: readonly Pick<Result, 'id' | 'startedAt' | 'reason'>[];
  /** Null while unknown. */
  readonly storages: readonly StorageWithVolume[] | null;
  /** Of all devices; null: unknown. */
  readonly protections: readonly DeviceProtection[] | null;
  /** Whether the tasks are overdue that follow the habit of their devices; empty while they are not judged. */
  readonly overdue: OverdueTasks;
}

/** Options of a {@link PollReader}. */
export interface PollReaderOptions {
  readonly client: MonitorClient;
  readonly inventory: NasInventory;
  readonly successes: LastSuccessReader;
  readonly outcomes: DeviceHistory;
  /** Address of the NAS. */
  readonly nas: string;
  /** Of the NAS node; 0: by the schedule of each task. */
  readonly overdueHours: number;
  /** Receives a line for the user: the log cannot be read. */
  readonly warn: (message: string) => void;
  /** Whether any snapshot listener needs devices, versions and failure reasons. */
  readonly hasSnapshotListeners: () => boolean;
}

/** A log that has long been unavailable is requested again after this time. */
const LOG_RETRY_MS = 15 * 60_000;
/** Failure reasons are requested for at most this many finished backups of one poll, the newest: each takes a request. */
const MAX_REASONS_PER_POLL = 100;
const TASK_SET_EVENTS: ReadonlySet<EventName> = new Set(['task_added', 'task_removed']);

/** Reads what a poll needs besides the task list: the log, the inventory and failure reasons. */
export class PollReader {
  readonly #options: PollReaderOptions;
  readonly #log: BackupLogReader;
  readonly #reasons: FailureReasons;
  readonly #memory = new ComparisonMemory();
  readonly #protections: Protections;
  /** Whether the last successes that only versions contain were read of all tasks since the start. */
  #areSuccessesRead = false;

  constructor(options: PollReaderOptions) {
    this.#options = options;
    this.#log = new BackupLogReader(options.client.jobsSince, options.warn);
    this.#protections = new Protections(options.outcomes);
    this.#reasons = new FailureReasons((result) => options.client.withReason(result));
  }

  /** Call when the monitor starts: everything is read again. */
  restart(): void {
    this.#options.inventory.restart();
    this.#options.outcomes.restart();
    this.#reasons.restart();
    this.#areSuccessesRead = false;
  }

  /** Call when the events of a complete comparison were delivered: the log is not read again until a task changes. */
  markProcessed(listing: TaskListing): void {
    this.#log.markProcessed(listing);
  }

  /** Compares a poll with the state, if necessary, and reads what is due; never rejects because of a failed request. */
  async read(state: PollState, poll: SuccessfulPoll): Promise<PollReads> {
    const { at } = poll;
    const { inventory } = this.#options;
    const compared: Comparison = needsComparison(state, poll) ? await this.#compare(state, poll) : { is: 'unneeded' };
    await Promise.all([
      this.#readInventory(at, compared.is === 'done' ? compared.events : []),
      this.#readOutcomes(poll, compared),
    ]);
    const comparison = this.#counted(compared, poll);
    if (comparison.is === 'failed')
      return {
        comparison,
        reasons: [],
        storages: inventory.storages,
        protections: state.protections,
        overdue: new Map(),
      };
    const stored = comparison.is === 'done' ? comparison.stored : state.stored;
    const needsReasons = stored !== null && this.#options.hasSnapshotListeners();
    const reasons = needsReasons ? await this.#reasons.readMissing(stored.tasks, at.getTime()) : [];
    const judged = stored && (await this.#judge(state, poll, addFailureReasons(stored.tasks, reasons)));
    const { protections = null, overdue = new Map() } = judged ?? {};
    return { comparison, reasons, storages: inventory.storages, protections, overdue };
  }

  /** With what the outcomes of the devices tell, once they were read: the bytes of the backups that have ended, and earlier failures. */
  #counted(comparison: Comparison, { tasks }: SuccessfulPoll): Comparison {
    if (comparison.is !== 'done') return comparison;
    const { outcomes } = this.#options;
    const counted = countTransferred(comparison.stored, comparison.events, outcomes.outcomes);
    return { ...comparison, stored: withEarlierFailures(counted, tasks, (id) => outcomes.recordOf(id)) };
  }

  async #compare(state: PollState, poll: SuccessfulPoll): Promise<Comparison> {
    const { nas } = this.#options;
    const { at, tasks } = poll;
    if (state.isStoredUnread) return this.#failed(poll, state, at.toISOString());
    const before = state.stored !== null && isStateOfNas(state.stored, nas, tasks) ? state.stored : null;
    if (before === null && mayBeStarting(state, poll)) return { is: 'failed', shown: null };
    const since = before?.endsSince ?? initialReportedSince(tasks, at);
    const log = await this.#log.results(poll, since, state.comparison.is === 'never');
    // An initial state without the log would report the past as new later.
    if (log === null && before === null)
      return this.#log.isUnavailable ? this.#failed(poll, state, since) : { is: 'failed', shown: null };
    if (log === null && !this.#log.isUnavailable) return { is: 'failed', shown: null };
    const data = this.#dataOf(poll, state, log);
    const found =
      before === null
        ? { events: [], after: await inSlices(initialStateInSteps(data, nas, since, this.#memory)) }
        : await inSlices(detectChangesInSteps({ ...before, nas }, data, this.#memory));
    return this.#withDetails(data, found, before === null);
  }

  /** A comparison that is not possible: the tasks are shown with the data of their own response. */
  #failed(poll: SuccessfulPoll, state: PollState, since: string): Comparison {
    const { tasks } = initialState(this.#dataOf(poll, state, null), this.#options.nas, since);
    return { is: 'failed', shown: { tasks: poll.tasks, listed: poll.tasks, stored: tasks } };
  }

  /** The last jobs of the tasks follow the log and replace equal ones: only they contain the transferred bytes. */
  #dataOf(
    { at, tasks, laterJobs }: SuccessfulPoll,
    { comparison }: PollState,
    log: readonly Result[] | null,
  ): PollData {
    const lastResults = tasks.map((task) => task.lastResult).filter((result) => result !== null);
    return {
      at,
      tasks,
      laterJobs,
      results: [...(log ?? []), ...lastResults, ...laterJobs.values()],
      isComplete: log !== null,
      late: comparison.is === 'never',
      overdueHours: this.#options.overdueHours,
    };
  }

  /** Adds failure reasons, and last successes that only the versions contain. */
  async #withDetails(data: PollData, found: Changes, isInitial: boolean): Promise<Comparison> {
    const { at, tasks, isComplete } = data;
    const events = await this.#withReasons(found.events);
    const results = events.map(({ result }) => result).filter((result) => result !== undefined);
    const listed = events.flatMap(({ task }) => task ?? []);
    // After a start no event shows which tasks lack a success, and one without would count as of the first poll.
    const successes = await this.#successesOf(at, this.#areSuccessesRead ? listed : tasks, found.after);
    const detailed = {
      ...found.after,
      tasks: withSuccesses(addFailureReasons(found.after.tasks, results), successes),
    };
    const { events: overdueEvents, after: stored } =
      successes.size === 0 ? { events: [], after: detailed } : detectOverdue(detailed, data, new Set(successes.keys()));
    const all = isInitial ? events : [...events, ...overdueEvents];
    return {
      is: 'done',
      events: all.map((event) => withCompletedTask(event, stored.tasks)),
      stored,
      status: { is: 'current', at: at.getTime(), nextAt: this.#nextAt(at, tasks, stored, isComplete), isComplete },
      isInitial,
    };
  }

  /** When the same list must be compared again (epoch ms): at the next poll while a stored task is missing. */
  #nextAt(at: Date, tasks: readonly Task[], stored: MonitorState, isComplete: boolean): number {
    const now = at.getTime();
    if (isAnyMissing(stored.tasks)) return now + 1;
    const overdueAt = nextOverdue(tasks, stored.tasks, this.#options.overdueHours, at, this.#memory.overdueTimes);
    return Math.min(
      overdueAt,
      plausibleAt(stored.tasks, at),
      isComplete && this.#areSuccessesRead ? Infinity : now + LOG_RETRY_MS,
    );
  }

  /** The events, with the reasons of the newest backups that failed or were partial. */
  #withReasons(events: readonly NasEvent[]): Promise<NasEvent[]> {
    const failed = events.filter(({ result }) => result?.status === 'failed' || result?.status === 'partial');
    const explained = new Set(failed.slice(-MAX_REASONS_PER_POLL));
    return Promise.all(
      events.map(async (event) => {
        const { result } = event;
        if (result === undefined || !explained.has(event)) return event;
        return { ...event, result: await this.#reasons.explain(result) };
      }),
    );
  }

  /** Last successes of these tasks that only versions contain; a list requested by a user reads them too. */
  async #successesOf(at: Date, tasks: readonly Task[], stored: MonitorState): Promise<ReadonlyMap<number, string>> {
    const { inventory, successes, hasSnapshotListeners } = this.#options;
    const isWatched = hasSnapshotListeners();
    if (isWatched && !this.#areSuccessesRead) await inventory.readVersions(at);
    const versions = isWatched ? inventory.allVersions : null;
    if (versions === null) {
      const read = await successes.read(at, tasks, stored);
      this.#areSuccessesRead ||= read.isComplete;
      return read.times;
    }
    this.#areSuccessesRead = true;
    const known = tasks.flatMap(({ id }) => {
      const success = versions.get(id)?.lastSuccessAt ?? null;
      const isUnknown = (stored.tasks[String(id)]?.lastSuccessAt ?? null) === null;
      return id !== null && success !== null && isUnknown ? [[id, success] as const] : [];
    });
    return new Map(known);
  }

  async #readOutcomes({ at, tasks }: SuccessfulPoll, comparison: Comparison): Promise<void> {
    if (comparison.is === 'failed') return;
    const { outcomes, nas } = this.#options;
    const [events, isInitial] = comparison.is === 'done' ? [comparison.events, comparison.isInitial] : [[], false];
    outcomes.use(nas, !isInitial);
    const ended = events.flatMap(({ event, result }) =>
      result !== undefined && BACKUP_FINISHED.has(event) ? result : [],
    );
    await outcomes.read({ at, tasks, ended });
  }

  #judge({ shownTasks }: PollState, { at, tasks }: SuccessfulPoll, stored: MonitorState['tasks']): Promise<Judgement> {
    const { overdueHours, inventory } = this.#options;
    const isShown = shownTasks?.listed === tasks && shownTasks.stored === stored;
    const all = isShown ? shownTasks.tasks : withMissingTasks(tasks, shownTasks, stored);
    return inSlices(this.#protections.update({ at, overdueHours, tasks: all, stored, devices: inventory.devices }));
  }

  async #readInventory(at: Date, events: readonly NasEvent[]): Promise<void> {
    const { inventory, hasSnapshotListeners } = this.#options;
    const includeDevices = hasSnapshotListeners();
    if (includeDevices && events.some(({ event }) => TASK_SET_EVENTS.has(event))) inventory.invalidate();
    const finished = events
      .filter(({ event }) => BACKUP_FINISHED.has(event))
      .map(({ result }) => result?.taskId ?? null);
    await inventory.read(at, includeDevices, finished);
  }
}

/** The listed tasks and those that are missing: a device is not unprotected because its task is, in a few responses. */
function withMissingTasks(
  listed: readonly Task[],
  shown: ShownTasks | null,
  stored: MonitorState['tasks'],
): readonly Task[] {
  const missing = new Set(missingIds(stored));
  const absent = missing.size === 0 ? [] : (shown?.tasks ?? []).filter(({ id }) => missing.has(String(id)));
  return absent.length === 0 ? listed : [...listed, ...absent];
}

/** The stored data of a removed task is gone; its event stays as it is. */
function withCompletedTask(event: NasEvent, stored: MonitorState['tasks']): NasEvent {
  const { task } = event;
  return task === undefined ? event : { ...event, task: completeTask(task, stored[String(task.id)]) };
}
