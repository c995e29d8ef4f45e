import type { Task } from '../active-backup/types';
import type { MonitorState } from './monitor-state';
import type { NasSnapshot, StorageSnapshot } from './snapshot';
import { buildDevices, memoizeLast, buildStorages, buildTasks } from './snapshot-builder';
import { wasAnyLow, type StorageWithVolume } from './storage-space';
import type { NasInventory } from './nas-inventory';

/** Hears what is known of the NAS; must not throw. */
export type SnapshotListener = (picture: NasSnapshot) => void;

/** Someone who observes. Whether a storage is low goes by its own limit, so it has its own pictures of them. */
interface Seat {
  readonly listener: SnapshotListener;
  readonly storageLowPercent: number;
  readonly storages: (storages: readonly StorageWithVolume[], low: readonly string[]) => readonly StorageSnapshot[];
}

const NOTHING_LOW: readonly string[] = [];

/** Shows a NAS to whoever observes it. What has not changed since the picture before costs nothing. */
export class SnapshotPublisher {
  readonly #seats = new Set<Seat>();
  #shown: ReadonlySet<Seat> = new Set();
  readonly #tasks = memoizeLast(buildTasks);
  readonly #devices = memoizeLast(buildDevices);
  #painted: { readonly tasks: readonly Task[]; readonly memories: MonitorState['tasks'] } | null = null;

  get hasListeners(): boolean {
    return this.#seats.size > 0;
  }

  /** Below which free space each observer takes a storage for low. */
  get limits(): number[] {
    return [...this.#seats].map(({ storageLowPercent }) => storageLowPercent);
  }

  /** @returns its undo */
  subscribe(listener: SnapshotListener, storageLowPercent: number): () => void {
    const storages = memoizeLast(
      (before: readonly StorageSnapshot[] | null, found: readonly StorageWithVolume[], low: readonly string[]) =>
        buildStorages(before, found, low, storageLowPercent),
    );
    const seat = { listener, storageLowPercent, storages };
    this.#seats.add(seat);
    return () => {
      this.#seats.delete(seat);
    };
  }

  /** A look is worked on from now on. Who comes meanwhile is not shown it: it may lack what only observers need. */
  beginPoll(): void {
    this.#shown = new Set(this.#seats);
  }

  /** What the next pictures show of the tasks. @param memories of them, by id */
  setTasks(tasks: readonly Task[], memories: MonitorState['tasks']): void {
    this.#painted = { tasks, memories };
  }

  /** Nothing is known of the tasks. */
  reset(): void {
    this.#painted = null;
  }

  /** Shows the picture of the look that {@link beginPoll} was about. @param low storages that were low, as a memory has them */
  emit(
    look: Pick<NasSnapshot, 'at' | 'online'>,
    { storages, devices, versions }: Pick<NasInventory, 'storages' | 'devices' | 'versions'>,
    low = NOTHING_LOW,
  ): void {
    if (!this.hasListeners) return;
    const painted = this.#painted;
    const tasks = painted && this.#tasks(painted.tasks, painted.memories, versions);
    const machines = painted && devices && this.#devices(devices, painted.tasks);
    for (const seat of this.#shown) {
      if (!this.#seats.has(seat)) continue;
      seat.listener({
        ...look,
        tasks,
        storages: storages && seat.storages(storages, low),
        storageWasLow: wasAnyLow(low, seat.storageLowPercent),
        devices: machines,
      });
    }
  }
}
