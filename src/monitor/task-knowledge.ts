import { isDeepStrictEqual } from 'node:util';
import type { Result, Task } from '../active-backup/types';
import { initialState, detectChanges, isStateOfNas } from './change-detection';
import { initialReportedSince } from './finished-backups';
import { BackupLogReader } from './backup-log-reader';
import { backupKey, type MonitorState } from './monitor-state';
import { withOverdue } from './overdue';
import { failuresWithoutReason, addFailureReasons } from './backup-history';
import type { InventoryClient } from './nas-inventory';
import { withSuccesses } from './task-completion';

/** What is asked of the NAS to complete a list of tasks. */
export interface TaskKnowledgeSource extends Pick<InventoryClient, 'versions'> {
  /** Backups of the log; rejects where there is no log. */
  readonly backupsSince: (since: Date) => Promise<Result[]>;
  /** A result with the reason of its failure. */
  readonly withReason: <R extends Pick<Result, 'id' | 'status' | 'reason'>>(result: R) => Promise<R>;
}

/** What a knowledge works with. */
export interface TaskKnowledgeOptions {
  readonly source: TaskKnowledgeSource;
  /** Address of the NAS. */
  readonly nas: string;
  readonly overdueHours: number;
  /** What the monitor kept when it last ran; null: nothing. */
  readonly load: () => MonitorState | null;
}

/** So many reasons, and versions of so many tasks, are read for one list. */
const MOST_REASONS = 20;
/** Of more tasks than these, one answer for all is less work for the NAS. */
const SINGLE_TASKS = 5;
/** What the NAS had no answer to is asked again after this. */
const RETRY_MS = 60_000;
/** A log that did not answer is asked again after this: lists that come meanwhile do not each wait for it. */
const LOG_RETRY_MS = 5000;
/** What is known of the same tasks lasts so long, so that many lists at once are compared once. */
const FRESH_MS = 1000;
/** Lists that wait to be completed; a further one gets what is known already. */
const MOST_WAITING = 1000;

/**
 * What is known of the tasks of one NAS besides their own answer, for lists that somebody asks for. While the monitor runs
 * its memory is the start; else that of its last run, brought up to date by the log as the monitor itself would do it. What
 * is read for one list is kept for the next, in memory alone.
 */
export class TaskKnowledge {
  readonly #options: TaskKnowledgeOptions;
  readonly #log: BackupLogReader;
  #memory: MonitorState | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** What the last list was completed with. */
  #latest: { at: Date; tasks: readonly Task[]; running: MonitorState | null; known: MonitorState } | null = null;
  /** When the log did not answer (epoch ms). */
  #logFailedAt = -Infinity;
  /** Ends and tasks the NAS had nothing more to say of, and when it was asked (epoch ms). */
  readonly #asked = new Map<string, number>();

  constructor(options: TaskKnowledgeOptions) {
    this.#options = options;
    this.#log = new BackupLogReader(options.source.backupsSince);
  }

  /**
   * The memory that the monitor would have after a poll with these tasks, with reasons and last successes filled in.
   * @param running the memory of the monitor while it runs, else null
   * @returns null when the log does not answer, so that only the tasks' own answers are known,
   * or too many lists wait for it and nothing is known yet
   */
  async of(at: Date, tasks: readonly Task[], running: MonitorState | null): Promise<MonitorState | null> {
    if (this.#waiting >= MOST_WAITING) return running ?? this.#memory;
    this.#waiting += 1;
    // One after the other: what is read for one list is there for the next.
    const known = this.#last.then(() => this.#latestOf(at, tasks, running) ?? this.#read(at, tasks, running));
    this.#last = known.catch(() => null);
    try {
      return await known;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** What is known now, without asking the NAS; null: nothing. */
  get memory(): MonitorState | null {
    return this.#memory;
  }

  #latestOf(at: Date, tasks: readonly Task[], running: MonitorState | null): MonitorState | null {
    const latest = this.#latest;
    if (latest?.running !== running || Math.abs(at.getTime() - latest.at.getTime()) >= FRESH_MS) return null;
    return isDeepStrictEqual(latest.tasks, tasks) ? latest.known : null;
  }

  async #read(at: Date, tasks: readonly Task[], running: MonitorState | null): Promise<MonitorState | null> {
    const memory = running === null ? await this.#upToDate(at, tasks) : this.#compared(at, tasks, running, []);
    if (memory === null) return null;
    const reasons = await this.#reasons(at, tasks, memory);
    const successes = await this.successes(at, tasks, memory);
    const known = { ...memory, tasks: withSuccesses(addFailureReasons(memory.tasks, reasons), successes) };
    if (running !== null) return this.#remember(at, tasks, running, known);
    // What a version tells of the last success decides whether the task is overdue.
    this.#memory = successes.size === 0 ? known : this.#compared(at, tasks, known, []);
    return this.#remember(at, tasks, running, this.#memory);
  }

  #remember(at: Date, tasks: readonly Task[], running: MonitorState | null, known: MonitorState): MonitorState {
    this.#latest = { at, tasks, running, known };
    return known;
  }

  async #upToDate(at: Date, tasks: readonly Task[]): Promise<MonitorState | null> {
    if (Math.abs(at.getTime() - this.#logFailedAt) < LOG_RETRY_MS) return null;
    const { nas, load } = this.#options;
    const kept = this.#memory ?? load();
    const before = kept !== null && isStateOfNas(kept, nas, tasks) ? kept : null;
    const since = before?.endsSince ?? initialReportedSince(tasks, at);
    const log = await this.#log.results(tasks, since, this.#memory === null);
    this.#logFailedAt = log === null ? at.getTime() : -Infinity;
    if (log === null) return null;
    this.#log.markProcessed(tasks);
    return this.#compared(at, tasks, before, log, since);
  }

  /** @param before null: nothing is known yet */
  #compared(
    at: Date,
    tasks: readonly Task[],
    before: MonitorState | null,
    log: readonly Result[],
    since = '',
  ): MonitorState {
    const { nas, overdueHours } = this.#options;
    const own = tasks.map(({ lastResult }) => lastResult).filter((result) => result !== null);
    const results = [...log, ...own];
    const snapshot = { at, tasks, laterJobs: null, results, isWhole: true, late: false, overdueHours };
    if (before === null) return withoutGuesses(initialState(snapshot, nas, since), tasks, at, overdueHours);
    const { after } = detectChanges({ ...before, nas }, snapshot);
    // A list may be a part of all tasks: what it leaves out is still known.
    return { ...after, tasks: { ...before.tasks, ...after.tasks } };
  }

  #reasons(
    at: Date,
    tasks: readonly Task[],
    memory: MonitorState,
  ): Promise<Pick<Result, 'id' | 'startedAt' | 'reason'>[]> {
    const listed = Object.fromEntries(
      tasks.flatMap(({ id }) => {
        const known = memory.tasks[String(id)];
        return known === undefined ? [] : [[String(id), known]];
      }),
    );
    const ends = failuresWithoutReason(listed, MOST_REASONS).filter((end) => this.#isDue(backupKey(end), at));
    return Promise.all(ends.map((end) => this.#options.source.withReason(end).catch(() => end)));
  }

  /**
   * Last successes by task id, from the versions of tasks that have run but whose success nobody knows. A task of which the
   * NAS has just been asked, for a list or for the monitor, is left out.
   */
  async successes(at: Date, tasks: readonly Task[], memory: MonitorState): Promise<Map<number, string>> {
    const { versions } = this.#options.source;
    const ids = tasks.flatMap(({ id, lastResult, lastSuccessAt }) => {
      const known = memory.tasks[String(id)]?.lastSuccessAt ?? lastSuccessAt;
      return id !== null && known === null && lastResult !== null && this.#isDue(`task ${id}`, at) ? [id] : [];
    });
    const asked = new Set(ids);
    if (asked.size === 0) return new Map();
    const read = asked.size > SINGLE_TASKS ? [versions()] : [...asked].map((id) => versions(id));
    const answers = await Promise.all(read.map((answer) => answer.catch(() => [])));
    return new Map(
      answers.flat().flatMap(({ id, lastSuccessAt }) => {
        return id !== null && asked.has(id) && lastSuccessAt !== null ? [[id, lastSuccessAt] as const] : [];
      }),
    );
  }

  /** Whether something may be asked of the NAS, which has had no answer to it for a while; notes that it is asked. */
  #isDue(what: string, at: Date): boolean {
    const now = at.getTime();
    if (Math.abs(now - (this.#asked.get(what) ?? -Infinity)) < RETRY_MS) return false;
    this.#asked.delete(what);
    this.#asked.set(what, now);
    for (const old of [...this.#asked.keys()].slice(0, Math.max(0, this.#asked.size - 1000))) this.#asked.delete(old);
    return true;
  }
}

/** A task seen for the first time counts from now on; whether it was overdue before, only a known success tells. */
function withoutGuesses(memory: MonitorState, tasks: readonly Task[], at: Date, overdueHours: number): MonitorState {
  const guessed = tasks.filter(({ id }) => (memory.tasks[String(id)]?.lastSuccessAt ?? null) === null);
  const told = withOverdue(guessed, at, overdueHours).flatMap(({ id, overdue }) => {
    const known = memory.tasks[String(id)];
    return known === undefined ? [] : [[String(id), { ...known, overdue }] as const];
  });
  return { ...memory, tasks: { ...memory.tasks, ...Object.fromEntries(told) } };
}
