import { POLLS_UNTIL_GONE } from '../monitor/missing-item-filter';
import type { NasSnapshot } from '../monitor/snapshot';

/** Tells pictures that bring something new from those that do not, and how much is known by them. */
export class SnapshotFilter {
  #last: NasSnapshot | null = null;
  /** Looks that told of tasks, and when (ISO 8601) the last one was. */
  #looks = { count: 0, lastAt: '' };

  /** Whether so many looks have told of tasks that what none of them had is gone, whoever remembers it. */
  get hasEnoughPolls(): boolean {
    return this.#looks.count >= POLLS_UNTIL_GONE;
  }

  /** The picture; the very same object as before when nothing in it has changed. */
  filter(picture: NasSnapshot): NasSnapshot {
    const { at, online, tasks } = picture;
    if (online && tasks !== null && at !== this.#looks.lastAt) {
      this.#looks = { count: this.#looks.count + 1, lastAt: at };
    }
    if (this.#last === null || !isSame(this.#last, picture)) this.#last = picture;
    return this.#last;
  }
}

function isSame(one: NasSnapshot, other: NasSnapshot): boolean {
  return (
    one.online === other.online &&
    one.tasks === other.tasks &&
    one.storages === other.storages &&
    one.storageWasLow === other.storageWasLow &&
    one.devices === other.devices
  );
}
