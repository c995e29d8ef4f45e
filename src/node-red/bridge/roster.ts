import type { Picture } from '../../monitor/picture';

/** A NAS that is starting may answer with half of its tasks: only what several looks in a row miss is gone. */
const LOOKS_UNTIL_GONE = 3;

/** Something that comes and goes, and for how many looks in a row it has been missing. */
interface Seat<T> {
  readonly thing: T;
  readonly missed: number;
}

/** Remembers what was there, so that a thing missing from one answer is not taken for gone. */
export class Roster {
  #tasks: readonly Seat<NonNullable<Picture['tasks']>[number]>[] = [];
  #storages: readonly Seat<NonNullable<Picture['storages']>[number]>[] = [];
  #last: { raw: Picture; stable: Picture } | null = null;
  /** Looks that told of tasks, and when (ISO 8601) the last one was. */
  #looks = { count: 0, lastAt: '' };

  /** Whether so many looks have told of tasks that what none of them had is gone, whoever remembers it. */
  get isSure(): boolean {
    return this.#looks.count >= LOOKS_UNTIL_GONE;
  }

  /** The picture with what has been missing for a few looks only. The very same object when nothing has changed. */
  stable(picture: Picture): Picture {
    const { at, online } = picture;
    if (online && picture.tasks !== null && at !== this.#looks.lastAt) {
      this.#looks = { count: this.#looks.count + 1, lastAt: at };
    }
    if (this.#last !== null && isSame(this.#last.raw, picture) && !this.#isWaiting()) {
      this.#last = { raw: picture, stable: this.#last.stable };
      return this.#last.stable;
    }
    // A look that failed says nothing of who has gone, and the same one may be shown again, with more in it.
    const looks = !online || at === this.#last?.raw.at ? 0 : 1;
    this.#tasks = merged(this.#tasks, picture.tasks, ({ task }) => task.id, looks);
    // Storages are read seldom: what was read before says nothing again.
    const reads = picture.storages === this.#last?.raw.storages ? 0 : looks;
    this.#storages = merged(this.#storages, picture.storages, ({ id }) => id, reads);
    const stable = {
      ...picture,
      tasks: picture.tasks && this.#tasks.map(({ thing }) => thing),
      storages: picture.storages && this.#storages.map(({ thing }) => thing),
    };
    this.#last = { raw: picture, stable };
    return stable;
  }

  #isWaiting(): boolean {
    return [...this.#tasks, ...this.#storages].some(({ missed }) => missed > 0);
  }
}

function isSame(one: Picture, other: Picture): boolean {
  return (
    one.online === other.online &&
    one.tasks === other.tasks &&
    one.storages === other.storages &&
    one.devices === other.devices
  );
}

function merged<T>(
  before: readonly Seat<T>[],
  present: readonly T[] | null,
  idOf: (thing: T) => number | null,
  looks: number,
): readonly Seat<T>[] {
  if (present === null) return before;
  const ids = new Set(present.map(idOf));
  const missing = before
    .filter(({ thing }) => !ids.has(idOf(thing)))
    .map(({ thing, missed }) => ({ thing, missed: missed + looks }))
    .filter(({ missed }) => missed < LOOKS_UNTIL_GONE);
  return [...present.map((thing) => ({ thing, missed: 0 })), ...missing];
}
