import { overlongRuns } from './finished-backups';
import type { StoredTask } from './monitor-state';

/** Warns of runs that last so long that the log is no longer read from their beginning, once per run. */
export class OverlongRunWarning {
  readonly #warn: (message: string) => void;
  /** The runs of the last check, by task and beginning. */
  #known: ReadonlySet<string> = new Set();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  check(tasks: readonly StoredTask[], at: Date): void {
    const runs = overlongRuns(tasks, at);
    const before = this.#known;
    this.#known = new Set(runs.map(({ uuid, name, activeSince }) => `${uuid ?? name ?? ''} ${activeSince ?? ''}`));
    if ([...this.#known].every((run) => before.has(run))) return;
    const list = runs.map(({ name, activeSince }) => `"${name ?? ''}" (since ${activeSince ?? ''})`).join(', ');
    this.#warn(`The log is not read back to the start of these long runs; their end is taken from the task: ${list}`);
  }
}
