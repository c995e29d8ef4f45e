/** What is needed of a listener to events. */
interface DepartingListener {
  readonly id: string;
  /** Whether it could lose none of its events if the process were killed. Missing: always. */
  readonly areStored?: () => boolean;
}

/** Listeners that have left while they could lose events, as at a deploy of their node alone while the disk is full. */
export class DepartedListeners {
  readonly #present = new Map<string, DepartingListener>();
  readonly #departed = new Map<string, () => boolean>();

  /** Whether none of them could lose an event now. */
  get areStored(): boolean {
    for (const [id, areStored] of this.#departed) if (areStored()) this.#departed.delete(id);
    return this.#departed.size === 0;
  }

  /** A listener has come or returned. @param leave unsubscribes it @returns a function that unsubscribes it and notes that it has left */
  track(listener: DepartingListener, leave: () => void): () => void {
    const { id, areStored } = listener;
    this.#departed.delete(id);
    this.#present.set(id, listener);
    return () => {
      if (this.#present.get(id) === listener) {
        this.#present.delete(id);
        if (areStored?.() === false) this.#departed.set(id, areStored);
      }
      leave();
    };
  }

  /** The node of a listener was deleted. */
  forget(id: string): void {
    this.#departed.delete(id);
  }
}
