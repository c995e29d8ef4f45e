import type { AdminResponse } from '../../node-red/admin/responses';
import { httpError, type AdminResult } from './error-help';

interface AdminRequest {
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: object;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Sends a request to the package's part of Node-RED's admin API (docs/interface.md §7). Never rejects; the result of an aborted
 * request is of no use.
 * @param path relative to `active-backup/`; only to relative URLs Node-RED adds its root path and the user's token
 */
export function requestAdmin<T>(path: string, { body, timeoutMs = 0, signal }: AdminRequest): Promise<AdminResult<T>> {
  const request = $.ajax({
    url: `active-backup/${path}`,
    dataType: 'json',
    timeout: timeoutMs,
    ...(body !== undefined && { method: 'POST', contentType: 'application/json', data: JSON.stringify(body) }),
  });
  const abort = (): void => request.abort();
  signal?.addEventListener('abort', abort);
  return new Promise((resolve) => {
    request.always(() => signal?.removeEventListener('abort', abort));
    request.done((response: AdminResponse<T>) => resolve(response));
    request.fail(({ status }, reason) => resolve({ ok: false, error: httpError(status, reason === 'timeout') }));
  });
}

/** One request at a time. */
export interface LatestRequest {
  /** Aborts the previous request. @returns the signal for the next one */
  begin(): AbortSignal;
  abort(): void;
}

/** No request is running yet. */
export function createLatestRequest(): LatestRequest {
  let current = new AbortController();
  return {
    begin() {
      current.abort();
      current = new AbortController();
      return current.signal;
    },
    abort: () => current.abort(),
  };
}
