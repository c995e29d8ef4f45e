import type { NamedDeviceResult, Task } from '../active-backup/types';
import { addFailureReasons } from './backup-history';
import { DeviceHistory } from './device-history';
import type { StoredDevices } from './device-history-state';
import { EventDispatcher, type EventSubscription } from './event-dispatcher';
import type { NasEvent } from './events';
import { LastSuccessReader } from './backup-log-reader';
import { pause } from './slices';
import { LatestOnlyQueue } from './throttle';
import type { MonitorClient } from './monitor-client';
import { isSameState, type MonitorState, type StateStore } from './monitor-state';
import {
  countPoll,
  startState,
  withStoredOutage,
  type NumberedPoll,
  type PollState,
  type SuccessfulPoll,
} from './poll-state';
import { NasInventory } from './nas-inventory';
import { OnDemandState } from './on-demand-state';
import { withOverdue } from './overdue';
import { completeTasks, withSpeedOf, withSuccesses } from './task-completion';
import { OverlongRunWarning } from './finished-backups';
import { PollReader, type PollReads } from './poll-reader';
import type { PollResult, TaskPoller } from './poller';
import { processFailedPoll, processPoll, type PollOutcome } from './process-poll';
import { eventWithOutcomes, withKnownOutcomes } from './task-outcomes';
import { InMemoryStore, type Store } from '../storage/json-file';
import { addSamples, StorageTrends, type VolumeSamples } from './storage-samples';
import type { StorageWithVolume } from './storage-space';
import type { Storage } from '../active-backup/storage-types';
import { SnapshotPublisher, type SnapshotListener } from './snapshot-publisher';

/** Options of a {@link NasMonitor}. */
export interface MonitorOptions {
  readonly poller: Pick<TaskPoller, 'subscribe'>;
  readonly client: MonitorClient;
  readonly store: StateStore;
  /** The outcomes of the devices; missing: in memory. */
  readonly deviceStore?: Pick<Store<StoredDevices>, 'load' | 'save'>;
  /** Address of the NAS: a stored state of another NAS is not used. */
  readonly nas: string;
  /** Of the NAS node; 0: by the schedule of each task. */
  readonly overdueHours: number;
  /** Whether the NAS may be off at this time: neither an outage nor a new overdue is reported then. Missing: never. */
  readonly isQuiet?: (at: Date) => boolean;
  /** Receives a line for the user: a limit was reached, or the log cannot be read. */
  readonly warn?: (message: string) => void;
}

/** A list of so many tasks is compared in one turn of the event loop, and published in another one. */
const LARGE_LIST = 500;

/** A monitor between its first and its last listener. */
interface Run {
  state: PollState;
  lastPoll: NumberedPoll | null;
}

/** Storages with their growth, and what they were made of. */
interface CompletedStorages {
  readonly storages: readonly StorageWithVolume[];
  readonly samples: VolumeSamples;
  readonly complete: readonly StorageWithVolume[];
}

/**
 * Reports events and snapshots of one NAS, while it has any listener. Each finished backup is reported exactly once to each
 * event listener: across polls, lost sessions, deploys and restarts.
 *
 * Every poll is processed in this order: read what it needs, {@link processPoll}, emit the snapshot, deliver the events,
 * store the state. The state is stored after the listeners have handled their events: a process that is killed in between
 * reports the events of that poll again, late; none is lost.
 */
export class NasMonitor {
  readonly #options: MonitorOptions;
  readonly #isQuiet: (at: Date) => boolean;
  readonly #dispatcher: EventDispatcher;
  readonly #snapshots = new SnapshotPublisher();
  readonly #inventory: NasInventory;
  readonly #devices: DeviceHistory;
  readonly #reader: PollReader;
  readonly #onDemand: OnDemandState;
  readonly #overlongRuns: OverlongRunWarning;
  /** Poll results are processed one at a time because reading the log is slow. A rejection is a bug; the next poll continues. */
  readonly #queue = new LatestOnlyQueue<{ run: Run; poll: NumberedPoll }>(({ run, poll }) =>
    this.#process(run, poll).catch(() => undefined),
  );
  readonly #trends = new StorageTrends();
  /** The storages of the last sample. */
  #sampled: NasInventory['storages'] = null;
  #completed: CompletedStorages | null = null;
  #run: Run | null = null;
  #unsubscribe: () => void = () => undefined;
  #pollCount = 0;
  /** The state that is to be written to the store; null when it is written. */
  #unsaved: MonitorState | null = null;

  constructor(options: MonitorOptions) {
    const { client, store, nas, overdueHours, warn = (): undefined => undefined } = options;
    this.#isQuiet = options.isQuiet ?? ((): boolean => false);
    this.#options = options;
    this.#dispatcher = new EventDispatcher(warn, this.#isQuiet);
    this.#overlongRuns = new OverlongRunWarning(warn);
    this.#inventory = new NasInventory(client);
    const successes = new LastSuccessReader(client);
    const outcomes = new DeviceHistory(client.deviceResults, options.deviceStore ?? new InMemoryStore());
    this.#devices = outcomes;
    const hasSnapshotListeners = (): boolean => this.#snapshots.hasListeners;
    const shared = { client, successes, outcomes, nas, overdueHours };
    this.#reader = new PollReader({ ...shared, inventory: this.#inventory, warn, hasSnapshotListeners });
    this.#onDemand = new OnDemandState({ ...shared, load: () => store.load() });
  }

  /** Subscribes to events. @returns a function that unsubscribes */
  onEvent(subscription: EventSubscription): () => void {
    const onEvent = (event: NasEvent): void => {
      subscription.onEvent(eventWithOutcomes(event, this.#run?.state.stored?.tasks ?? {}, this.#devices.outcomes));
    };
    return this.#join(this.#dispatcher.subscribe({ ...subscription, onEvent }, this.#pollCount + 1));
  }

  /**
   * Subscribes to snapshots: one after every poll, before its events are delivered; also after a poll that failed or changed
   * nothing, with the very same parts then. No snapshot is emitted before the NAS has answered or is known to be offline.
   * A listener that joins later gets the snapshot of the last poll as soon as the inventory it needs has been read; the
   * others then get it again.
   * @param storageLowPercent a storage with less free space than this percentage is low
   * @returns a function that unsubscribes
   */
  onSnapshot(listener: SnapshotListener, storageLowPercent: number): () => void {
    const leave = this.#join(this.#snapshots.subscribe(listener, storageLowPercent));
    const run = this.#run;
    if (run?.lastPoll) this.#queue.push({ run, poll: run.lastPoll });
    return leave;
  }

  /** Subscribes to snapshots and events. @returns a function that unsubscribes from both */
  subscribe({
    onSnapshot,
    ...subscription
  }: EventSubscription & { readonly onSnapshot: SnapshotListener }): () => void {
    const subscriptions = [this.onSnapshot(onSnapshot, subscription.storageLowPercent), this.onEvent(subscription)];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    };
  }

  /** Drops what is stored for a listener whose node was deleted. */
  forget(id: string): void {
    const stored = this.#run === null ? this.#load() : this.#run.state.stored;
    this.#dispatcher.forget(id);
    if (stored === null) return;
    const after = { ...stored, ...this.#dispatcher.state };
    if (this.#run !== null) this.#run.state = { ...this.#run.state, stored: after };
    this.#unsaved = after;
    this.#save();
  }

  /**
   * Reports a rejected start or cancel to the present event listeners. It is the response to one request and no state of the
   * NAS, so it is neither stored nor delivered later.
   * @param error its message follows the name of the task
   */
  reportRefusal(tasks: readonly Task[], error: NonNullable<NasEvent['error']>, at: Date): void {
    for (const task of tasks) {
      this.#dispatcher.dispatchNow({ event: 'backup_refused', at: at.toISOString(), task, error, late: false });
    }
  }

  /** The known outcomes of backups that ended at this time or later, of each run for each of its devices; sends no request. */
  outcomesSince(time: Date): NamedDeviceResult[] {
    return this.#devices.outcomesSince(time);
  }

  /** Makes the next poll read everything again, also storages, devices and versions, which are read less often. */
  expireReads(): void {
    this.#inventory.invalidate();
    this.#devices.expire();
  }

  /**
   * Completes tasks that a user has requested, as an event or MQTT would report them now: `overdue`, last success, reason of
   * the last result, speed. While the monitor does not run this sends requests: the log once, at most 20 reasons, and the
   * versions of tasks without a known success.
   * @param rows the tasks, or a row for each of their devices
   * @param tasks the complete tasks, where the rows contain only part of them
   */
  async complete<T extends Task>(at: Date, rows: readonly T[], tasks: readonly Task[] = rows): Promise<T[]> {
    const running = this.#run?.state.stored ?? null;
    const state = await this.#onDemand.read(at, tasks, running);
    if (state === null) return withOverdue(rows, at, this.#options.overdueHours);
    if (running !== null && this.#run !== null) this.#adopt(this.#run, state);
    const completed = withKnownOutcomes(completeTasks(rows, state.tasks), state.tasks, this.#devices.outcomes);
    return withSpeedOf(completed, this.#run?.state.tasks ?? []);
  }

  /** Resolves when the polls received so far are processed, so that what they require has been read. Never rejects. */
  processed(): Promise<void> {
    return this.#queue.processed();
  }

  /** Completes tasks of the last poll with what is known already; sends no request. */
  completeNow(tasks: readonly Task[]): Task[] {
    const state = this.#run === null ? this.#onDemand.current : this.#run.state.stored;
    return withKnownOutcomes(completeTasks(tasks, state?.tasks ?? {}), state?.tasks ?? {}, this.#devices.outcomes);
  }

  /** Takes over the reasons and last successes read for a list, so that events and MQTT report the same. */
  #adopt(run: Run, { tasks }: MonitorState): void {
    const { stored } = run.state;
    if (stored === null) return;
    const backups = Object.values(tasks).flatMap(({ recent }) => recent);
    const missing = Object.entries(stored.tasks).filter(([, { lastSuccessAt }]) => lastSuccessAt === null);
    const successes = missing.flatMap(([id]) => {
      const at = tasks[id]?.lastSuccessAt ?? null;
      return at === null ? [] : [[Number(id), at] as const];
    });
    const adopted = withSuccesses(addFailureReasons(stored.tasks, backups), new Map(successes));
    if (adopted === stored.tasks) return;
    this.#store(run, stored, { ...stored, tasks: adopted });
    // The next poll decides again, and reports, whether these tasks are overdue.
    const { comparison } = run.state;
    if (successes.length > 0 && comparison.is === 'current')
      run.state = { ...run.state, comparison: { ...comparison, nextAt: comparison.at } };
  }

  #join(unsubscribe: () => void): () => void {
    if (this.#run === null) this.#start();
    // The limit of low space of the new listener may be another.
    else this.#run.state = { ...this.#run.state, checkedStorages: null };
    return () => {
      const { areStored } = this.#dispatcher;
      unsubscribe();
      if (!this.#dispatcher.hasSubscribers && !this.#snapshots.hasListeners) this.#stop(areStored);
    };
  }

  #start(): void {
    this.#save();
    const stored = this.#load();
    const run: Run = { state: startState(stored, this.#isStoredUnread()), lastPoll: null };
    this.#run = run;
    this.#reader.restart();
    this.#unsubscribe = this.#options.poller.subscribe((poll) => {
      this.#receive(run, poll);
    });
  }

  /** @param areStored whether no listener would lose an event */
  #stop(areStored: boolean): void {
    this.#unsubscribe();
    this.#unsubscribe = (): undefined => undefined;
    if (this.#run !== null) this.#confirm(this.#run);
    this.#run = null;
    if (areStored) this.#save();
  }

  #load(): MonitorState | null {
    const stored = this.#options.store.load();
    this.#dispatcher.restore(stored);
    return stored;
  }

  #isStoredUnread(): boolean {
    return this.#options.store.isUnread === true;
  }

  /** Tries again to read a state that could not be read. An outage that was reported meanwhile is kept. */
  #loadUnread(run: Run): void {
    const { state } = run;
    if (!state.isStoredUnread) return;
    const stored = this.#load();
    const availability = withStoredOutage(state.availability, stored);
    run.state = { ...state, stored, isStoredUnread: this.#isStoredUnread(), availability };
  }

  #receive(run: Run, result: PollResult): void {
    this.#pollCount += 1;
    const poll = { ...result, number: this.#pollCount };
    run.lastPoll = poll;
    run.state = { ...run.state, availability: countPoll(run.state.availability, poll) };
    this.#queue.push({ run, poll });
  }

  async #process(run: Run, poll: NumberedPoll): Promise<void> {
    if (this.#run !== run) return;
    this.#snapshots.beginPoll();
    if ('error' in poll) {
      this.#publish(run, processFailedPoll(run.state, poll, this.#isQuiet(poll.at)));
      return;
    }
    this.#loadUnread(run);
    const reads = await this.#reader.read(run.state, poll);
    // Comparing, and building the snapshot, each scale with the whole list.
    if (poll.tasks.length >= LARGE_LIST) await pause();
    if (this.#run !== run) return; // the last listener has left, so the events must not count as delivered
    this.#prepare(poll, reads);
    this.#publish(run, processPoll(run.state, poll, reads, this.#snapshots.limits));
  }

  #prepare(poll: SuccessfulPoll, { comparison }: PollReads): void {
    if (comparison.is !== 'done') return;
    if (comparison.isInitial) this.#dispatcher.restore(null);
    if (comparison.status.isComplete) this.#reader.markProcessed(poll);
    this.#overlongRuns.check(Object.values(comparison.stored.tasks), poll.at);
  }

  #publish(run: Run, { state, events, snapshot }: PollOutcome): void {
    const before = run.state.stored;
    run.state = state;
    const { storages, devices, versions } = this.#inventory;
    const stored = state.stored && this.#withSamples(state.stored, events.at);
    const complete = this.#completeStorages(stored, events.at);
    const inventory = { storages: complete, devices, versions };
    if (snapshot !== null) this.#snapshots.emit(snapshot, inventory, this.#devices.outcomes);
    this.#dispatcher.dispatch(events);
    const areNew = events.changes !== null && complete !== null && storages !== run.state.checkedStorages;
    if (areNew && this.#dispatcher.dispatchStorages(events.at, complete))
      run.state = { ...run.state, checkedStorages: storages };
    setImmediate(() => {
      this.#confirm(run);
      if (this.#unsaved !== null) this.#save();
    });
    if (stored !== null) this.#store(run, before, stored);
  }

  /** Keeps the events that were not received: Node-RED has passed their messages on by now, or has stopped the receivers. */
  #confirm(run: Run): void {
    if (!this.#dispatcher.confirm() || this.#run !== run) return;
    // The next poll checks storages again, whose events may be among them.
    run.state = { ...run.state, checkedStorages: null };
    const { stored } = run.state;
    if (stored === null) return;
    this.#unsaved = { ...stored, ...this.#dispatcher.state };
    run.state = { ...run.state, stored: this.#unsaved };
    this.#save();
  }

  /** Notes what is used of each volume when the storages have just been read. */
  #withSamples(stored: MonitorState, at: Date): MonitorState {
    const { storages } = this.#inventory;
    if (storages === null || storages === this.#sampled) return stored;
    this.#sampled = storages;
    const volumeSamples = addSamples(stored.volumeSamples, storages, at);
    return volumeSamples === stored.volumeSamples ? stored : { ...stored, volumeSamples };
  }

  /** The storages with their growth; the very same list until they are read again. */
  #completeStorages(stored: MonitorState | null, at: Date): NasInventory['storages'] {
    const { storages } = this.#inventory;
    if (storages === null || stored === null) return storages;
    if (this.#completed?.storages === storages && this.#completed.samples === stored.volumeSamples)
      return this.#completed.complete;
    const complete = this.#trends.complete(storages, stored.volumeSamples, at);
    this.#completed = { storages, samples: stored.volumeSamples, complete };
    return complete;
  }

  /** Adds their growth to storages that a user has requested, as events and MQTT report it now. Sends no request. */
  completeStorages<S extends Storage>(storages: readonly S[], at: Date): S[] {
    const stored = this.#run?.state.stored ?? this.#options.store.load();
    if (stored?.nas !== this.#options.nas) return [...storages];
    const volumes = (this.#inventory.storages ?? []).flatMap(({ volume }) => volume ?? []);
    return this.#trends.complete(storages, stored.volumeSamples, at, volumes);
  }

  #store(run: Run, before: MonitorState | null, stored: MonitorState): void {
    const after = { ...stored, ...this.#dispatcher.state };
    run.state = { ...run.state, stored: after };
    if (before !== null && isSameState(before, after)) return;
    this.#unsaved = after;
    // Node-RED passes a message on in a later turn: saved before, a process that is killed in between would lose it.
    setImmediate(() => {
      this.#save();
    });
  }

  #save(): void {
    if (!this.#dispatcher.areStored) return;
    const unsaved = this.#unsaved;
    this.#unsaved = null;
    if (unsaved !== null) this.#options.store.save(unsaved);
    this.#devices.save();
  }
}
