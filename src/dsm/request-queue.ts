import type { CodeTable } from './codes';
import { createSharedAbortController, startTimeout, waitOrAbort } from './abort';
import { copyError, DsmError } from './errors';
import type { Json } from './json';

/** A request as far as its turn depends on it; see `DsmRequest`. */
export interface QueuedRequest {
  readonly api: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly version?: number;
  readonly changes: boolean;
  readonly essential?: boolean;
  readonly codes?: CodeTable;
  readonly budget?: object | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How much one NAS is asked for at a time. */
export interface QueueLimits {
  /** `host:port`, for messages. */
  readonly label: string;
  /** Reads that are at the NAS at once. */
  readonly reads: number;
  /** Changes that are at the NAS at once. */
  readonly changes: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
  /** How long a call waits for its turn, unless its request has a time limit of its own. */
  readonly timeoutMs: number;
}

/** What a request brought. */
export interface QueueResult<T> {
  readonly reply: T;
  /** Whether no other call gets the same object as its own. */
  readonly isOwn: boolean;
}

/** The reason in the cause of an error that only says that too many calls wait. */
export const OVERLOADED = 'OVERLOADED';

/** A request that waits or is under way, for one call or several. */
interface QueueEntry<T> {
  readonly request: QueuedRequest;
  /** The parameters, in an order of their own. */
  readonly key: string;
  /** How many changes had been asked for when this was. */
  readonly changesBefore: number;
  /** Resolves when its turn has come. */
  readonly started: Promise<void>;
  readonly reply: Promise<T>;
  readonly start: () => void;
  readonly abort: () => void;
  calls: number;
}

/** Requests of which only so many are under way at once. */
interface SubQueue<T> {
  readonly concurrency: number;
  readonly waiting: QueueEntry<T>[];
  running: number;
}

/**
 * The turns of the requests to one NAS: a few reads at once, and beside them a few changes, both sent in the order they were
 * asked for. More calls than {@link QueueLimits.waiting} do not wait: they end with EBUSY at once.
 *
 * Equal reads that wait are one request. A call joins no read whose turn has come, since that may tell of a moment before
 * the call; nor one that was asked for before a change that was asked for before the call, so that whoever reads after a
 * change sees what it did. Changes are never joined.
 */
export class RequestQueue<R extends QueuedRequest, T> {
  readonly #send: (request: R) => Promise<T>;
  readonly #limits: QueueLimits;
  readonly #reads: SubQueue<T>;
  readonly #changes: SubQueue<T>;
  #changeCount = 0;

  constructor(limits: QueueLimits, send: (request: R) => Promise<T>) {
    this.#limits = limits;
    this.#send = send;
    this.#reads = { concurrency: limits.reads, waiting: [], running: 0 };
    this.#changes = { concurrency: limits.changes, waiting: [], running: 0 };
  }

  /**
   * Sends a request when its turn comes.
   * @throws DsmError EBUSY when too many calls wait, or this one has waited too long: it was not sent then
   * @throws the reason of `request.signal`, which ends this call alone; the request ends with the last of its calls
   */
  async add(request: R): Promise<QueueResult<T>> {
    request.signal?.throwIfAborted();
    if (request.changes) this.#changeCount += 1;
    const joined = this.#findEqualRead(request);
    if (joined === undefined && this.#subQueueOf(request).running < this.#subQueueOf(request).concurrency) {
      return this.#waitFor(this.#enqueue(request), request, true);
    }
    if (request.essential !== true && this.#countWaitingCalls() >= this.#limits.waiting) {
      throw this.#busyError(request, `${this.#limits.waiting} calls wait for it already`);
    }
    return this.#waitFor(joined ?? this.#enqueue(request), request, joined === undefined);
  }

  /** Lets one call take part in an entry. */
  async #waitFor(entry: QueueEntry<T>, request: R, isOwn: boolean): Promise<QueueResult<T>> {
    entry.calls += 1;
    try {
      await this.#waitForStart(entry, request);
      return { reply: await waitOrAbort(entry.reply, request.signal), isOwn };
    } catch (error) {
      throw !isOwn && error instanceof DsmError ? copyError(error) : error;
    } finally {
      entry.calls -= 1;
      if (entry.calls === 0) this.#cancel(entry);
    }
  }

  async #waitForStart(entry: QueueEntry<T>, request: R): Promise<void> {
    if (!this.#subQueueOf(request).waiting.includes(entry)) return;
    const timeoutMs = request.timeoutMs ?? this.#limits.timeoutMs;
    const patience = startTimeout(timeoutMs, [request.signal]);
    try {
      await waitOrAbort(entry.started, patience.signal);
    } catch (error) {
      throw patience.timedOut ? this.#busyError(request, `this call has waited for ${timeoutMs / 1000} s`) : error;
    } finally {
      patience.clear();
    }
  }

  #findEqualRead(request: R): QueueEntry<T> | undefined {
    if (request.changes) return undefined;
    const key = requestKey(request);
    return this.#reads.waiting.find(
      (entry) =>
        entry.key === key &&
        entry.request.codes === request.codes &&
        // An answer that several share is read once, and counts in the budget of the call that sent it.
        (entry.request.budget === undefined) === (request.budget === undefined) &&
        entry.changesBefore === this.#changeCount,
    );
  }

  #enqueue(request: R): QueueEntry<T> {
    const lane = this.#subQueueOf(request);
    const controller = createSharedAbortController();
    let start = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const reply = started.then(() => this.#send({ ...request, signal: controller.signal }));
    const end = (): void => {
      lane.running -= 1;
      this.#startNext(lane);
    };
    reply.then(end, end);
    const entry: QueueEntry<T> = {
      request,
      key: requestKey(request),
      changesBefore: this.#changeCount,
      started,
      reply,
      start,
      abort: () => {
        controller.abort();
      },
      calls: 0,
    };
    lane.waiting.push(entry);
    this.#startNext(lane);
    return entry;
  }

  #startNext(lane: SubQueue<T>): void {
    while (lane.running < lane.concurrency) {
      const urgent = lane.waiting.findIndex(({ request }) => request.essential === true && !request.changes);
      const [next] = lane.waiting.splice(Math.max(0, urgent), 1);
      if (next === undefined) return;
      lane.running += 1;
      next.start();
    }
  }

  /** Nobody waits for it any more. */
  #cancel(entry: QueueEntry<T>): void {
    const { waiting } = this.#subQueueOf(entry.request);
    const place = waiting.indexOf(entry);
    if (place >= 0) waiting.splice(place, 1);
    else entry.abort();
  }

  #countWaitingCalls(): number {
    return [...this.#reads.waiting, ...this.#changes.waiting].reduce((sum, { calls }) => sum + calls, 0);
  }

  #subQueueOf({ changes }: QueuedRequest): SubQueue<T> {
    return changes ? this.#changes : this.#reads;
  }

  #busyError({ api, method, version = 1 }: R, why: string): DsmError {
    const message =
      `${this.#limits.label} is asked for more than it can answer: ${why}, so this one was not sent. ` +
      'Send fewer messages, for instance through a delay node that limits their rate, and look whether the NAS is slow';
    return new DsmError('EBUSY', message, { api, method, version, code: null, errors: null, reason: OVERLOADED });
  }
}

/** The same for two reads that one answer may serve. */
function requestKey({ api, method, version, parameters, timeoutMs, essential }: QueuedRequest): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([api, method, version ?? 1, sorted, timeoutMs ?? null, essential === true]);
}
