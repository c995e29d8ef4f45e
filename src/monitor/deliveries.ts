import { isDeepStrictEqual } from 'node:util';
import { parseTasks } from '../active-backup/model/task';
import type { Task } from '../active-backup/types';
import { devicesOf } from './change-detection';
import type { EventName, NasEvent } from './events';
import { backupKey, type ListenerMemory, type MonitorState, type UndeliveredEvent } from './monitor-state';
import { spaceEvents, type StorageWithVolume } from './storage-space';

/** Receives everything that happens on a NAS, in order. */
export interface EventSubscription {
  /** Tells the listener from all others, the same over deploys and restarts: the id of its node. */
  readonly id: string;
  /** A storage with less free space than this is low. */
  readonly storageLowPercent: number;
  /** An event counts as delivered when this has returned; after a throw it comes again at the next poll, `late`. */
  readonly onEvent: (event: NasEvent) => void;
}

/** The events of one poll. */
export interface Report {
  /** When the NAS was polled. */
  readonly at: Date;
  /** Polls are counted: a listener's first one is its baseline. */
  readonly poll: number;
  /** Whether the NAS has gone, or has come back. */
  readonly outage: readonly NasEvent[];
  /** Found by comparison with the poll before, in order. Null: there was no comparison, so nobody can be given a baseline. */
  readonly news: readonly NasEvent[] | null;
  /** Whether the log was read too: what it still hides may have happened while a listener was away. */
  readonly isWhole: boolean;
  /** How far the runs are that go on. */
  readonly progress: readonly NasEvent[];
  /** With `overdue`, for events of before; null while the NAS has not said. */
  readonly tasks: readonly Task[] | null;
}

/** A listener that is there. */
interface Subscriber extends EventSubscription {
  readonly firstPoll: number;
  /** Whether it has had no news since it came: what it gets first happened while it was away. */
  isBack: boolean;
  /** The same of storages, which are read more seldom. */
  isBackForStorages: boolean;
  /** Whether a person has been told that it does not take everything. */
  isRefusalKnown: boolean;
}

/** What a listener has had. */
interface Listener {
  /** Keys of the events it has not had, oldest first. */
  readonly missed: Set<string>;
  low: readonly string[];
  awaySince: string | null;
}

/** How long a listener may be away: a deleted node, of which nobody has said so, is forgotten then. */
const LONGEST_ABSENCE_MS = 30 * 24 * 3600_000;
/** Of all listeners together; of more, the oldest are given up. */
const MOST_UNDELIVERED = 10_000;

/** What takes back an event that tells of a state: who has missed both has missed nothing that is still true. */
const OPPOSITES: Readonly<Partial<Record<EventName, EventName>>> = {
  backup_overdue: 'backup_recovered',
  backup_recovered: 'backup_overdue',
  task_added: 'task_removed',
  task_removed: 'task_added',
  device_online: 'device_offline',
  device_offline: 'device_online',
  nas_online: 'nas_offline',
  nas_offline: 'nas_online',
};

/** Events of a task that say nothing any more when it is gone. */
const OF_PRESENT_TASKS: readonly EventName[] = ['backup_started', 'backup_overdue', 'backup_recovered'];

/**
 * Delivers events to the listeners of one NAS, each event once per listener. What a listener has missed, because it was away
 * or could not take it, is kept and delivered `late` at its next poll: every end of a backup, and of whatever tells of a
 * state (overdue, on line, started …) what is still true then. A listener that has never been there begins with its first
 * poll and gets nothing of before.
 */
export class Deliveries {
  readonly #warn: (message: string) => void;
  readonly #subscribers = new Map<string, Subscriber>();
  #listeners = new Map<string, Listener>();
  #undelivered = new Map<string, UndeliveredEvent>();
  /** The storages of before, when a release has noted nothing of listeners: whoever is there first has had everything. */
  #lowOfAll: readonly string[] | null = null;
  #state: Pick<MonitorState, 'listeners' | 'undelivered'> = { listeners: {}, undelivered: {} };
  #hasOverflowed = false;

  /** @param warn tells a person of events that are given up */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  /** What has to be remembered; the very same object until that changes. */
  get state(): Pick<MonitorState, 'listeners' | 'undelivered'> {
    const now = {
      listeners: this.#lowOfAll === null ? Object.fromEntries([...this.#listeners].map(remembered)) : null,
      undelivered: Object.fromEntries(this.#undelivered),
    };
    if (!isDeepStrictEqual(now, this.#state)) this.#state = now;
    return this.#state;
  }

  /** Goes on from what was remembered; null: nothing was. */
  restore(memory: Pick<MonitorState, 'listeners' | 'undelivered' | 'low'> | null): void {
    const known = Object.entries(memory?.listeners ?? {});
    this.#listeners = new Map(known.map(([id, each]) => [id, { ...each, missed: new Set(each.missed) }]));
    this.#undelivered = new Map(Object.entries(memory?.undelivered ?? {}));
    this.#lowOfAll = memory?.listeners === null ? memory.low : null;
    const { listeners, undelivered } = memory ?? { listeners: {}, undelivered: {} };
    this.#state = { listeners, undelivered };
  }

  /** @param firstPoll the number of the next poll @returns its undo */
  subscribe(subscription: EventSubscription, firstPoll: number): () => void {
    const subscriber = { ...subscription, firstPoll, isBack: true, isBackForStorages: true, isRefusalKnown: false };
    this.#subscribers.set(subscription.id, subscriber);
    return () => {
      if (this.#subscribers.get(subscription.id) === subscriber) this.#subscribers.delete(subscription.id);
    };
  }

  /** The node was deleted: nothing is kept for it any more. */
  forget(id: string): void {
    this.#listeners.delete(id);
    this.#forgetDelivered();
  }

  /** Delivers the events of a poll, and before them what is still undelivered. */
  report(report: Report): void {
    this.#admitThoseOfBefore(report);
    for (const [id, listener] of this.#listeners) {
      const subscriber = this.#subscribers.get(id);
      if (subscriber === undefined) this.#miss(id, listener, report);
      else this.#deliver(subscriber, listener, report);
    }
    for (const subscriber of this.#subscribers.values()) {
      if (!this.#listeners.has(subscriber.id)) this.#begin(subscriber, report);
    }
    this.#forgetDelivered();
  }

  /** Delivers an event that no poll has found to those who are there. Nothing is kept of it for anybody else. */
  reportNow(event: NasEvent): void {
    for (const subscriber of [...this.#subscribers.values()]) this.#isTaken(subscriber, event);
  }

  /**
   * Reports to each listener, by its own limit, which storages have become low or have recovered.
   * @returns false when there is something left to report
   */
  reportStorages(at: Date, storages: readonly StorageWithVolume[]): boolean {
    let areTaken = true;
    for (const subscriber of this.#subscribers.values()) {
      const listener = this.#listeners.get(subscriber.id);
      if (listener === undefined) {
        areTaken = false;
        continue;
      }
      for (const storage of storages) {
        const { events, low } = spaceEvents([storage], listener.low, subscriber.storageLowPercent);
        const late = subscriber.isBackForStorages;
        if (!events.every((event) => this.#isTaken(subscriber, { ...event, at: at.toISOString(), late })))
          areTaken = false;
        else if (events.length > 0) listener.low = low;
      }
      subscriber.isBackForStorages = false;
    }
    return areTaken;
  }

  /** A release of before has noted nothing of listeners: those that are there at the first comparison have had what it noted. */
  #admitThoseOfBefore({ news }: Report): void {
    if (this.#lowOfAll === null || news === null) return;
    for (const id of this.#subscribers.keys()) {
      this.#listeners.set(id, { missed: new Set(), low: this.#lowOfAll, awaySince: null });
    }
    this.#lowOfAll = null;
  }

  #begin(subscriber: Subscriber, { poll, outage, news, progress }: Report): void {
    if (news !== null && poll >= subscriber.firstPoll) {
      this.#listeners.set(subscriber.id, { missed: new Set(), low: [], awaySince: null });
      subscriber.isBack = false;
      subscriber.isBackForStorages = false;
    }
    for (const event of [...outage, ...progress]) this.#isTaken(subscriber, event);
  }

  #deliver(subscriber: Subscriber, listener: Listener, { outage, news, isWhole, progress, tasks }: Report): void {
    listener.awaySince = null;
    if (listener.missed.size > 0) this.#deliverMissed(subscriber, listener, tasks);
    const late = subscriber.isBack;
    const found = (news ?? []).map((event) => (late ? { ...event, late } : event));
    for (const event of [...outage, ...found, ...progress]) {
      if (isTakenBack(listener.missed, event) || this.#isTaken(subscriber, event)) continue;
      this.#keep(listener, event);
    }
    if (news !== null && isWhole) subscriber.isBack = false;
  }

  #deliverMissed(subscriber: Subscriber, { missed }: Listener, tasks: readonly Task[] | null): void {
    const taskOf = new Map(tasks?.map((task) => [task.id, task]));
    for (const key of [...missed]) {
      const kept = this.#undelivered.get(key);
      const event = kept && restored(kept, tasks, taskOf);
      if (kept === undefined || (event && this.#isTaken(subscriber, event))) missed.delete(key);
    }
  }

  #miss(id: string, listener: Listener, { at, outage, news }: Report): void {
    listener.awaySince ??= at.toISOString();
    if (at.getTime() - Date.parse(listener.awaySince) > LONGEST_ABSENCE_MS) {
      this.#listeners.delete(id);
      return;
    }
    for (const event of [...outage, ...(news ?? [])]) {
      if (!isTakenBack(listener.missed, event)) this.#keep(listener, event);
    }
  }

  /** Whether a listener has taken an event. What it throws keeps nothing from the others; it gets the event again. */
  #isTaken(subscriber: Subscriber, event: NasEvent): boolean {
    try {
      subscriber.onEvent(event);
      return true;
    } catch (error) {
      if (!subscriber.isRefusalKnown)
        this.#warn(`${subscriber.id} cannot take ${event.event}, and gets it again: ${String(error)}`);
      subscriber.isRefusalKnown = true;
      return false;
    }
  }

  #keep({ missed }: Listener, event: NasEvent): void {
    if (event.event === 'backup_progress' || event.storage !== undefined) return; // told anew whenever it is so
    const key = keyOf(event);
    missed.add(key);
    this.#undelivered.set(key, kept(event));
  }

  /** Also gives up the oldest when there are too many. */
  #forgetDelivered(): void {
    if (this.#undelivered.size === 0) return;
    const all = [...this.#listeners.values()];
    const wanted = new Set(all.flatMap(({ missed }) => [...missed]));
    for (const key of this.#undelivered.keys()) if (!wanted.has(key)) this.#undelivered.delete(key);
    const given = [...this.#undelivered.keys()].slice(0, Math.max(0, this.#undelivered.size - MOST_UNDELIVERED));
    for (const key of given) {
      this.#undelivered.delete(key);
      for (const { missed } of all) missed.delete(key);
    }
    if (given.length === 0 || this.#hasOverflowed) return;
    this.#hasOverflowed = true;
    this.#warn(
      `A node that listens to this NAS is disabled or was removed, and has missed more than ${MOST_UNDELIVERED} events: the oldest are given up`,
    );
  }
}

/**
 * Whether an event only takes back what a listener has missed, so that it need not hear of either. What an event makes
 * pointless is missed no more: an ended run has not just started, and of a task that is gone only that is news.
 */
function isTakenBack(missed: Set<string>, event: NasEvent): boolean {
  const { result, task } = event;
  if (result !== undefined) missed.delete(stateKey('backup_started', result.taskId));
  if (event.event === 'task_removed') for (const name of OF_PRESENT_TASKS) missed.delete(stateKey(name, task?.id));
  const opposite = OPPOSITES[event.event];
  return opposite !== undefined && missed.delete(keyOf({ ...event, event: opposite }));
}

/** Ends by their result; of a state the newest event about the same thing. */
function keyOf({ event, result, task, device }: NasEvent): string {
  if (result !== undefined) return backupKey(result);
  // Ids begin again when the package is reinstalled: another task may come in the same poll in which the old one goes.
  const isOfTask = event === 'task_added' || event === 'task_removed';
  return stateKey(event, isOfTask ? (task?.uuid ?? task?.id) : (device?.id ?? task?.id));
}

function stateKey(event: EventName, subject: string | number | null | undefined): string {
  return `${event} ${subject ?? ''}`;
}

function kept({ event, at, result, task, device, outageSeconds, error }: NasEvent): UndeliveredEvent {
  return {
    event,
    at,
    result: result ?? null,
    task: task === undefined ? null : { id: task.id, name: task.name, uuid: task.uuid },
    deviceId: device?.id ?? null,
    outageSeconds: outageSeconds ?? null,
    error: error ?? null,
  };
}

/** The event as it is told now, with the task or machine as it is; null while nothing is known of that. */
function restored(
  { event, at, result, task: was, deviceId, outageSeconds, error }: UndeliveredEvent,
  tasks: readonly Task[] | null,
  taskOf: ReadonlyMap<number | null, Task>,
): NasEvent | null {
  const needsTasks = result !== null || was !== null || deviceId !== null;
  if (needsTasks && tasks === null) return null;
  const present = taskOf.get(was?.id ?? null);
  const task = (isSame(was, present) ? present : undefined) ?? (event === 'task_removed' ? removed(was) : undefined);
  const device = deviceId === null ? undefined : devicesOf(tasks ?? []).find(({ id }) => id === deviceId);
  if ((result === null && was !== null && task === undefined) || (deviceId !== null && device === undefined))
    return null;
  return {
    event,
    at,
    ...(task === undefined || deviceId !== null ? {} : { task }),
    ...(result === null ? {} : { result }),
    ...(device === undefined ? {} : { device }),
    ...(outageSeconds === null ? {} : { outageSeconds }),
    ...(error === null ? {} : { error }),
    late: true,
  };
}

/** Ids begin again when the package is reinstalled: only the uuid tells that it is another task. */
function isSame(was: UndeliveredEvent['task'], present: Task | undefined): boolean {
  if (was === null || present === undefined) return false;
  return was.uuid === null || present.uuid === null || was.uuid === present.uuid;
}

/** Of a task that is gone, only what was remembered can be told. */
function removed(was: UndeliveredEvent['task']): Task | undefined {
  if (was === null) return undefined;
  return parseTasks({ tasks: [{ task_id: was.id, task_name: was.name, unikey: was.uuid }] }, null)[0];
}

function remembered([id, { missed, low, awaySince }]: readonly [string, Listener]): [string, ListenerMemory] {
  return [id, { missed: [...missed], low, awaySince }];
}
