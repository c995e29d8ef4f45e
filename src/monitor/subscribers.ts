/** The subscribers of one source, in the order in which they subscribed. */
export class Subscribers<T extends object> {
  readonly #byKey = new Map<unknown, T>();

  /**
   * @param key a later subscriber with the same key replaces this one; by default the object itself
   * @returns a function that unsubscribes; calling it again has no effect
   */
  add(subscriber: T, key: unknown = subscriber): () => void {
    this.#byKey.set(key, subscriber);
    return () => {
      if (this.#byKey.get(key) === subscriber) this.#byKey.delete(key);
    };
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: unknown): T | undefined {
    return this.#byKey.get(key);
  }

  /** The current subscribers as a copy: subscribing or unsubscribing during an iteration does not affect it. */
  all(): readonly T[] {
    return [...this.#byKey.values()];
  }
}
