import type { Result, Task } from '../active-backup/types';
import { baseline, diff, isOf, type Snapshot } from './diff';
import { END_EVENTS, firstEndsSince } from './ends';
import { EndsLog } from './ends-log';
import type { EventName, NasEvent } from './events';
import type { Memory } from './memory';
import type { MemoryStore } from './memory-store';
import { Newest } from './newest';
import { Outage } from './outage';
import { nextOverdue } from './overdue';
import { unexplained, withReasons } from './past';
import { Portrait, type PictureListener } from './portrait';
import { storageEvents } from './storage-rule';
import { Surroundings, type SurroundingsSource } from './surroundings';
import type { Look, Watch } from './watch';

/** What a feed asks of the NAS besides looking at its tasks. */
export interface FeedSource extends SurroundingsSource {
  /** Backups of the log; rejects where there is no log. */
  readonly backupsSince: (since: Date) => Promise<Result[]>;
  /** A result with the reason of its failure. */
  readonly explained: <R extends Pick<Result, 'id' | 'status' | 'reason'>>(result: R) => Promise<R>;
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

/** Receives everything that happens on a NAS, in order. */
export interface EventSubscription {
  /** Tells the listener from all others, the same over deploys and restarts: the id of its node. */
  readonly id: string;
  /** A storage with less free space than this is low. */
  readonly storageLowPercent: number;
  /** An event counts as delivered when this has returned. */
  readonly onEvent: (event: NasEvent) => void;
}

/** An event, and who hears it: those with this limit, or everybody. */
interface Telling {
  readonly event: NasEvent;
  readonly storageLowPercent?: number;
}

/** What a comparison found. */
interface Compared {
  readonly events: readonly NasEvent[];
  readonly after: Memory;
  readonly isWhole: Snapshot['isWhole'];
}

/** A log that has long been silent is asked again after a while. */
const LOG_RETRY_MS = 15 * 60_000;
/** Of so many tasks the reason of the last failure is asked for when somebody begins to observe. */
const EXPLAINED_TASKS = 20;
const ENDS: ReadonlySet<EventName> = new Set(Object.values(END_EVENTS));
const COMINGS_AND_GOINGS: ReadonlySet<EventName> = new Set(['task_added', 'task_removed']);

/**
 * Tells whoever listens what happens on one NAS, and shows whoever observes it what is known of it. Runs while anybody
 * does; what it has told is remembered, so that each end of a backup is told once: across looks, lost sessions and restarts.
 *
 * The events of a look are told, and remembered when those who were told have had their turn. A process that dies in
 * between tells that one look's events again, as late ones; it never loses one.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #subscriptions = new Set<EventSubscription>();
  /** Looks are worked on one after the other: reading the log takes time. A rejection would be a fault of ours; it ends nothing. */
  readonly #looks = new Newest<Look>((look) => this.#take(look).catch(() => undefined));
  readonly #log: EndsLog;
  readonly #surroundings: Surroundings;
  readonly #portrait = new Portrait();
  #unsubscribe: (() => void) | null = null;
  #lastLook: Look | null = null;
  #memory: Memory | null = null;
  #isUnsaved = false;
  #isFirst = true;
  /** Whether there may be something to tell that has not been looked for. */
  #isNews = true;
  /** Whether ends of before may lack their reason, which only observers see. */
  #isUnexplained = true;
  #tasks: readonly Task[] | null = null;
  /** The storages of which everybody has been told what there is to tell. */
  #judged: Surroundings['storages'] = null;
  #outage = new Outage(null);
  /** When something may happen without any change on the NAS. */
  #compareAgainAt = Infinity;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#log = new EndsLog(options.source.backupsSince);
    this.#surroundings = new Surroundings(options.source);
  }

  /** @returns its undo */
  subscribe(subscription: EventSubscription): () => void {
    const own = { ...subscription }; // an object of its own: the same one may subscribe twice
    this.#subscriptions.add(own);
    this.#join();
    return () => {
      this.#subscriptions.delete(own);
      this.#leave();
    };
  }

  /**
   * Shows what is known of the NAS, once after every look, before the events of that look are told: also after a look that
   * failed or brought nothing new, with the very same parts then. Nothing is shown before the NAS has answered or is known
   * to be away. An observer that comes while the feed runs is shown the last look in a later turn (and the others are shown
   * it again): as soon as what only observers need has been read.
   * @param storageLowPercent a storage with less free space than this is low @returns its undo
   */
  observe(listener: PictureListener, storageLowPercent: number): () => void {
    const leave = this.#portrait.observe(listener, storageLowPercent);
    this.#join();
    if (this.#lastLook !== null) this.#looks.push(this.#lastLook);
    return () => {
      leave();
      this.#leave();
    };
  }

  #join(): void {
    this.#judged = null; // the new limit may be another
    if (this.#unsubscribe === null) this.#start();
  }

  #leave(): void {
    if (this.#isHeard()) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#save();
  }

  #start(): void {
    this.#isFirst = true;
    this.#isNews = true;
    this.#isUnexplained = true;
    this.#lastLook = null;
    this.#tasks = null;
    this.#portrait.clear();
    this.#surroundings.expire();
    this.#memory = this.#options.store.load();
    const outage = new Outage(this.#memory?.offlineSince ?? null);
    this.#outage = outage;
    this.#unsubscribe = this.#options.watch.subscribe((look) => {
      this.#lastLook = look;
      outage.count(look);
      this.#looks.push(look);
    });
  }

  #isHeard(): boolean {
    return this.#subscriptions.size > 0 || this.#portrait.isObserved;
  }

  async #take(look: Look): Promise<void> {
    if (!this.#isHeard()) return;
    this.#portrait.begin();
    if ('tasks' in look) await this.#succeeded(look.at, look.tasks);
    else this.#tell(look.at, this.#outage.begun().map(toAll), this.#memory);
  }

  async #succeeded(at: Date, tasks: readonly Task[]): Promise<void> {
    const changed = tasks !== this.#tasks;
    this.#tasks = tasks;
    // Kept until the comparison has succeeded: the next look may be the same as this one.
    this.#isNews ||= changed || at.getTime() >= this.#compareAgainAt;
    const compared = this.#isNews ? await this.#compare(at, tasks) : null;
    const events = compared?.events ?? [];
    await this.#lookAround(at, events);
    let memory = compared?.after ?? this.#memory;
    const isKnown = compared !== null || !this.#isNews;
    if (isKnown) memory = await this.#explainPast(memory);
    if (!this.#isHeard()) return; // nobody would hear it, but it would count as told
    const tellings = [...this.#outage.ended(at), ...events].map(toAll);
    if (compared !== null) this.#settle(at, tasks, compared);
    if (isKnown && memory !== null) {
      if (changed) tellings.push(...progress(at, tasks, memory).map(toAll));
      const judged = this.#judge(at, memory.low);
      tellings.push(...judged.tellings);
      if (judged.low !== memory.low) memory = { ...memory, low: judged.low };
      this.#portrait.paint(tasks, memory.tasks);
    }
    this.#tell(at, tellings, memory);
  }

  /** @returns null when the log does not answer now: the next look is compared in its place */
  async #compare(at: Date, tasks: readonly Task[]): Promise<Compared | null> {
    const { nas, overdueHours, source } = this.#options;
    const late = this.#isFirst;
    const before = this.#memory !== null && isOf(this.#memory, nas, tasks) ? this.#memory : null;
    const since = before?.endsSince ?? firstEndsSince(tasks, at);
    const lastResults = tasks.map((task) => task.lastResult).filter((result) => result !== null);
    const log = await this.#log.results(tasks, since, late);
    // The tasks' own come last and so win: of the same result they know the bytes, which the log leaves out.
    const results = [...(log ?? []), ...lastResults];
    const snapshot = { at, tasks, results, isWhole: log !== null, late, overdueHours };
    if (log === null && (before === null || !this.#log.isSilent)) {
      // Without it a baseline would take the past for news later; what the tasks tell of themselves can be shown.
      if (before === null && this.#log.isSilent) this.#portrait.paint(tasks, baseline(snapshot, nas, since).tasks);
      return null;
    }
    const found =
      before === null ? { events: [], after: baseline(snapshot, nas, since) } : diff({ ...before, nas }, snapshot);
    const events = await Promise.all(found.events.map((event) => explained(event, source)));
    const ends = events.map(({ result }) => result).filter((result) => result !== undefined);
    const after = { ...found.after, tasks: withReasons(found.after.tasks, ends) };
    return { events, after, isWhole: log !== null };
  }

  /** What was found is about to be told. */
  #settle(at: Date, tasks: readonly Task[], { after, isWhole }: Compared): void {
    this.#isFirst = false;
    this.#isNews = false;
    if (isWhole) this.#log.settle(tasks);
    const sinceOf = ({ id }: Task): string | null => after.tasks[String(id)]?.since ?? null;
    this.#compareAgainAt = Math.min(
      nextOverdue(tasks, sinceOf, this.#options.overdueHours, at),
      isWhole ? Infinity : at.getTime() + LOG_RETRY_MS,
    );
  }

  async #lookAround(at: Date, events: readonly NasEvent[]): Promise<void> {
    const isObserved = this.#portrait.isObserved;
    if (isObserved && events.some(({ event }) => COMINGS_AND_GOINGS.has(event))) this.#surroundings.expire();
    const ended = events.filter(({ event }) => ENDS.has(event)).map(({ result }) => result?.taskId ?? null);
    await this.#surroundings.read(at, isObserved, ended);
  }

  /** Once while anybody observes: of the ends to come, the reasons are asked for when they are told. */
  async #explainPast(memory: Memory | null): Promise<Memory | null> {
    if (memory === null || !this.#isUnexplained || !this.#portrait.isObserved) return memory;
    this.#isUnexplained = false;
    const ends = unexplained(memory.tasks, EXPLAINED_TASKS);
    const known = await Promise.all(ends.map((end) => this.#options.source.explained(end)));
    return { ...memory, tasks: withReasons(memory.tasks, known) };
  }

  /** What there is to tell of the storages, to each by its own limit. */
  #judge(at: Date, low: readonly string[]): { tellings: Telling[]; low: readonly string[] } {
    const { storages } = this.#surroundings;
    if (storages === null || storages === this.#judged) return { tellings: [], low };
    this.#judged = storages;
    const tellings: Telling[] = [];
    const limits = [...[...this.#subscriptions].map((each) => each.storageLowPercent), ...this.#portrait.limits];
    for (const storageLowPercent of new Set(limits)) {
      const found = storageEvents(storages, low, storageLowPercent);
      low = found.low;
      for (const event of found.events) {
        tellings.push({ event: { ...event, at: at.toISOString(), late: false }, storageLowPercent });
      }
    }
    return { tellings, low };
  }

  /** @param memory null: there is none yet */
  #tell(at: Date, tellings: readonly Telling[], memory: Memory | null): void {
    const offlineSince = this.#outage.since;
    const after = memory === null || memory.offlineSince === offlineSince ? memory : { ...memory, offlineSince };
    const isUnchanged = after === this.#memory || JSON.stringify(this.#memory) === JSON.stringify(after);
    const online = offlineSince === null;
    if (this.#tasks !== null || !online) {
      this.#portrait.show({ at: at.toISOString(), online }, this.#surroundings, after?.low);
    }
    for (const telling of tellings) this.#send(telling);
    this.#memory = after;
    if (isUnchanged || after === null) return;
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

  #send({ event, storageLowPercent: limit }: Telling): void {
    for (const { onEvent, storageLowPercent } of [...this.#subscriptions]) {
      if (limit === undefined || limit === storageLowPercent) onEvent(event);
    }
  }
}

async function explained(event: NasEvent, source: Pick<FeedSource, 'explained'>): Promise<NasEvent> {
  const { result } = event;
  return result === undefined ? event : { ...event, result: await source.explained(result) };
}

function progress(at: Date, tasks: readonly Task[], { tasks: memories }: Memory): NasEvent[] {
  const active = tasks.filter(({ state }) => state !== 'idle');
  return active.map((raw) => {
    const task = { ...raw, overdue: memories[String(raw.id)]?.overdue ?? null };
    return { event: 'backup_progress', at: at.toISOString(), task, late: false };
  });
}

function toAll(event: NasEvent): Telling {
  return { event };
}
