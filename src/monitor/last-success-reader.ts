import type { Task } from '../active-backup/types';
import type { MonitorClient } from './monitor-client';
import type { MonitorState } from './monitor-state';
import { RequestThrottle } from './request-throttle';

/** For more tasks than these, one request for all tasks costs the NAS less than one per task. */
const MAX_SINGLE_TASKS = 5;

/** Reads the last success of tasks from their versions, for tasks whose results and log contain none. */
export class LastSuccessReader {
  readonly #client: Pick<MonitorClient, 'versions'>;
  readonly #throttle = new RequestThrottle();

  constructor(client: Pick<MonitorClient, 'versions'>) {
    this.#client = client;
  }

  /**
   * Tasks without a known success that have run; a task that was requested shortly before is left out.
   * @returns times by task id; empty when no request is due or the NAS does not answer
   */
  async read(at: Date, tasks: readonly Task[], stored: MonitorState): Promise<Map<number, string>> {
    const ids = tasks.flatMap(({ id, lastResult, lastSuccessAt }) => {
      const known = stored.tasks[String(id)]?.lastSuccessAt ?? lastSuccessAt;
      const isMissing = id !== null && known === null && lastResult !== null;
      return isMissing && this.#throttle.tryAcquire(String(id), at) ? [id] : [];
    });
    const wanted = new Set(ids);
    if (wanted.size === 0) return new Map();
    const { versions } = this.#client;
    const requests = wanted.size > MAX_SINGLE_TASKS ? [versions()] : [...wanted].map((id) => versions(id));
    const responses = await Promise.all(requests.map((request) => request.catch(() => [])));
    return new Map(
      responses.flat().flatMap(({ id, lastSuccessAt }) => {
        return id !== null && wanted.has(id) && lastSuccessAt !== null ? [[id, lastSuccessAt] as const] : [];
      }),
    );
  }
}
