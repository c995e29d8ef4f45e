import { isDeepStrictEqual } from 'node:util';
import type { Task } from '../active-backup/types';
import { DepartedListeners } from './departed-listeners';
import { ADDED_EVENTS, type NasEvent } from './events';
import {
  cancelMissed,
  eventKey,
  isHeldBack,
  isKeepable,
  isOutdated,
  toMissedEvent,
  toUndelivered,
} from './missed-events';
import type { StoredListener, MonitorState, UndeliveredEvent } from './monitor-state';
import type { DeviceProtection } from './protection-types';
import { fillingAfter, type FillingStorages } from './storage-filling';
import { spaceEvents, type StorageWithVolume } from './storage-space';
import { Subscribers } from './subscribers';

/** A subscription to the events of a NAS, which are delivered in order. */
export interface EventSubscription {
  /** Identifies the listener over deploys and restarts: the id of its node. */
  readonly id: string;
  /** A storage with less free space than this percentage is low. */
  readonly storageLowPercent: number;
  /** A storage that will be full within so many days is reported; 0 or missing: none is. */
  readonly fullWithinDays?: number;
  /** An event counts as delivered when this returns; after a throw it is delivered again at the next poll, `late`. */
  readonly onEvent: (event: NasEvent) => void;
  /**
   * Asked in the turn of the event loop after a delivery: whether what the listener has passed on was received. If not, the
   * events are delivered again, `late`. Missing: it always is.
   */
  readonly haveReceived?: () => boolean;
  /**
   * Whether the listener could lose none of its events now if the process were killed. While it could, the state of the monitor
   * is not stored, so that the next process reports them again. Missing: always.
   */
  readonly areStored?: () => boolean;
}

/** The events of one poll. */
export interface PollEvents {
  /** When the NAS was polled. */
  readonly at: Date;
  /** The number of the poll: the first poll after the subscription of a listener is its baseline. */
  readonly number: number;
  /** `nas_offline` or `nas_online`. */
  readonly availability: readonly NasEvent[];
  /**
   * Changes since the poll before, in order; `isComplete` is false when the log could not be read. Null: the poll was not
   * compared, so it cannot be a baseline.
   */
  readonly changes: { readonly events: readonly NasEvent[]; readonly isComplete: boolean } | null;
  /** Progress of the running backups. */
  readonly progress: readonly NasEvent[];
  /** With `overdue`, for events that were missed; null while unknown. */
  readonly tasks: readonly Task[] | null;
  /** The same. */
  readonly protections: readonly DeviceProtection[] | null;
}

/** A listener that is subscribed now. */
interface Subscriber extends EventSubscription {
  readonly firstPoll: number;
  /** Whether no changes were delivered since it subscribed: the first ones happened while it was away. */
  isReturning: boolean;
  /** The same for storages, which are read less often. */
  isReturningForStorages: boolean;
  /** Whether a warning was given that it throws. */
  hasWarned: boolean;
}

/** A delivery that counts unless its subscriber says that it was not received. */
interface UnconfirmedDelivery {
  readonly subscriber: Subscriber;
  readonly undo: () => void;
}

/** Stored data of a listener, subscribed or not. */
interface Listener {
  /** Keys of the events it has missed, oldest first. */
  readonly missed: Set<string>;
  /** Keys of those among them that are only held back by quiet hours. */
  readonly held: Set<string>;
  low: readonly string[];
  filling: FillingStorages;
  awaySince: string | null;
}

/** What is stored for event listeners. */
type DispatcherState = Pick<MonitorState, 'listeners' | 'undelivered' | 'undeliveredOther'>;

const NOTHING: DispatcherState = { listeners: {}, undelivered: {}, undeliveredOther: {} };

/** A listener that is away for longer is removed: its node was deleted without notice. */
const MAX_ABSENCE_MS = 30 * 24 * 3600_000;
/** For all listeners together; the oldest events beyond this are dropped. */
const MAX_UNDELIVERED = 10_000;

/**
 * Delivers events to the listeners of one NAS, each event once per listener. Events that a listener misses, because it is
 * away or throws, are stored and delivered `late` at its next poll: every finished backup, and of events about a state
 * (overdue, online, started …) those that still hold. A new listener starts with its first poll and gets nothing older.
 */
export class EventDispatcher {
  readonly #warn: (message: string) => void;
  readonly #isQuiet: (at: Date) => boolean;
  readonly #subscribers = new Subscribers<Subscriber>();
  readonly #departed = new DepartedListeners();
  #listeners = new Map<string, Listener>();
  #undelivered = new Map<string, UndeliveredEvent>();
  /** Low storages of a state without listeners, as older releases stored it: they hold for those subscribed first. */
  #lowOfAll: readonly string[] | null = null;
  #state: DispatcherState = NOTHING;
  /** Whether anything may differ from {@link #state}, so that it is worth comparing. */
  #mayHaveChanged = false;
  #hasOverflowed = false;
  /** What was delivered in this turn to listeners that are asked whether it was received. */
  #unconfirmed: UnconfirmedDelivery[] = [];

  /**
   * @param warn receives a line for the user: events were dropped, or a listener throws
   * @param isQuiet whether new events that a task or device is overdue are held back at this time
   */
  constructor(warn: (message: string) => void, isQuiet: (at: Date) => boolean = () => false) {
    this.#warn = warn;
    this.#isQuiet = isQuiet;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Whether no listener, also one that has left, would lose an event that counts as delivered to it. */
  get areStored(): boolean {
    return this.#departed.areStored && this.#subscribers.all().every(({ areStored }) => areStored?.() !== false);
  }

  /** The state to store; the very same object until it changes. */
  get state(): DispatcherState {
    if (!this.#mayHaveChanged) return this.#state;
    this.#mayHaveChanged = false;
    const now = {
      listeners: this.#lowOfAll === null ? Object.fromEntries([...this.#listeners].map(toStored)) : null,
      ...storedUndelivered(this.#undelivered),
    };
    if (!isDeepStrictEqual(now, this.#state)) this.#state = now;
    return this.#state;
  }

  /** Continues with a stored state; null: there is none. */
  restore(stored: (DispatcherState & Pick<MonitorState, 'low'>) | null): void {
    const known = Object.entries(stored?.listeners ?? {});
    this.#listeners = new Map(known.map(([id, each]) => [id, listenerOf(each)]));
    this.#undelivered = new Map(Object.entries({ ...stored?.undelivered, ...stored?.undeliveredOther }));
    this.#lowOfAll = stored?.listeners === null ? stored.low : null;
    const { listeners, undelivered, undeliveredOther } = stored ?? NOTHING;
    this.#state = { listeners, undelivered, undeliveredOther };
    this.#mayHaveChanged = true;
  }

  /** @param firstPoll the number of the next poll @returns a function that unsubscribes */
  subscribe(subscription: EventSubscription, firstPoll: number): () => void {
    const state = { firstPoll, isReturning: true, isReturningForStorages: true, hasWarned: false };
    return this.#departed.track(subscription, this.#subscribers.add({ ...subscription, ...state }, subscription.id));
  }

  /** Drops what is stored of a listener: its node was deleted. */
  forget(id: string): void {
    this.#departed.forget(id);
    this.#listeners.delete(id);
    this.#mayHaveChanged = true;
    this.#dropUnneeded();
  }

  /** Delivers the events of a poll, and before them those that were missed. */
  dispatch(poll: PollEvents): void {
    this.#adoptFirstSubscribers(poll);
    for (const [id, listener] of this.#listeners) {
      const subscriber = this.#subscribers.get(id);
      if (subscriber === undefined) this.#keepForAbsent(id, listener, poll);
      else this.#deliver(subscriber, listener, poll);
    }
    for (const subscriber of this.#subscribers.all()) {
      if (!this.#listeners.has(subscriber.id)) this.#startListener(subscriber, poll);
    }
    this.#dropUnneeded();
  }

  /**
   * Call in the turn after a delivery: what was not received counts as missed.
   * @returns whether there is any, so that {@link state} has changed
   */
  confirm(): boolean {
    const unconfirmed = this.#unconfirmed;
    this.#unconfirmed = [];
    const subscribers = new Set(unconfirmed.map(({ subscriber }) => subscriber));
    const lost = new Set([...subscribers].filter(({ haveReceived }) => haveReceived?.() === false));
    for (const { subscriber, undo } of unconfirmed) if (lost.has(subscriber)) undo();
    return lost.size > 0;
  }

  /** Delivers an event of no poll to the present subscribers; it is not kept for the others. */
  dispatchNow(event: NasEvent): void {
    for (const subscriber of this.#subscribers.all()) this.#tryDeliver(subscriber, event);
  }

  /**
   * Delivers to each listener, by its own limit, which storages have become low or have recovered.
   * @returns false when not all could be delivered
   */
  dispatchStorages(at: Date, storages: readonly StorageWithVolume[]): boolean {
    const results = this.#subscribers.all().map((subscriber) => {
      const listener = this.#listeners.get(subscriber.id);
      return listener !== undefined && this.#deliverStorages(subscriber, listener, at, storages);
    });
    return results.every(Boolean);
  }

  #deliverStorages(
    subscriber: Subscriber,
    listener: Listener,
    at: Date,
    storages: readonly StorageWithVolume[],
  ): boolean {
    const late = subscriber.isReturningForStorages;
    const { low: lowBefore, filling: fillingBefore } = listener;
    this.#awaitConfirmation(subscriber, () => {
      Object.assign(listener, { low: lowBefore, filling: fillingBefore });
      this.#mayHaveChanged = true;
    });
    let areDelivered = true;
    for (const storage of storages) {
      const { events, low } = spaceEvents([storage], listener.low, subscriber.storageLowPercent);
      const isDelivered = events.every((event) =>
        this.#tryDeliver(subscriber, { ...event, at: at.toISOString(), late }),
      );
      if (!isDelivered) areDelivered = false;
      else if (events.length > 0) listener.low = low;
      this.#mayHaveChanged ||= events.length > 0;
      areDelivered = this.#deliverFilling(subscriber, listener, at, storage) && areDelivered;
    }
    subscriber.isReturningForStorages = false;
    return areDelivered;
  }

  #deliverFilling(subscriber: Subscriber, listener: Listener, at: Date, storage: StorageWithVolume): boolean {
    const { isNew, filling } = fillingAfter(storage, listener.filling, subscriber.fullWithinDays ?? 0, at);
    const late = subscriber.isReturningForStorages;
    const event: NasEvent = { event: 'storage_filling', at: at.toISOString(), storage, late };
    if (isNew && !this.#tryDeliver(subscriber, event)) return false;
    this.#mayHaveChanged ||= filling !== listener.filling;
    listener.filling = filling;
    return true;
  }

  /** An older release stored no listeners: the subscribers of the first comparison have received what it reported. */
  #adoptFirstSubscribers({ changes }: PollEvents): void {
    if (this.#lowOfAll === null || changes === null) return;
    for (const { id } of this.#subscribers.all()) {
      this.#listeners.set(id, listenerOf({ missed: [], low: this.#lowOfAll, awaySince: null }));
    }
    this.#lowOfAll = null;
    this.#mayHaveChanged = true;
  }

  #startListener(subscriber: Subscriber, { number, availability, changes, progress }: PollEvents): void {
    if (changes !== null && number >= subscriber.firstPoll) {
      this.#listeners.set(subscriber.id, listenerOf({ missed: [], low: [], awaySince: null }));
      this.#mayHaveChanged = true;
      subscriber.isReturning = false;
      subscriber.isReturningForStorages = false;
    }
    for (const event of [...availability, ...progress]) this.#tryDeliver(subscriber, event);
  }

  #deliver(subscriber: Subscriber, listener: Listener, poll: PollEvents): void {
    const { availability, changes, progress } = poll;
    this.#mayHaveChanged ||= listener.awaySince !== null || listener.missed.size > 0;
    listener.awaySince = null;
    const isQuiet = this.#isQuiet(poll.at);
    if (listener.missed.size > 0) this.#deliverMissed(subscriber, listener, poll, isQuiet);
    const late = subscriber.isReturning;
    const changed = (changes?.events ?? []).map((event) => (late ? { ...event, late } : event));
    for (const event of [...availability, ...changed, ...progress]) {
      if (cancelMissed(listener.missed, event)) continue;
      if (isQuiet && isHeldBack(event.event)) this.#holdBack(listener, event);
      else if (!this.#tryDeliver(subscriber, event)) this.#keep(listener, event);
      else
        this.#awaitConfirmation(subscriber, () => {
          this.#keep(listener, event);
        });
    }
    if (changes?.isComplete === true) subscriber.isReturning = false;
  }

  #deliverMissed(subscriber: Subscriber, listener: Listener, poll: PollEvents, isQuiet: boolean): void {
    const { missed, held } = listener;
    for (const key of [...missed]) {
      const stored = this.#undelivered.get(key);
      if (stored !== undefined && isQuiet && isHeldBack(stored.event)) continue;
      const event = stored && toMissedEvent(stored, poll, !held.has(key));
      if (stored === undefined || isOutdated(event, poll.at)) missed.delete(key);
      else if (event && this.#tryDeliver(subscriber, event)) {
        missed.delete(key);
        this.#awaitConfirmation(subscriber, () => {
          this.#keepStored(listener, key, stored);
        });
      }
    }
    for (const key of held) if (!missed.has(key)) held.delete(key);
  }

  /** Keeps an event until the quiet hours end. It is late for a listener that was away when it happened. */
  #holdBack(listener: Listener, event: NasEvent): void {
    this.#keep(listener, event);
    if (!event.late) listener.held.add(eventKey(event));
  }

  #keepForAbsent(id: string, listener: Listener, { at, availability, changes }: PollEvents): void {
    this.#mayHaveChanged ||= listener.awaySince === null;
    listener.awaySince ??= at.toISOString();
    if (at.getTime() - Date.parse(listener.awaySince) > MAX_ABSENCE_MS) {
      this.#listeners.delete(id);
      this.#mayHaveChanged = true;
      return;
    }
    for (const event of [...availability, ...(changes?.events ?? [])]) {
      this.#mayHaveChanged = true;
      if (!cancelMissed(listener.missed, event)) this.#keep(listener, event);
    }
  }

  /** @returns false when the listener threw, which does not affect the others */
  #tryDeliver(subscriber: Subscriber, event: NasEvent): boolean {
    try {
      subscriber.onEvent(event);
      return true;
    } catch (error) {
      if (!subscriber.hasWarned)
        this.#warn(`${subscriber.id} cannot take ${event.event}, and gets it again: ${String(error)}`);
      subscriber.hasWarned = true;
      return false;
    }
  }

  #awaitConfirmation(subscriber: Subscriber, undo: () => void): void {
    if (subscriber.haveReceived !== undefined) this.#unconfirmed.push({ subscriber, undo });
  }

  #keep(listener: Listener, event: NasEvent): void {
    if (isKeepable(event)) this.#keepStored(listener, eventKey(event), toUndelivered(event));
  }

  #keepStored({ missed }: Listener, key: string, event: UndeliveredEvent): void {
    this.#mayHaveChanged = true;
    missed.add(key);
    this.#undelivered.set(key, event);
  }

  /** Drops the events that every listener has received, and the oldest of too many. */
  #dropUnneeded(): void {
    if (!this.#mayHaveChanged || this.#undelivered.size === 0) return;
    const listeners = [...this.#listeners.values()];
    const needed = new Set(listeners.flatMap(({ missed }) => [...missed]));
    for (const key of this.#undelivered.keys()) if (!needed.has(key)) this.#undelivered.delete(key);
    const excess = [...this.#undelivered.keys()].slice(0, Math.max(0, this.#undelivered.size - MAX_UNDELIVERED));
    for (const key of excess) {
      this.#undelivered.delete(key);
      for (const { missed } of listeners) missed.delete(key);
    }
    if (excess.length === 0 || this.#hasOverflowed) return;
    this.#hasOverflowed = true;
    this.#warn(
      `A node that listens to this NAS is disabled or was removed, and has missed more than ${MAX_UNDELIVERED} events: the oldest are given up`,
    );
  }
}

function listenerOf({ missed, held = [], low, filling = {}, awaySince }: StoredListener): Listener {
  return { missed: new Set(missed), held: new Set(held), low, filling, awaySince };
}

function toStored([id, listener]: readonly [string, Listener]): [string, StoredListener] {
  const { missed, held, low, filling, awaySince } = listener;
  const waiting = [...held].filter((key) => missed.has(key));
  const more = {
    ...(waiting.length > 0 && { held: waiting }),
    ...(Object.keys(filling).length > 0 && { filling }),
  };
  return [id, { missed: [...missed], ...more, low, awaySince }];
}

function storedUndelivered(events: ReadonlyMap<string, UndeliveredEvent>): Omit<DispatcherState, 'listeners'> {
  const isOther = ({ event }: UndeliveredEvent): boolean => ADDED_EVENTS.has(event);
  const all = [...events];
  return {
    undelivered: Object.fromEntries(all.filter(([, event]) => !isOther(event))),
    undeliveredOther: Object.fromEntries(all.filter(([, event]) => isOther(event))),
  };
}
