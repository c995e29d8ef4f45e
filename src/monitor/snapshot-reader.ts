import type { DsmError } from '../dsm/errors';
import type { NasMonitor } from './nas-monitor';
import type { PollResult, TaskPoller } from './poller';
import type { NasSnapshot } from './snapshot';

/** A poll that is older is repeated. */
const FRESH_MS = 30_000;
/** A NAS that has not answered after this time counts as unreachable. */
const ANSWER_MS = 45_000;

/** The NAS that a {@link SnapshotReader} reads. */
interface WatchedNas {
  readonly monitor: Pick<NasMonitor, 'onSnapshot'>;
  readonly poller: Pick<TaskPoller, 'subscribe' | 'pollNow'>;
}

/** Watches a NAS until it is closed, and returns its current snapshot on demand. */
export class SnapshotReader {
  readonly #nas: WatchedNas;
  readonly #stops: (() => void)[];
  #snapshot: NasSnapshot | null = null;
  #error: DsmError | null = null;
  /** When the last poll was received, successful or not (epoch ms). */
  #at = -Infinity;
  /** Whether it has not answered in time, and not since: a report every few seconds must not wait for it each time. */
  #isSilent = false;
  readonly #waiting = new Set<() => void>();

  /** @param storageLowPercent free space in percent below which a storage is low */
  constructor(nas: WatchedNas, storageLowPercent: number) {
    this.#nas = nas;
    this.#stops = [
      nas.monitor.onSnapshot((snapshot) => this.#takeSnapshot(snapshot), storageLowPercent),
      nas.poller.subscribe((poll) => this.#takePoll(poll)),
    ];
  }

  /**
   * The snapshot of the last poll, which is repeated if it is older than {@link FRESH_MS}. Rejects only when `signal` aborts.
   * @returns the last snapshot, null before the first one, and the error if the last poll failed or there is no answer
   */
  async read(signal: AbortSignal): Promise<{ readonly snapshot: NasSnapshot | null; readonly error: string | null }> {
    await this.ready(signal);
    return this.current();
  }

  /** Waits until there is a poll that is not older than {@link FRESH_MS}, or none in time. Rejects only when `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    const since = Date.now() - FRESH_MS;
    if (this.#at >= since) return;
    this.#nas.poller.pollNow();
    if (this.#isSilent) return;
    await this.#nextPoll(signal);
    this.#isSilent = this.#at < since;
  }

  /** What is known at this moment, as {@link read} returns it. */
  current(): { readonly snapshot: NasSnapshot | null; readonly error: string | null } {
    const error = this.#isSilent ? `no answer within ${ANSWER_MS / 1000} s` : (this.#error?.message ?? null);
    return { snapshot: this.#snapshot, error };
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const wake of this.#waiting) wake();
  }

  #takeSnapshot(snapshot: NasSnapshot): void {
    this.#snapshot = snapshot;
    if (!snapshot.online) return;
    this.#error = null;
    this.#received();
  }

  /** A successful poll counts when its snapshot comes: it may have to read more. */
  #takePoll(poll: PollResult): void {
    if (!('error' in poll)) return;
    this.#error = poll.error;
    this.#received();
  }

  #received(): void {
    this.#at = Date.now();
    this.#isSilent = false;
    for (const wake of this.#waiting) wake();
  }

  /** Waits until a poll has ended, with success or not, or the time is over. */
  #nextPoll(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(end, ANSWER_MS);
      this.#waiting.add(end);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }
}
