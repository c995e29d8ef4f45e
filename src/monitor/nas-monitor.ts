import { isDeepStrictEqual } from 'node:util';
import type { Result, Task, TaskListing } from '../active-backup/types';
import { initialState, detectChanges, isStateOfNas, rememberedTask, type PollData } from './change-detection';
import { FINISH_EVENTS, initialReportedSince, overlongRuns } from './finished-backups';
import { BackupLogReader } from './backup-log-reader';
import { Deliveries, type EventSubscription, type Report } from './deliveries';
import type { EventName, NasEvent } from './events';
import { FailureReasons } from './failure-reasons';
import type { MonitorState } from './monitor-state';
import type { StateStore } from './state-store';
import { isGone } from './missing-item-filter';
import { LatestOnlyQueue } from './latest-queue';
import { AvailabilityTracker } from './nas-availability';
import { nextOverdue, withOverdue } from './overdue';
import { failuresWithoutReason, addFailureReasons } from './backup-history';
import { SnapshotPublisher, type SnapshotListener } from './snapshot-publisher';
import { spaceEvents } from './storage-space';
import { allCompleted, completed, withSpeedOf, withSuccesses } from './task-completion';
import { TaskKnowledge } from './task-knowledge';
import { NasInventory, type InventoryClient } from './nas-inventory';
import type { PollResult, TaskPoller } from './poller';

/** What a feed asks of the NAS besides looking at its tasks. */
export interface MonitorClient extends InventoryClient {
  /** Backups of the log; rejects where there is no log. */
  readonly backupsSince: (since: Date) => Promise<Result[]>;
  /** A result with the reason of its failure; rejects when that cannot be read. */
  readonly withReason: <R extends Pick<Result, 'id' | 'status' | 'reason'>>(result: R) => Promise<R>;
}

/** How a feed works. */
export interface MonitorOptions {
  readonly watch: Pick<TaskPoller, 'subscribe'>;
  readonly source: MonitorClient;
  readonly store: StateStore;
  /** Address of the NAS: its memory is not to be taken for that of another. */
  readonly nas: string;
  /** Of the NAS node; 0: by the schedule of each task. */
  readonly overdueHours: number;
  /** Receives a line for a person: a bound was reached. */
  readonly warn?: (message: string) => void;
}

/** What a look brings to its listeners. */
type Findings = Pick<Report, 'outage' | 'news' | 'progress'>;

/** A look, and which one since the feed began. */
interface Numbered {
  readonly look: PollResult;
  readonly number: number;
}

/** What a comparison found. */
interface Compared {
  readonly events: readonly NasEvent[];
  readonly after: MonitorState;
  readonly isWhole: PollData['isWhole'];
  /** Whether nothing was known of this NAS before. */
  readonly isNew: boolean;
}

/** A log that has long been silent is asked again after a while. */
const LOG_RETRY_MS = 15 * 60_000;
/** Of so many tasks the reason of the last failure is asked for when somebody begins to observe. */
const MAX_REASONS = 20;
/** Of so many new ends of one look the reason is asked for, the newest: each is a request of its own. */
const EXPLAINED_ENDS = 100;
const FINISHED_EVENTS: ReadonlySet<EventName> = new Set(Object.values(FINISH_EVENTS));
const TASK_SET_EVENTS: ReadonlySet<EventName> = new Set(['task_added', 'task_removed']);

/**
 * Tells whoever listens what happens on one NAS, and shows whoever observes it what is known of it. Runs while anybody
 * does; what each listener has had is remembered, so that each of them gets each end of a backup once: across looks, lost
 * sessions, deploys and restarts.
 *
 * The events of a look are delivered, and the memory is saved when those who got them have had their turn. A process that
 * dies in between tells that one look's events again, as late ones; it never loses one.
 */
export class NasMonitor {
  readonly #options: MonitorOptions;
  readonly #deliveries: Deliveries;
  /** Looks are worked on one after the other: reading the log takes time. A rejection would be a fault of ours; it ends nothing. */
  readonly #polls = new LatestOnlyQueue<Numbered>((look) => this.#processPoll(look).catch(() => undefined));
  readonly #log: BackupLogReader;
  readonly #inventory: NasInventory;
  readonly #snapshots = new SnapshotPublisher();
  readonly #knowledge: TaskKnowledge;
  #unsubscribe: (() => void) | null = null;
  #lastPoll: Numbered | null = null;
  #count = 0;
  #memory: MonitorState | null = null;
  #isUnsaved = false;
  /** The polls (by number) that listed no task while nothing is known of this NAS. */
  readonly #emptyPolls = new Set<number>();
  #isFirst = true;
  /** Whether the last comparison had the log. */
  #isWhole = true;
  /** Whether there may be something to tell that has not been looked for. */
  #needsComparison = true;
  /** Whether ends of before may lack their reason, which only observers see. */
  #lacksReasons = true;
  readonly #reasons: FailureReasons;
  /** The tasks as they were listed last, also those that the last polls have left out, by id. */
  #lastListed: ReadonlyMap<string, Task> = new Map();
  /** When (epoch ms) the tasks were compared last. */
  #comparedAt = -Infinity;
  /** Runs that last so long that a person was told of it, by task and beginning. */
  #overlong: ReadonlySet<string> = new Set();
  #tasks: readonly Task[] | null = null;
  /** The storages of which everybody has been told what there is to tell. */
  #checkedStorages: NasInventory['storages'] = null;
  #availability = new AvailabilityTracker(null);
  /** When something may happen without any change on the NAS. */
  #compareAgainAt = Infinity;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const warn = options.warn ?? ((): undefined => undefined);
    this.#deliveries = new Deliveries(warn);
    this.#log = new BackupLogReader(options.source.backupsSince, warn);
    this.#inventory = new NasInventory(options.source);
    this.#reasons = new FailureReasons((result) => options.source.withReason(result));
    const { source, nas, overdueHours } = options;
    this.#knowledge = new TaskKnowledge({ source, nas, overdueHours, load: () => options.store.load() });
  }

  /** @returns its undo */
  onEvent(subscription: EventSubscription): () => void {
    const undo = this.#deliveries.subscribe(subscription, this.#count + 1);
    this.#join();
    return () => {
      undo();
      this.#leave();
    };
  }

  /** Keeps nothing more for a listener that will not come back: its node was deleted. */
  forget(id: string): void {
    if (this.#unsubscribe === null) this.#restore();
    this.#deliveries.forget(id);
    if (this.#memory === null) return;
    this.#memory = { ...this.#memory, ...this.#deliveries.state };
    this.#options.store.save(this.#memory);
  }

  /**
   * Reports a start or cancel that was refused to everybody who listens now. It is an answer to somebody and no state of
   * the NAS: nothing of it is kept, and nobody learns of it later.
   * @param why in words that follow the name of the task
   */
  reportRefusal(tasks: readonly Task[], why: NonNullable<NasEvent['error']>, at: Date): void {
    for (const task of tasks) {
      this.#deliveries.reportNow({ event: 'backup_refused', at: at.toISOString(), task, error: why, late: false });
    }
  }

  /**
   * Shows what is known of the NAS, once after every look, before the events of that look are told: also after a look that
   * failed or brought nothing new, with the very same parts then. Nothing is shown before the NAS has answered or is known
   * to be away. An observer that comes while the feed runs is shown the last look in a later turn (and the others are shown
   * it again): as soon as what only observers need has been read.
   * @param storageLowPercent a storage with less free space than this is low @returns its undo
   */
  onSnapshot(listener: SnapshotListener, storageLowPercent: number): () => void {
    const leave = this.#snapshots.subscribe(listener, storageLowPercent);
    this.#join();
    if (this.#lastPoll !== null) this.#polls.push(this.#lastPoll);
    return () => {
      leave();
      this.#leave();
    };
  }

  /** Lets the next poll read everything anew: storages, machines and versions too, which are read seldom. */
  expireReads(): void {
    this.#inventory.invalidate();
  }

  /**
   * Completes tasks that somebody has read, as an event or MQTT would show them now: whether each is overdue, its last
   * success, the reason of its last result, its speed. While nobody listens the NAS is asked for what that takes: its log
   * once, at most 20 reasons, and the versions of tasks whose last success nobody knows.
   * @param rows the tasks, or a row for each of their devices
   * @param tasks what the NAS says of the tasks of `rows`, where those are less than whole
   */
  async complete<T extends Task>(at: Date, rows: readonly T[], tasks: readonly Task[] = rows): Promise<T[]> {
    const running = this.#unsubscribe === null ? null : this.#memory;
    const known = await this.#knowledge.of(at, tasks, running);
    if (known === null) return withOverdue(rows, at, this.#options.overdueHours);
    if (running !== null && this.#memory !== null) this.#learn(known);
    return withSpeedOf(allCompleted(rows, known.tasks), this.#polled());
  }

  /** Completes tasks of the last poll with what is known already. */
  completeNow(tasks: readonly Task[]): Task[] {
    const memory = this.#unsubscribe === null ? this.#knowledge.memory : this.#memory;
    return allCompleted(tasks, memory?.tasks ?? {});
  }

  #polled(): readonly Task[] {
    return this.#unsubscribe === null ? [] : (this.#tasks ?? []);
  }

  /** What was read for a list, events and MQTT say too. */
  #learn({ tasks }: MonitorState): void {
    if (this.#memory === null) return;
    const ends = Object.values(tasks).flatMap(({ recent }) => recent);
    const missing = Object.entries(this.#memory.tasks).filter(([, { lastSuccessAt }]) => lastSuccessAt === null);
    const successes = missing.flatMap(([id]) => {
      const at = tasks[id]?.lastSuccessAt ?? null;
      return at === null ? [] : [[Number(id), at] as const];
    });
    const known = withSuccesses(addFailureReasons(this.#memory.tasks, ends), new Map(successes));
    if (!isDeepStrictEqual(known, this.#memory.tasks)) this.#remember({ ...this.#memory, tasks: known });
  }

  #join(): void {
    this.#checkedStorages = null; // the new limit may be another
    if (this.#unsubscribe === null) this.#start();
  }

  #leave(): void {
    if (this.#hasListeners()) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#save();
  }

  #start(): void {
    this.#isFirst = true;
    this.#needsComparison = true;
    this.#lacksReasons = true;
    this.#lastListed = new Map();
    this.#comparedAt = -Infinity;
    this.#emptyPolls.clear();
    this.#lastPoll = null;
    this.#tasks = null;
    this.#snapshots.reset();
    this.#inventory.invalidate();
    this.#restore();
    this.#unsubscribe = this.#options.watch.subscribe((look) => {
      this.#count += 1;
      this.#lastPoll = { look, number: this.#count };
      this.#availability.record(look);
      this.#polls.push(this.#lastPoll);
    });
  }

  /** @returns whether it could be read, if there is any */
  #restore(): boolean {
    this.#memory = this.#options.store.load();
    this.#deliveries.restore(this.#memory);
    this.#availability = new AvailabilityTracker(this.#memory?.offlineSince ?? null);
    return this.#options.store.isUnread !== true;
  }

  /** Whether nobody knows what was before, so that nothing can be called new: the file may be readable at the next poll. */
  #isMemoryUnknown(): boolean {
    if (this.#options.store.isUnread !== true) return false;
    const { since } = this.#availability; // what was reported meanwhile still holds
    const isKnown = this.#restore();
    if (since !== null) this.#availability = new AvailabilityTracker(since);
    return !isKnown;
  }

  #hasListeners(): boolean {
    return this.#deliveries.hasSubscribers || this.#snapshots.hasListeners;
  }

  async #processPoll({ look, number }: Numbered): Promise<void> {
    if (!this.#hasListeners()) return;
    this.#snapshots.beginPoll();
    if ('tasks' in look) await this.#succeeded(look.at, number, look);
    else
      this.#publish(
        look.at,
        number,
        { outage: this.#availability.offlineEvents(), news: null, progress: [] },
        this.#memory,
      );
  }

  async #succeeded(at: Date, number: number, { tasks, laterJobs }: TaskListing): Promise<void> {
    const changed = tasks !== this.#tasks;
    this.#tasks = tasks;
    // Kept until the comparison has succeeded: the next look may be the same as this one.
    this.#needsComparison ||= changed || this.#mustCompareAgain(at.getTime());
    const compared = this.#needsComparison ? await this.#compare(at, number, { tasks, laterJobs }) : null;
    const events = compared?.events ?? [];
    await this.#readInventory(at, events);
    let memory = compared?.after ?? this.#memory;
    const isKnown = compared !== null || !this.#needsComparison;
    if (isKnown) memory = await this.#fetchFailureReasons(at, memory);
    if (!this.#hasListeners()) return; // nobody would hear it, but it would count as told
    const outage = this.#availability.onlineEvents(at);
    let running: NasEvent[] = [];
    if (compared !== null) this.#markCompared(at, tasks, compared);
    if (isKnown && memory !== null) {
      if (changed) running = progress(at, tasks, memory);
      const low = this.#lowOfObservers(memory.low);
      if (low !== memory.low) memory = { ...memory, low };
      this.#snapshots.setTasks(this.#withMissing(tasks, memory.tasks), memory.tasks);
    }
    this.#publish(at, number, { outage, news: isKnown && memory !== null ? events : null, progress: running }, memory);
  }

  /** Whether time has brought something to compare: a task is due or missing, or the clock was set back. */
  #mustCompareAgain(now: number): boolean {
    const isMissing = Object.values(this.#memory?.tasks ?? {}).some(({ missedPolls }) => missedPolls > 0);
    return now >= this.#compareAgainAt || now < this.#comparedAt || (isMissing && now !== this.#comparedAt);
  }

  /** The listed tasks, then those that are missing but not gone: as they were listed last, else as they are remembered. */
  #withMissing(tasks: readonly Task[], memories: MonitorState['tasks']): readonly Task[] {
    const missing = Object.entries(memories).filter(([, { missedPolls }]) => missedPolls > 0);
    const kept = missing.map(([id, memory]) => this.#lastListed.get(id) ?? rememberedTask(id, memory));
    const all = kept.length === 0 ? tasks : [...tasks, ...kept];
    this.#lastListed = new Map(all.map((task) => [String(task.id), task]));
    return all;
  }

  /**
   * Whether a NAS of which nothing is known may still be starting: it lists no task, and has not done so often enough. A
   * baseline of that would take all its tasks for new ones later, and its memory under another address for lost.
   */
  #mayBeStarting(number: number, tasks: readonly Task[]): boolean {
    if (tasks.length > 0) this.#emptyPolls.clear();
    else this.#emptyPolls.add(number);
    return tasks.length === 0 && !isGone(this.#emptyPolls.size);
  }

  /** @returns null when the log does not answer now, or nothing can be said yet: the next look is compared in its place */
  async #compare(at: Date, number: number, { tasks, laterJobs }: TaskListing): Promise<Compared | null> {
    const { nas, overdueHours } = this.#options;
    const late = this.#isFirst;
    const lastResults = tasks.map((task) => task.lastResult).filter((result) => result !== null);
    if (this.#isMemoryUnknown()) {
      const alone = { at, tasks, laterJobs, results: lastResults, isWhole: false, late, overdueHours };
      this.#snapshots.setTasks(tasks, initialState(alone, nas, at.toISOString()).tasks);
      return null;
    }
    const before = this.#memory !== null && isStateOfNas(this.#memory, nas, tasks) ? this.#memory : null;
    if (before === null && this.#mayBeStarting(number, tasks)) return null;
    const since = before?.endsSince ?? initialReportedSince(tasks, at);
    const log = await this.#log.results(tasks, since, late);
    // The tasks' own come last and so win: of the same result they know the bytes, which the log leaves out.
    const results = [...(log ?? []), ...lastResults];
    const snapshot = { at, tasks, laterJobs, results, isWhole: log !== null, late, overdueHours };
    if (log === null && (before === null || !this.#log.isUnavailable)) {
      // Without it a baseline would take the past for news later; what the tasks tell of themselves can be shown.
      if (before === null && this.#log.isUnavailable)
        this.#snapshots.setTasks(tasks, initialState(snapshot, nas, since).tasks);
      return null;
    }
    const isNew = before === null;
    const found =
      before === null
        ? { events: [], after: initialState(snapshot, nas, since) }
        : detectChanges({ ...before, nas }, snapshot);
    const events = await withReason(found.events, this.#reasons);
    const ends = events.map(({ result }) => result).filter((result) => result !== undefined);
    const successes = await this.#successesOf(at, events, found.after);
    const after = { ...found.after, tasks: withSuccesses(addFailureReasons(found.after.tasks, ends), successes) };
    return {
      events: events.map((event) => withCompletedTask(event, after.tasks)),
      after,
      isWhole: log !== null,
      isNew,
    };
  }

  /** Last successes of the tasks of these events that only versions tell: a list reads them too, and is to say the same. */
  async #successesOf(at: Date, events: readonly NasEvent[], memory: MonitorState): Promise<Map<number, string>> {
    const tasks = events.flatMap(({ task }) => (task === undefined ? [] : [task]));
    const { versions } = this.#inventory;
    if (!this.#snapshots.hasListeners || versions === null) return this.#knowledge.successes(at, tasks, memory);
    const known = tasks.flatMap(({ id }) => {
      const success = versions.get(id)?.lastSuccessAt ?? null;
      const isUnknown = (memory.tasks[String(id)]?.lastSuccessAt ?? null) === null;
      return id !== null && success !== null && isUnknown ? [[id, success] as const] : [];
    });
    return new Map(known);
  }

  /** What was found is about to be told. */
  #markCompared(at: Date, tasks: readonly Task[], { after, isWhole, isNew }: Compared): void {
    if (isNew) this.#deliveries.restore(null);
    this.#warnOfOverlongRuns(at, after);
    this.#isFirst = false;
    this.#isWhole = isWhole;
    this.#needsComparison = false;
    this.#comparedAt = at.getTime();
    if (isWhole) this.#log.markProcessed(tasks);
    this.#compareAgainAt = Math.min(
      nextOverdue(tasks, after.tasks, this.#options.overdueHours, at),
      isWhole ? Infinity : at.getTime() + LOG_RETRY_MS,
    );
  }

  /** Of each such run once. */
  #warnOfOverlongRuns(at: Date, { tasks }: MonitorState): void {
    const runs = overlongRuns(Object.values(tasks), at);
    const told = this.#overlong;
    this.#overlong = new Set(runs.map(({ uuid, name, activeSince }) => `${uuid ?? name ?? ''} ${activeSince ?? ''}`));
    if ([...this.#overlong].every((run) => told.has(run))) return;
    const list = runs.map(({ name, activeSince }) => `"${name ?? ''}" (since ${activeSince ?? ''})`).join(', ');
    this.#options.warn?.(
      `Runs that last for days do not keep the log open any more; the task itself tells their end: ${list}`,
    );
  }

  async #readInventory(at: Date, events: readonly NasEvent[]): Promise<void> {
    const isObserved = this.#snapshots.hasListeners;
    if (isObserved && events.some(({ event }) => TASK_SET_EVENTS.has(event))) this.#inventory.invalidate();
    const ended = events.filter(({ event }) => FINISHED_EVENTS.has(event)).map(({ result }) => result?.taskId ?? null);
    await this.#inventory.read(at, isObserved, ended);
  }

  /** While anybody observes: first the reasons of the newest failures of before, then those that could not be read. */
  async #fetchFailureReasons(at: Date, memory: MonitorState | null): Promise<MonitorState | null> {
    if (memory === null || !this.#snapshots.hasListeners) return memory;
    const isFirst = this.#lacksReasons;
    this.#lacksReasons = false;
    const ends = failuresWithoutReason(memory.tasks, isFirst ? MAX_REASONS : Infinity);
    const known = isFirst
      ? await Promise.all(ends.map((end) => this.#reasons.explain(end)))
      : await this.#reasons.retry(ends, at.getTime());
    return known.length === 0 ? memory : { ...memory, tasks: addFailureReasons(memory.tasks, known) };
  }

  /** The storages that are low by the limits of those who observe. */
  #lowOfObservers(before: readonly string[]): readonly string[] {
    const { storages } = this.#inventory;
    if (storages === null || storages === this.#checkedStorages) return before;
    const low = this.#snapshots.limits.reduce((all, percent) => spaceEvents(storages, all, percent).low, before);
    return isDeepStrictEqual(low, before) ? before : low;
  }

  /** @param memory null: there is none yet */
  #publish(at: Date, poll: number, found: Findings, memory: MonitorState | null): void {
    const offlineSince = this.#availability.since;
    const online = offlineSince === null;
    if (this.#tasks !== null || !online) {
      this.#snapshots.emit({ at: at.toISOString(), online }, this.#inventory, memory?.low);
    }
    this.#deliveries.report({ at, poll, ...found, isWhole: this.#isWhole, tasks: this.#tasksOf(memory) });
    const { storages } = this.#inventory;
    if (found.news !== null && storages !== null && storages !== this.#checkedStorages) {
      if (this.#deliveries.reportStorages(at, storages)) this.#checkedStorages = storages;
    }
    if (memory !== null) this.#remember({ ...memory, offlineSince });
  }

  /** The tasks as they are told of. */
  #tasksOf(memory: MonitorState | null): Task[] | null {
    if (this.#tasks === null) return null;
    return allCompleted(this.#tasks, memory?.tasks ?? {});
  }

  #remember(memory: MonitorState): void {
    const after = { ...memory, ...this.#deliveries.state };
    const before = this.#memory;
    this.#memory = after;
    if (isDeepStrictEqual(before, after)) return; // cheap: parts that have not changed are the same objects
    this.#isUnsaved = true;
    // Node-RED hands a message on in a later turn: saved before, a process that dies in between would lose it.
    setImmediate(() => {
      this.#save();
    });
  }

  #save(): void {
    if (!this.#isUnsaved || this.#memory === null) return;
    this.#isUnsaved = false;
    this.#options.store.save(this.#memory);
  }
}

/** Of a task that is gone nothing is remembered any more; it stays as it is. */
function withCompletedTask(event: NasEvent, memories: MonitorState['tasks']): NasEvent {
  const { task } = event;
  return task === undefined ? event : { ...event, task: completed(task, memories[String(task.id)]) };
}

/** The events, with the reasons of the newest ends that did not succeed. */
function withReason(events: readonly NasEvent[], reasons: Pick<FailureReasons, 'explain'>): Promise<NasEvent[]> {
  const failed = events.filter(({ result }) => result?.status === 'failed' || result?.status === 'partial');
  const asked = new Set(failed.slice(-EXPLAINED_ENDS));
  return Promise.all(
    events.map(async (event) => {
      const { result } = event;
      return result === undefined || !asked.has(event) ? event : { ...event, result: await reasons.explain(result) };
    }),
  );
}

function progress(at: Date, tasks: readonly Task[], { tasks: memories }: MonitorState): NasEvent[] {
  const active = tasks.filter(({ state }) => state !== 'idle');
  return active.map((raw) => {
    const task = completed(raw, memories[String(raw.id)]);
    return { event: 'backup_progress', at: at.toISOString(), task, late: false };
  });
}
