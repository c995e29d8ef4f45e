import type { DsmError } from '../dsm/errors';
import type { NasEvent } from './events';
import type { PollResult } from './poller';

/** One failed look may be chance. */
const POLLS_UNTIL_OFFLINE = 2;

/** Tells when a NAS goes away and comes back, by the looks at it. */
export class AvailabilityTracker {
  /** Since when looks have failed, and how many; null while they succeed. */
  #failing: { since: Date; looks: number; error: DsmError } | null = null;
  #since: string | null;

  /** @param since when the NAS went away, if that was told before; else null */
  constructor(since: string | null) {
    this.#since = since;
  }

  /** Since when the NAS has been away (ISO 8601), if that was told; else null. */
  get since(): string | null {
    return this.#since;
  }

  /** Counts a look, also one that nobody works on. */
  record(look: PollResult): void {
    if ('tasks' in look) this.#failing = null;
    else
      this.#failing = {
        since: this.#failing?.since ?? look.at,
        looks: (this.#failing?.looks ?? 0) + 1,
        error: look.error,
      };
  }

  /** What there is to tell after a look that failed. */
  offlineEvents(): NasEvent[] {
    if (this.#failing === null || this.#failing.looks < POLLS_UNTIL_OFFLINE || this.#since !== null) return [];
    const { since, error } = this.#failing;
    this.#since = since.toISOString();
    const why = { code: error.code, message: error.message };
    return [{ event: 'nas_offline', at: this.#since, error: why, late: false }];
  }

  /** What there is to tell after a look that succeeded. */
  onlineEvents(at: Date): NasEvent[] {
    if (this.#since === null) return [];
    const outageSeconds = Math.round((at.getTime() - Date.parse(this.#since)) / 1000);
    this.#since = null;
    return [{ event: 'nas_online', at: at.toISOString(), outageSeconds, late: false }];
  }
}
