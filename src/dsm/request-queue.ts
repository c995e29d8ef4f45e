import { createSharedAbortController, startTimeout, waitOrAbort } from './abort';
import { copyError, DsmError } from './errors';
import type { DsmRequest } from './dsm-request';

/** Limits of the requests to one NAS. */
export interface QueueLimits {
  /** `host:port`, for messages. */
  readonly label: string;
  /** Concurrent reads. */
  readonly reads: number;
  /** Concurrent changes. */
  readonly changes: number;
  /** Waiting calls. */
  readonly waiting: number;
  /** How long a call may wait before it is sent, unless its request has its own time limit. */
  readonly timeoutMs: number;
}

/** The response to a request. */
export interface QueueResult<T> {
  readonly response: T;
  /** Whether no other call receives the same object. */
  readonly isOwn: boolean;
}

/** Reason in the cause of an error: too many calls are waiting. */
export const OVERLOADED = 'OVERLOADED';

/** A waiting or running request of one or several calls. */
interface QueueEntry<T> {
  readonly request: DsmRequest;
  /** Equal for requests that may share one response, see {@link requestKey}. */
  readonly key: string;
  /** Number of changes added before this request. */
  readonly changesBefore: number;
  /** Resolves when the request starts. */
  readonly started: Promise<void>;
  readonly response: Promise<T>;
  readonly start: () => void;
  readonly abort: () => void;
  calls: number;
}

/** Requests with a common limit of concurrency. */
interface SubQueue<T> {
  readonly concurrency: number;
  readonly waiting: QueueEntry<T>[];
  running: number;
}

/**
 * Queue of the requests to one NAS: a few concurrent reads and, independently, a few concurrent changes, each in the
 * order they were added. Calls beyond {@link QueueLimits.waiting} are rejected with EBUSY at once.
 * | Equal waiting reads become one request. A call does not join a read that has started, because its response may be
 * older than the call, nor a read added before a change that precedes the call, so that a read after a change sees its
 * effect. Changes are never joined.
 */
export class RequestQueue<T> {
  readonly #send: (request: DsmRequest) => Promise<T>;
  readonly #limits: QueueLimits;
  readonly #reads: SubQueue<T>;
  readonly #changes: SubQueue<T>;
  #changeCount = 0;

  constructor(limits: QueueLimits, send: (request: DsmRequest) => Promise<T>) {
    this.#limits = limits;
    this.#send = send;
    this.#reads = { concurrency: limits.reads, waiting: [], running: 0 };
    this.#changes = { concurrency: limits.changes, waiting: [], running: 0 };
  }

  /**
   * Sends a request as soon as the limits allow.
   * @throws DsmError EBUSY when too many calls are waiting, or this one has waited too long; it was not sent then
   * @throws the reason of `request.signal`, which ends this call alone; the request is aborted with its last call
   */
  async add(request: DsmRequest): Promise<QueueResult<T>> {
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

  /** Waits for an entry on behalf of one call. */
  async #waitFor(entry: QueueEntry<T>, request: DsmRequest, isOwn: boolean): Promise<QueueResult<T>> {
    entry.calls += 1;
    try {
      await this.#waitForStart(entry, request);
      return { response: await waitOrAbort(entry.response, request.signal), isOwn };
    } catch (error) {
      throw !isOwn && error instanceof DsmError ? copyError(error) : error;
    } finally {
      entry.calls -= 1;
      if (entry.calls === 0) this.#cancel(entry);
    }
  }

  async #waitForStart(entry: QueueEntry<T>, request: DsmRequest): Promise<void> {
    if (!this.#subQueueOf(request).waiting.includes(entry)) return;
    const timeoutMs = request.timeoutMs ?? this.#limits.timeoutMs;
    const waiting = startTimeout(timeoutMs, [request.signal]);
    try {
      await waitOrAbort(entry.started, waiting.signal);
    } catch (error) {
      throw waiting.timedOut ? this.#busyError(request, `this call has waited for ${timeoutMs / 1000} s`) : error;
    } finally {
      waiting.clear();
    }
  }

  #findEqualRead(request: DsmRequest): QueueEntry<T> | undefined {
    if (request.changes) return undefined;
    const key = requestKey(request);
    return this.#reads.waiting.find(
      (entry) =>
        entry.key === key &&
        entry.request.codes === request.codes &&
        // A shared response is read once and counts in the budget of the call that sent the request.
        (entry.request.budget === undefined) === (request.budget === undefined) &&
        entry.changesBefore === this.#changeCount,
    );
  }

  #enqueue(request: DsmRequest): QueueEntry<T> {
    const lane = this.#subQueueOf(request);
    const controller = createSharedAbortController();
    let start = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const response = started.then(() => this.#send({ ...request, signal: controller.signal }));
    const finish = (): void => {
      lane.running -= 1;
      this.#startNext(lane);
    };
    response.then(finish, finish);
    const entry: QueueEntry<T> = {
      request,
      key: requestKey(request),
      changesBefore: this.#changeCount,
      started,
      response,
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
      const essential = lane.waiting.findIndex(({ request }) => request.essential === true && !request.changes);
      const [next] = lane.waiting.splice(Math.max(0, essential), 1);
      if (next === undefined) return;
      lane.running += 1;
      next.start();
    }
  }

  /** Removes or aborts an entry without calls. */
  #cancel(entry: QueueEntry<T>): void {
    const { waiting } = this.#subQueueOf(entry.request);
    const index = waiting.indexOf(entry);
    if (index >= 0) waiting.splice(index, 1);
    else entry.abort();
  }

  #countWaitingCalls(): number {
    return [...this.#reads.waiting, ...this.#changes.waiting].reduce((sum, { calls }) => sum + calls, 0);
  }

  #subQueueOf({ changes }: DsmRequest): SubQueue<T> {
    return changes ? this.#changes : this.#reads;
  }

  #busyError({ api, method, version = 1 }: DsmRequest, why: string): DsmError {
    const message =
      `${this.#limits.label} is asked for more than it can answer: ${why}, so this one was not sent. ` +
      'Send fewer messages, for instance through a delay node that limits their rate, and look whether the NAS is slow';
    return new DsmError('EBUSY', message, { api, method, version, code: null, errors: null, reason: OVERLOADED });
  }
}

/** Equal for reads that may share one response. */
function requestKey({ api, method, version, parameters, timeoutMs, essential }: DsmRequest): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([api, method, version ?? 1, sorted, timeoutMs ?? null, essential === true]);
}
