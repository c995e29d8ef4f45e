/** Timers by name. Setting a name again replaces its timer; all of them can be cleared together. */
export class NamedTimers {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #onFault: (error: unknown) => void;

  /** @param onFault receives an error thrown by a callback, which would otherwise end the process */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Calls `callback` after `ms`, in place of an earlier timer of this name. */
  set(name: string, ms: number, callback: () => void): void {
    this.clear(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      try {
        callback();
      } catch (error) {
        this.#onFault(error);
      }
    }, ms);
    this.#timers.set(name, timer);
  }

  /** Calls `callback` after `ms`, unless a timer of this name is set. */
  setOnce(name: string, ms: number, callback: () => void): void {
    if (!this.#timers.has(name)) this.set(name, ms, callback);
  }

  /** @param name default: all timers */
  clear(name?: string): void {
    for (const [each, timer] of [...this.#timers]) {
      if (name !== undefined && each !== name) continue;
      clearTimeout(timer);
      this.#timers.delete(each);
    }
  }
}
