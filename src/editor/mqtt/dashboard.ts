import type { AdminResponse } from '../../node-red/admin/responses';
import { httpError } from '../http/error-help';

/** What became of the question for a dashboard. */
export type Dashboard =
  | { readonly kind: 'yaml'; readonly yaml: string }
  /** The bridge publishes nothing yet that could be shown. */
  | { readonly kind: 'empty' }
  /** The runtime does not know this bridge. */
  | { readonly kind: 'notDeployed' }
  | { readonly kind: 'forbidden' | 'noAnswer' | 'late' }
  /** In the runtime's words. */
  | { readonly kind: 'refused'; readonly message: string };

/** A NAS whose disks sleep answers after 20 s. */
const LIMIT_MS = 30_000;
const NOT_FOUND = 404;

/**
 * Asks the runtime for a dashboard of what a bridge publishes; never rejects.
 * @param signal gives the request up
 * @returns null when it was given up
 */
export function askForDashboard(id: string, signal: AbortSignal): Promise<Dashboard | null> {
  // Only to a relative URL does Node-RED add its root path and the token of whoever is logged in.
  const url = `active-backup/bridge/${encodeURIComponent(id)}/dashboard`;
  const request = $.ajax({ url, dataType: 'json', timeout: LIMIT_MS });
  const giveUp = (): void => request.abort();
  signal.addEventListener('abort', giveUp);
  return new Promise((resolve) => {
    request.always(() => signal.removeEventListener('abort', giveUp));
    request.done((reply: AdminResponse<{ yaml: string }>) => resolve(dashboardOf(reply)));
    request.fail(({ status }, how) => resolve(signal.aborted ? null : unanswered(status, how === 'timeout')));
  });
}

/** What an answer of the runtime means. */
export function dashboardOf(reply: AdminResponse<{ yaml: string }>): Dashboard {
  if (!reply.ok) return { kind: 'refused', message: reply.error.message };
  const { yaml } = reply.result;
  return yaml.trim() === '' ? { kind: 'empty' } : { kind: 'yaml', yaml };
}

/** Why there is no answer. @param httpStatus 0 when nothing came back at all */
export function unanswered(httpStatus: number, isLate: boolean): Dashboard {
  if (isLate) return { kind: 'late' };
  if (httpStatus === NOT_FOUND) return { kind: 'notDeployed' };
  return { kind: httpError(httpStatus).code === 'FORBIDDEN' ? 'forbidden' : 'noAnswer' };
}
