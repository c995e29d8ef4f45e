import { forwardAbort, createSharedAbortController } from './abort';
import { DiskStation, type DiskStationOptions, type DsmRequest } from './diskstation';
import type { Json } from './json';
import { LoginRefusals } from './login-refusals';
import { keyedHash } from './keyed-hash';

/** One user's part in a connection that others may share. */
export interface PooledDiskStation {
  /** `host:port`, for messages. */
  readonly label: string;
  /** As {@link DiskStation.signedIn}. */
  readonly signedIn: boolean;
  /** As {@link DiskStation.msSinceLastResponse}. */
  readonly msSinceLastResponse: number;
  /** As {@link DiskStation.call}, with this user's own time limit. */
  readonly call: (request: DsmRequest) => Promise<Json>;
  /** Ends this user's calls; the last user gives the session back and closes the connection. May come twice. */
  readonly close: () => Promise<void>;
}

/**
 * The connections of this process: everybody who signs in to the same address with the same account, password, token and
 * certificate rules shares one session. Two sessions of one account would end each other on a DSM that allows one.
 */
export class DiskStationPool {
  /** What all of them know of refused logins. */
  readonly refusals = new LoginRefusals();
  readonly #open = new Map<string, { readonly station: DiskStation; users: number }>();

  /** Opens a connection, or joins one. Nothing is sent before the first call. Whoever opens it closes it. */
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

function createHandle(station: DiskStation, timeoutMs: number, leave: () => Promise<void>): PooledDiskStation {
  const closing = createSharedAbortController();
  let left: Promise<void> | null = null;
  return {
    label: station.label,
    get signedIn() {
      return station.signedIn;
    },
    get msSinceLastResponse() {
      return station.msSinceLastResponse;
    },
    async call(request) {
      const call = new AbortController();
      const unfollow = forwardAbort(call, [request.signal, closing.signal]);
      try {
        return await station.call({ timeoutMs, ...request, signal: call.signal });
      } finally {
        unfollow();
      }
    },
    close() {
      closing.abort();
      left ??= leave();
      return left;
    },
  };
}
