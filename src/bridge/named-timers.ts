/** Timers by name: each name rings once at a time, and all of them end together. */
export class NamedTimers {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #onFault: (error: unknown) => void;

  /** @param onFault takes what a ring threw: in a timer it would end the process */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Rings once after `ms`; the one of the same name that was set before does not ring. */
  set(name: string, ms: number, ring: () => void): void {
    this.clear(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      try {
        ring();
      } catch (error) {
        this.#onFault(error);
      }
    }, ms);
    this.#timers.set(name, timer);
  }

  /** Rings once after `ms`, unless one of the same name is set already. */
  setOnce(name: string, ms: number, ring: () => void): void {
    if (!this.#timers.has(name)) this.set(name, ms, ring);
  }

  /** @param name without it all of them end */
  clear(name?: string): void {
    for (const [known, timer] of [...this.#timers]) {
      if (name !== undefined && known !== name) continue;
      clearTimeout(timer);
      this.#timers.delete(known);
    }
  }
}
