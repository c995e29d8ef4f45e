import type { AdminResponse } from '../../node-red/admin/responses';
import { httpError, type AdminError } from './error-help';

/** What the NAS dialog asks the runtime with the values in its form (INTERFACE 7). */
export type AdminRequest = 'test' | 'pair' | 'certificate';

/** The runtime's answer, or why there is none. */
export type AdminResult<T> = { ok: true; result: T } | { ok: false; error: AdminError };

/**
 * Asks the runtime; never rejects.
 * @param signal gives the request up
 * @returns null when it was given up
 */
export function ask<T>(question: AdminRequest, values: object, signal: AbortSignal): Promise<AdminResult<T> | null> {
  // Only to a relative URL does Node-RED add its root path and the token of whoever is logged in.
  const request = $.ajax({
    url: `active-backup/nas/${question}`,
    method: 'POST',
    contentType: 'application/json',
    dataType: 'json',
    data: JSON.stringify(values),
  });
  const giveUp = (): void => request.abort();
  signal.addEventListener('abort', giveUp);
  return new Promise((resolve) => {
    request.always(() => signal.removeEventListener('abort', giveUp));
    request.done((reply: AdminResponse<T>) => resolve(reply));
    request.fail(({ status }) => resolve(signal.aborted ? null : { ok: false, error: httpError(status) }));
  });
}

/** One question at a time: the next one gives the one before up. */
export interface LatestRequest {
  begin(): AbortSignal;
  giveUp(): void;
}

/** Nothing is under way yet. */
export function createLatestRequest(): LatestRequest {
  let underWay = new AbortController();
  return {
    begin() {
      underWay.abort();
      underWay = new AbortController();
      return underWay.signal;
    },
    giveUp: () => underWay.abort(),
  };
}
