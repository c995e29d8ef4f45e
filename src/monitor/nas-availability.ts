import type { DsmError } from '../dsm/errors';
import type { NasEvent } from './events';
import type { PollResult } from './poller';

/** Whether a NAS answers its polls. */
export interface NasAvailability {
  /** Since when the NAS is offline (ISO 8601, UTC); null while it is online. */
  readonly offlineSince: string | null;
  /** The polls in a row that have failed; null after one that succeeded. */
  readonly failing: { readonly since: Date; readonly polls: number; readonly error: DsmError } | null;
}

/** A single failed poll may be a passing fault. */
const POLLS_UNTIL_OFFLINE = 2;

/** Counts a poll, also one that is not processed because a newer one has replaced it. */
export function countPoll({ offlineSince, failing }: NasAvailability, poll: PollResult): NasAvailability {
  if ('tasks' in poll) return { offlineSince, failing: null };
  const { at, error } = poll;
  return { offlineSince, failing: { since: failing?.since ?? at, polls: (failing?.polls ?? 0) + 1, error } };
}

/** Marks the NAS offline once enough polls in a row have failed; `nas_offline` is dated at the first of them. */
export function afterFailedPoll(before: NasAvailability): { availability: NasAvailability; events: NasEvent[] } {
  const { offlineSince, failing } = before;
  if (failing === null || failing.polls < POLLS_UNTIL_OFFLINE || offlineSince !== null)
    return { availability: before, events: [] };
  const at = failing.since.toISOString();
  const error = { code: failing.error.code, message: failing.error.message };
  return {
    availability: { offlineSince: at, failing },
    events: [{ event: 'nas_offline', at, error, late: false }],
  };
}

/** Marks the NAS online; `nas_online` carries the length of the outage. */
export function afterSuccessfulPoll(
  before: NasAvailability,
  at: Date,
): { availability: NasAvailability; events: NasEvent[] } {
  const { offlineSince, failing } = before;
  if (offlineSince === null) return { availability: before, events: [] };
  const outageSeconds = Math.round((at.getTime() - Date.parse(offlineSince)) / 1000);
  return {
    availability: { offlineSince: null, failing },
    events: [{ event: 'nas_online', at: at.toISOString(), outageSeconds, late: false }],
  };
}
