import type { NasInventory } from './nas-inventory';
import type { PollSnapshot } from './process-poll';
import type { NasSnapshot, StorageSnapshot } from './snapshot';
import { buildDevices, buildStorages, buildTasks, memoizeLast } from './snapshot-builder';
import { wasAnyLow, type StorageWithVolume } from './storage-space';
import { Subscribers } from './subscribers';

/** Receives each snapshot of the NAS; must not throw. */
export type SnapshotListener = (snapshot: NasSnapshot) => void;

/** Each subscriber has its own limit of low space, hence its own list of storages. */
interface Subscriber {
  readonly listener: SnapshotListener;
  readonly storageLowPercent: number;
  readonly storages: (storages: readonly StorageWithVolume[], low: readonly string[]) => readonly StorageSnapshot[];
}

/** Emits snapshots to the listeners. Parts that have not changed are reused, so a poll without changes builds nothing. */
export class SnapshotPublisher {
  readonly #subscribers = new Subscribers<Subscriber>();
  /** The subscribers at the beginning of the poll that is being processed. */
  #recipients: ReadonlySet<Subscriber> = new Set();
  readonly #tasks = memoizeLast(buildTasks);
  readonly #devices = memoizeLast(buildDevices);

  get hasListeners(): boolean {
    return this.#subscribers.size > 0;
  }

  /** For each listener the percentage of free space below which a storage is low. */
  get limits(): number[] {
    return this.#subscribers.all().map(({ storageLowPercent }) => storageLowPercent);
  }

  /** @returns a function that unsubscribes */
  subscribe(listener: SnapshotListener, storageLowPercent: number): () => void {
    const storages = memoizeLast(
      (before: readonly StorageSnapshot[] | null, found: readonly StorageWithVolume[], low: readonly string[]) =>
        buildStorages(before, found, low, storageLowPercent),
    );
    return this.#subscribers.add({ listener, storageLowPercent, storages });
  }

  /** Call before processing a poll. Listeners added after this skip it: the inventory they need may not have been read. */
  beginPoll(): void {
    this.#recipients = new Set(this.#subscribers.all());
  }

  /** Emits the snapshot of the poll that {@link beginPoll} was called for. */
  emit(
    { at, online, tasks: shown, low }: PollSnapshot,
    { storages, devices, versions }: Pick<NasInventory, 'storages' | 'devices' | 'versions'>,
  ): void {
    if (!this.hasListeners) return;
    const taskSnapshots = shown && this.#tasks(shown.tasks, shown.stored, versions);
    const deviceSnapshots = shown && devices && this.#devices(devices, shown.tasks);
    for (const subscriber of this.#subscribers.all()) {
      if (!this.#recipients.has(subscriber)) continue;
      subscriber.listener({
        at,
        online,
        tasks: taskSnapshots,
        storages: storages && subscriber.storages(storages, low),
        storageWasLow: wasAnyLow(low, subscriber.storageLowPercent),
        devices: deviceSnapshots,
      });
    }
  }
}
