import { POLLS_UNTIL_GONE } from '../monitor/missing-item-filter';
import type { NasSnapshot } from '../monitor/snapshot';

/** Finds the snapshots that differ from the one before, and counts the polls that listed tasks. */
export class SnapshotFilter {
  #last: NasSnapshot | null = null;
  #pollsWithTasks = 0;
  /** ISO 8601. */
  #lastCountedAt = '';

  /**
   * True after 3 polls that returned tasks. Before that a missing task may just not be loaded yet (NAS starting), so its
   * retained topics must stay.
   */
  get hasEnoughPolls(): boolean {
    return this.#pollsWithTasks >= POLLS_UNTIL_GONE;
  }

  /** Returns `snapshot`, or the same object as before if nothing has changed. */
  filter(snapshot: NasSnapshot): NasSnapshot {
    const { at, online, tasks } = snapshot;
    if (online && tasks !== null && at !== this.#lastCountedAt) {
      this.#pollsWithTasks += 1;
      this.#lastCountedAt = at;
    }
    if (this.#last === null || !isSame(this.#last, snapshot)) this.#last = snapshot;
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
