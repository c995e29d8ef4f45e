import type { Task } from '../active-backup/types';
import type { Memory } from './memory';
import type { Picture, StoragePicture } from './picture';
import { devicePictures, remembered, storagePictures, taskPictures } from './pictures';
import { wasAnyLow, type StorageSnapshot } from './storage-rule';
import type { Surroundings } from './surroundings';

/** Hears what is known of the NAS; must not throw. */
export type PictureListener = (picture: Picture) => void;

/** Someone who observes. Whether a storage is low goes by its own limit, so it has its own pictures of them. */
interface Seat {
  readonly listener: PictureListener;
  readonly storageLowPercent: number;
  readonly storages: (storages: readonly StorageSnapshot[], low: readonly string[]) => readonly StoragePicture[];
}

const NOTHING_LOW: readonly string[] = [];

/** Shows a NAS to whoever observes it. What has not changed since the picture before costs nothing. */
export class Portrait {
  readonly #seats = new Set<Seat>();
  #shown: ReadonlySet<Seat> = new Set();
  readonly #tasks = remembered(taskPictures);
  readonly #devices = remembered(devicePictures);
  #painted: { readonly tasks: readonly Task[]; readonly memories: Memory['tasks'] } | null = null;

  get isObserved(): boolean {
    return this.#seats.size > 0;
  }

  /** Below which free space each observer takes a storage for low. */
  get limits(): number[] {
    return [...this.#seats].map(({ storageLowPercent }) => storageLowPercent);
  }

  /** @returns its undo */
  observe(listener: PictureListener, storageLowPercent: number): () => void {
    const storages = remembered(
      (before: readonly StoragePicture[] | null, found: readonly StorageSnapshot[], low: readonly string[]) =>
        storagePictures(before, found, low, storageLowPercent),
    );
    const seat = { listener, storageLowPercent, storages };
    this.#seats.add(seat);
    return () => {
      this.#seats.delete(seat);
    };
  }

  /** A look is worked on from now on. Who comes meanwhile is not shown it: it may lack what only observers need. */
  begin(): void {
    this.#shown = new Set(this.#seats);
  }

  /** What the next pictures show of the tasks. @param memories of them, by id */
  paint(tasks: readonly Task[], memories: Memory['tasks']): void {
    this.#painted = { tasks, memories };
  }

  /** Nothing is known of the tasks. */
  clear(): void {
    this.#painted = null;
  }

  /** Shows the picture of the look that {@link begin} was about. @param low storages that were low, as a memory has them */
  show(
    look: Pick<Picture, 'at' | 'online'>,
    { storages, devices, versions }: Pick<Surroundings, 'storages' | 'devices' | 'versions'>,
    low = NOTHING_LOW,
  ): void {
    if (!this.isObserved) return;
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
