import { forwardAbort, createSharedAbortController } from './abort';
import { DiskStation, type DiskStationOptions } from './diskstation';
import type { DsmRequest } from './dsm-request';
import type { Json } from './json';
import { LoginRefusals, keyedHash } from './login-refusals';
import { RecentErrors, type RecentError } from './recent-errors';

/** One user's handle of a connection that may be shared. */
export interface PooledDiskStation {
  /** `host:port`, for messages. */
  readonly label: string;
  /** See {@link DiskStation.signedIn}. */
  readonly signedIn: boolean;
  /** See {@link DiskStation.msSinceLastResponse}. */
  readonly msSinceLastResponse: number;
  /** See {@link DiskStation.call}; with this user's own time limit. */
  readonly call: (request: DsmRequest) => Promise<Json>;
  /** See {@link DiskStation.apis}. */
  readonly apis: DiskStation['apis'];
  /** The errors of this user's calls, the latest first; without those that the caller aborted. */
  readonly recentErrors: () => readonly RecentError[];
  /**
   * Ends this user's calls; closing the last handle logs out and closes the connection. Repeated calls have no effect.
   */
  readonly close: () => Promise<void>;
}

/**
 * The connections of this process. All users with the same address, account, password, token and certificate policy
 * share one session, because two sessions of one account end each other on a DSM that allows only one.
 */
export class DiskStationPool {
  /** Login refusals, shared by all connections. */
  readonly refusals = new LoginRefusals();
  readonly #open = new Map<string, { readonly station: DiskStation; users: number }>();

  /** Opens or joins a connection. Nothing is sent before the first call. The caller must close the handle. */
  open(options: DiskStationOptions): PooledDiskStation {
    const { url, account, certificate, timeoutMs } = options;
    const key = keyedHash([url.href, account, certificate]);
    const shared = this.#open.get(key) ?? {
      station: new DiskStation({ refusals: this.refusals, ...options }),
      users: 0,
    };
    this.#open.set(key, shared);
    shared.users += 1;
    return createHandle(shared.station, timeoutMs, async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#open.delete(key);
      await shared.station.close();
    });
  }
}

function createHandle(station: DiskStation, timeoutMs: number, release: () => Promise<void>): PooledDiskStation {
  const closing = createSharedAbortController();
  const errors = new RecentErrors();
  let released: Promise<void> | null = null;
  return {
    label: station.label,
    get signedIn() {
      return station.signedIn;
    },
    get msSinceLastResponse() {
      return station.msSinceLastResponse;
    },
    apis: () => station.apis(),
    recentErrors: () => errors.latestFirst,
    async call(request) {
      const call = new AbortController();
      const stopForwarding = forwardAbort(call, [request.signal, closing.signal]);
      try {
        return await station.call({ timeoutMs, ...request, signal: call.signal });
      } catch (error) {
        if (request.signal?.aborted !== true) errors.record(error);
        throw error;
      } finally {
        stopForwarding();
      }
    },
    close() {
      closing.abort();
      released ??= release();
      return released;
    },
  };
}
