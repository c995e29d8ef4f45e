/**
 * Remembers what was made of an object for as long as the object exists. Snapshots of tasks, storages and devices stay the
 * same objects while nothing changes, so only what has changed is made again.
 */
export class Memo<T> {
  readonly #made = new WeakMap<object, T>();

  /** @param isValid whether an earlier result still applies; default: always */
  of(source: object, make: () => T, isValid: (made: T) => boolean = () => true): T {
    const known = this.#made.get(source);
    if (known !== undefined && isValid(known)) return known;
    const made = make();
    this.#made.set(source, made);
    return made;
  }
}
