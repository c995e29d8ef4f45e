import type { Result, Task } from '../active-backup/types';
import type { DsmError, ErrorCode } from '../dsm/errors';
import { baseline, diff, isOf } from './diff';
import { firstEndsSince } from './ends';
import type { NasEvent } from './events';
import { differ, marksOf, type Marks } from './marks';
import type { Memory } from './memory';
import type { MemoryStore } from './memory-store';
import { Newest } from './newest';
import { overdueAt } from './overdue';
import { storageEvents, type StorageSnapshot } from './storage-rule';
import type { Look, Watch } from './watch';

/** What a feed asks of the NAS besides looking at its tasks. */
export interface FeedSource {
  /** Backups of the log; rejects where there is no log. */
  readonly backupsSince: (since: Date) => Promise<Result[]>;
  /** A result with the reason of its failure. */
  readonly explained: (result: Result) => Promise<Result>;
  readonly storages: () => Promise<readonly StorageSnapshot[]>;
}

/** How a feed works. */
export interface FeedOptions {
  readonly watch: Pick<Watch, 'subscribe'>;
  readonly source: FeedSource;
  readonly store: MemoryStore;
  /** Address of the NAS: its memory is not to be taken for that of another. */
  readonly nas: string;
  /** Of the NAS node; 0: by the schedule of each task. */
  readonly overdueHours: number;
}

/** Hears of everything that happened, in order; must not throw. */
export type EventListener = (event: NasEvent) => void;

/** Free space changes slowly, and listing it is slow on some NASes. */
const STORAGE_MS = 15 * 60_000;
/** A NAS that answers so has no log for us. */
const WITHOUT_LOG: ReadonlySet<ErrorCode> = new Set(['EPACKAGE', 'EUNSUPPORTED', 'EPERMISSION', 'EPARAM', 'EABB']);
/** A log that does not answer so often in a row is done without, and asked again after a while. */
const LOG_TRIES = 3;
const LOG_RETRY_MS = 15 * 60_000;
/** One failed look may be chance. */
const LOOKS_UNTIL_OFFLINE = 2;

/**
 * Tells whoever listens what happens on one NAS. Runs while anybody listens; what it has told is remembered, so that each
 * end of a backup is told once: across looks, lost sessions and restarts.
 *
 * The events of a look are told, and remembered when those who were told have had their turn. A process that dies in
 * between tells that one look's events again, as late ones; it never loses one.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #seats = new Set<{ listener: EventListener; storageLowPercent: number }>();
  /** Looks are worked on one after the other: reading the log takes time. A rejection would be a fault of ours; it ends nothing. */
  readonly #looks = new Newest<Look>((look) => this.#take(look).catch(() => undefined));
  #unsubscribe: (() => void) | null = null;
  #memory: Memory | null = null;
  #isUnsaved = false;
  #isFirst = true;
  /** Whether there may be something to tell that has not been looked for. */
  #isNews = true;
  #tasks: readonly Task[] | null = null;
  #marks: Marks = new Map();
  #logFailures = 0;
  /** Since when looks have failed, and how many; null while they succeed. */
  #failing: { since: Date; looks: number; error: DsmError } | null = null;
  /** Since when the NAS has been away, if that was told; else null. */
  #offlineSince: string | null = null;
  #storagesReadAt = -Infinity;
  /** When something may happen without any change on the NAS. */
  #compareAgainAt = Infinity;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** @param storageLowPercent a storage with less free space than this is low @returns its undo */
  subscribe(listener: EventListener, storageLowPercent: number): () => void {
    const seat = { listener, storageLowPercent };
    this.#seats.add(seat);
    this.#storagesReadAt = -Infinity; // its limit may be another
    if (this.#unsubscribe === null) this.#start();
    return () => {
      this.#seats.delete(seat);
      if (this.#seats.size > 0) return;
      this.#unsubscribe?.();
      this.#unsubscribe = null;
      this.#save();
    };
  }

  #start(): void {
    this.#isFirst = true;
    this.#isNews = true;
    this.#tasks = null;
    this.#failing = null;
    this.#memory = this.#options.store.load();
    this.#offlineSince = this.#memory?.offlineSince ?? null;
    this.#unsubscribe = this.#options.watch.subscribe((look) => {
      this.#count(look);
      this.#looks.push(look);
    });
  }

  #count(look: Look): void {
    if ('tasks' in look) this.#failing = null;
    else
      this.#failing = {
        since: this.#failing?.since ?? look.at,
        looks: (this.#failing?.looks ?? 0) + 1,
        error: look.error,
      };
  }

  #isHeard(): boolean {
    return this.#seats.size > 0;
  }

  async #take(look: Look): Promise<void> {
    if (!this.#isHeard()) return;
    if ('tasks' in look) await this.#succeeded(look.at, look.tasks);
    else this.#failed();
  }

  #failed(): void {
    if (this.#failing === null || this.#failing.looks < LOOKS_UNTIL_OFFLINE || this.#offlineSince !== null) return;
    const { since, error } = this.#failing;
    const at = since.toISOString();
    this.#offlineSince = at;
    const why = { code: error.code, message: error.message };
    this.#tell(
      [{ event: 'nas_offline', at, error: why, late: false }],
      this.#memory && { ...this.#memory, offlineSince: at },
    );
  }

  async #succeeded(at: Date, tasks: readonly Task[]): Promise<void> {
    if (this.#offlineSince !== null) this.#backOnline(at, this.#offlineSince);
    const changed = tasks !== this.#tasks;
    this.#tasks = tasks;
    // Kept until the comparison has succeeded: the next look may be the same as this one.
    this.#isNews ||= changed || at.getTime() >= this.#compareAgainAt;
    if (this.#isNews) await this.#compare(at, tasks);
    if (changed) this.#progress(at, tasks);
    if (at.getTime() - this.#storagesReadAt >= STORAGE_MS) await this.#lookAtStorages(at);
  }

  #backOnline(at: Date, offlineSince: string): void {
    const outageSeconds = Math.round((at.getTime() - Date.parse(offlineSince)) / 1000);
    const event: NasEvent = { event: 'nas_online', at: at.toISOString(), outageSeconds, late: false };
    this.#offlineSince = null;
    this.#tell([event], this.#memory && { ...this.#memory, offlineSince: null });
  }

  async #compare(at: Date, tasks: readonly Task[]): Promise<void> {
    const { nas, overdueHours } = this.#options;
    const late = this.#isFirst;
    const before = this.#memory !== null && isOf(this.#memory, nas, tasks) ? this.#memory : null;
    const since = before?.endsSince ?? firstEndsSince(tasks, at);
    const marks = marksOf(tasks);
    const log = late || differ(marks, this.#marks) ? await this.#readLog(since, before === null) : [];
    const lastResults = tasks.map((task) => task.lastResult).filter((result) => result !== null);
    // The tasks' own come last and so win: of the same result they know the bytes, which the log leaves out.
    const results = [...(log ?? []), ...lastResults];
    const snapshot = { at, tasks, results, isWhole: log !== null, late, overdueHours };
    const { events, after } =
      before === null ? { events: [], after: baseline(snapshot, nas, since) } : diff({ ...before, nas }, snapshot);
    const explained = await Promise.all(events.map((event) => this.#explained(event)));
    if (!this.#isHeard()) return; // nobody would hear it, but it would count as told
    this.#tell(explained, after);
    this.#isFirst = false;
    this.#isNews = false;
    if (log !== null) this.#marks = marks;
    this.#compareAgainAt = Math.min(
      this.#nextOverdue(tasks, at),
      log === null ? at.getTime() + LOG_RETRY_MS : Infinity,
    );
  }

  /**
   * Where there is no log, the tasks' last results have to do. A log that does not answer now is asked again.
   * @returns null when it has not answered for long: the ends in it stay to be told
   */
  async #readLog(since: string, isBaseline: boolean): Promise<Result[] | null> {
    try {
      const results = await this.#options.source.backupsSince(new Date(since));
      this.#logFailures = 0;
      return results;
    } catch (error) {
      if (WITHOUT_LOG.has((error as DsmError).code)) return [];
      this.#logFailures += 1;
      // Without it a baseline would take the past for news later.
      if (isBaseline || this.#logFailures < LOG_TRIES) throw error;
      return null;
    }
  }

  async #explained(event: NasEvent): Promise<NasEvent> {
    const { result } = event;
    if (result === undefined) return event;
    return { ...event, result: await this.#options.source.explained(result) };
  }

  /** The next moment at which a task becomes overdue by itself, without any change on the NAS. */
  #nextOverdue(tasks: readonly Task[], at: Date): number {
    const { overdueHours } = this.#options;
    const times = tasks.map((task) => {
      const since = this.#memory?.tasks[String(task.id)]?.since ?? null;
      return overdueAt(task, since, overdueHours) ?? Infinity;
    });
    return Math.min(Infinity, ...times.filter((time) => time > at.getTime()));
  }

  #progress(at: Date, tasks: readonly Task[]): void {
    for (const task of tasks.filter(({ state }) => state !== 'idle')) {
      const overdue = this.#memory?.tasks[String(task.id)]?.overdue ?? null;
      this.#send({ event: 'backup_progress', at: at.toISOString(), task: { ...task, overdue }, late: false });
    }
  }

  async #lookAtStorages(at: Date): Promise<void> {
    this.#storagesReadAt = at.getTime(); // also when it fails: a NAS that refuses is not asked at every look
    const storages = await this.#options.source.storages().catch(() => null);
    const memory = this.#memory;
    if (storages === null || memory === null || !this.#isHeard()) return;
    let { low } = memory;
    for (const percent of new Set([...this.#seats].map((seat) => seat.storageLowPercent))) {
      const found = storageEvents(storages, low, percent);
      low = found.low;
      for (const event of found.events) {
        this.#send({ ...event, at: at.toISOString(), late: false }, (seat) => seat.storageLowPercent === percent);
      }
    }
    this.#tell([], { ...memory, low });
  }

  /** @param after null: there is no memory yet */
  #tell(events: readonly NasEvent[], after: Memory | null): void {
    for (const event of events) this.#send(event);
    const isSame = JSON.stringify(this.#memory) === JSON.stringify(after);
    this.#memory = after;
    if (isSame || after === null) return;
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

  #send(event: NasEvent, toWhom: (seat: { storageLowPercent: number }) => boolean = () => true): void {
    for (const seat of [...this.#seats]) if (toWhom(seat)) seat.listener(event);
  }
}
