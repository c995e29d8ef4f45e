import { POLLS_UNTIL_GONE } from '../../monitor/missing-items';
import type { Picture } from '../../monitor/picture';

/** Tells pictures that bring something new from those that do not, and how much is known by them. */
export class Roster {
  #last: Picture | null = null;
  /** Looks that told of tasks, and when (ISO 8601) the last one was. */
  #looks = { count: 0, lastAt: '' };

  /** Whether so many looks have told of tasks that what none of them had is gone, whoever remembers it. */
  get isSure(): boolean {
    return this.#looks.count >= POLLS_UNTIL_GONE;
  }

  /** The picture; the very same object as before when nothing in it has changed. */
  stable(picture: Picture): Picture {
    const { at, online, tasks } = picture;
    if (online && tasks !== null && at !== this.#looks.lastAt) {
      this.#looks = { count: this.#looks.count + 1, lastAt: at };
    }
    if (this.#last === null || !isSame(this.#last, picture)) this.#last = picture;
    return this.#last;
  }
}

function isSame(one: Picture, other: Picture): boolean {
  return (
    one.online === other.online &&
    one.tasks === other.tasks &&
    one.storages === other.storages &&
    one.storageWasLow === other.storageWasLow &&
    one.devices === other.devices
  );
}
