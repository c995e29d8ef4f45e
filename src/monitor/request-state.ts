import { joinRunErrors, restoredError, toRunError } from '../active-backup/run-errors';
import type { DsmError } from '../dsm/errors';
import { messageToJson } from '../storage/bounded-json';
import type { FollowedRequestStore } from './followed-request-store';
import type { FollowedRequest, FollowedTask, FollowError } from './followed-requests';
import type { TrackedRun } from './run-tracker';

/** Far more than the cause of any error needs. */
const MAX_CAUSE_LENGTH = 10_000;

/** The state of one request that is carried out; each change is noted in the store. */
export class RequestState {
  readonly #store: FollowedRequestStore;
  #request: FollowedRequest;
  readonly #errors: DsmError[];

  constructor(store: FollowedRequestStore, request: FollowedRequest) {
    this.#store = store;
    this.#request = request;
    this.#errors = request.errors.map(({ code, message, cause }) => restoredError(code, message, cause));
  }

  get request(): FollowedRequest {
    return this.#request;
  }

  /** The tasks that have not ended. */
  get tasks(): readonly FollowedTask[] {
    return this.#request.tasks;
  }

  /** Notes that a start is about to be sent. @returns false if it must not be sent: see {@link FollowedRequestStore.commit} */
  async commitSending(id: number, { knownResultId, resultId, seen }: TrackedRun): Promise<boolean> {
    const before = this.#request;
    this.#change([id], { phase: 'sending', since: Date.now(), run: { knownResultId, resultId, seen } });
    if (await this.#store.commit(this.#request)) return true;
    this.#request = { ...this.#request, tasks: before.tasks };
    return false;
  }

  /** Notes that DSM has accepted the request. @param data of its response */
  setAccepted(ids: readonly number[], data: unknown): void {
    this.#request = { ...this.#request, response: responseToJson(data) };
    this.#change(ids, { phase: 'accepted', since: Date.now() });
    this.#store.set(this.#request);
  }

  /** Notes that DSM has refused the start, so that it may be sent again. */
  setWaiting(id: number): void {
    this.#change([id], { phase: 'waiting', since: Date.now() });
    this.#store.set(this.#request);
  }

  /** Notes what the polls have shown of runs. */
  noteRuns(runs: readonly TrackedRun[]): void {
    const before = this.#request.tasks;
    for (const { taskId, knownResultId, resultId, seen } of runs) {
      const run = this.#request.tasks.find(({ id }) => id === taskId)?.run;
      if (run?.resultId === resultId && run.seen === seen) continue;
      this.#change([taskId], { run: { knownResultId, resultId, seen } });
    }
    if (this.#request.tasks !== before) this.#store.set(this.#request);
  }

  /** Notes the end of a task, whose message was just sent. */
  end(id: number): void {
    this.#request = { ...this.#request, tasks: this.#request.tasks.filter((task) => task.id !== id) };
    this.#store.setSent(this.#request);
  }

  /** Notes the end of tasks without a result. The error is reported with those of the other tasks. */
  fail(ids: readonly number[], error: unknown): void {
    const failure = toRunError(error);
    this.#errors.push(failure);
    const tasks = this.#request.tasks.filter(({ id }) => !ids.includes(id));
    this.#request = { ...this.#request, tasks, errors: [...this.#request.errors, storedError(failure)] };
    this.#store.set(this.#request);
  }

  /** Removes the request, whose tasks have all ended. @returns the errors of its tasks in one; null: there was none */
  finish(): DsmError | null {
    this.#store.remove(this.#request.id);
    return joinRunErrors(this.#errors);
  }

  #change(ids: readonly number[], change: Partial<FollowedTask>): void {
    const tasks = this.#request.tasks.map((task) => (ids.includes(task.id) ? { ...task, ...change } : task));
    this.#request = { ...this.#request, tasks };
  }
}

/** The data of a response as JSON; `null` if it is too large to store. */
function responseToJson(data: unknown): string {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? messageToJson(data, MAX_CAUSE_LENGTH)
    : 'null';
}

function storedError({ code, message, cause }: DsmError): FollowError {
  return { code, message, cause: cause === undefined ? null : messageToJson(cause, MAX_CAUSE_LENGTH) };
}
