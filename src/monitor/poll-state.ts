import type { DsmError } from '../dsm/errors';
import type { NasEvent } from './events';
import type { PollResult } from './poller';
import type { Task, TaskListing } from '../active-backup/types';
import { isGone } from './missing-item-filter';
import type { MonitorState } from './monitor-state';
import type { NasInventory } from './nas-inventory';
import type { SettledProtections } from './protection-events';
import type { NasSnapshot } from './snapshot';

/** Whether a NAS answers its polls. */
interface NasAvailability {
  /** Since when the NAS is offline (ISO 8601, UTC); null while it is online. */
  readonly offlineSince: string | null;
  /** Whether `nas_offline` was reported for this outage: in quiet hours it is not until they end. */
  readonly isOfflineReported: boolean;
  /** The polls in a row that have failed; null after one that succeeded. */
  readonly failing: { readonly since: Date; readonly polls: number; readonly error: DsmError } | null;
}

/** A single failed poll may be a passing fault. */
const POLLS_UNTIL_OFFLINE = 2;

/** Counts a poll, also one that is not processed because a newer one has replaced it. */
export function countPoll(before: NasAvailability, poll: PollResult): NasAvailability {
  if ('tasks' in poll) return { ...before, failing: null };
  const { at, error } = poll;
  const { failing } = before;
  return { ...before, failing: { since: failing?.since ?? at, polls: (failing?.polls ?? 0) + 1, error } };
}

/**
 * Marks the NAS offline once enough polls in a row have failed; `nas_offline` is dated at the first of them.
 * @param isQuiet whether an outage is not reported yet
 */
export function afterFailedPoll(
  before: NasAvailability,
  isQuiet: boolean,
): { availability: NasAvailability; events: NasEvent[] } {
  const { failing, isOfflineReported } = before;
  if (failing === null) return { availability: before, events: [] };
  const isOffline = before.offlineSince !== null || failing.polls >= POLLS_UNTIL_OFFLINE;
  const offlineSince = isOffline ? (before.offlineSince ?? failing.since.toISOString()) : null;
  if (offlineSince === null || isOfflineReported || isQuiet)
    return { availability: { ...before, offlineSince }, events: [] };
  const error = { code: failing.error.code, message: failing.error.message };
  return {
    availability: { offlineSince, isOfflineReported: true, failing },
    events: [{ event: 'nas_offline', at: offlineSince, error, late: false }],
  };
}

/** Marks the NAS online; `nas_online` carries the length of the outage, and is reported only if `nas_offline` was. */
export function afterSuccessfulPoll(
  before: NasAvailability,
  at: Date,
): { availability: NasAvailability; events: NasEvent[] } {
  const { offlineSince, isOfflineReported, failing } = before;
  if (offlineSince === null) return { availability: before, events: [] };
  const availability = { offlineSince: null, isOfflineReported: false, failing };
  if (!isOfflineReported) return { availability, events: [] };
  const outageSeconds = Math.round((at.getTime() - Date.parse(offlineSince)) / 1000);
  return {
    availability,
    events: [{ event: 'nas_online', at: at.toISOString(), outageSeconds, late: false }],
  };
}

/** Continues a reported outage of a state that could not be read at the start; an outage found meanwhile is kept. */
export function withStoredOutage(before: NasAvailability, stored: MonitorState | null): NasAvailability {
  const offlineSince = stored?.offlineSince ?? null;
  if (before.offlineSince !== null || offlineSince === null) return before;
  return { ...before, offlineSince, isOfflineReported: true };
}

/** A poll with its number. Polls are counted because the same one may be processed again, for a new listener. */
export type NumberedPoll = PollResult & { readonly number: number };

/** A poll that returned the task list. */
export type SuccessfulPoll = Extract<NumberedPoll, TaskListing>;

/** How far the tasks of the last poll have been compared with the stored state. */
export type ComparisonStatus =
  /** Never since the monitor was started: what the first comparison finds happened before, so its events are late. */
  | { readonly is: 'never' }
  /** The last comparison was not possible; the next poll is compared even if it lists the same tasks. */
  | { readonly is: 'outdated' }
  /**
   * The last list was compared. Times are epoch ms; at `nextAt` a comparison is due although the list is the same.
   * `isComplete` is false when the log could not be read.
   */
  | { readonly is: 'current'; readonly at: number; readonly nextAt: number; readonly isComplete: boolean };

/** The tasks that snapshots contain, and the stored data of them by id. */
export interface ShownTasks {
  readonly tasks: readonly Task[];
  /** The list that they were made of: `tasks` without those that are missing but not gone. */
  readonly listed: readonly Task[];
  readonly stored: MonitorState['tasks'];
}

/** The state of a running monitor between two polls. */
export interface PollState {
  /** The part that survives a restart; null until the first comparison. */
  readonly stored: MonitorState | null;
  /** Whether a stored state exists that could not be read, so that nothing can be called new yet. */
  readonly isStoredUnread: boolean;
  readonly availability: NasAvailability;
  readonly comparison: ComparisonStatus;
  /** The tasks of the last successful poll; null before the first one. */
  readonly tasks: readonly Task[] | null;
  /** Null until anything is known of the tasks. */
  readonly shownTasks: ShownTasks | null;
  /** See `NasSnapshot`. */
  readonly protections: NasSnapshot['protections'];
  /** Of them, what needs no further look; see `protectionEvents`. */
  readonly settledProtections: SettledProtections | null;
  readonly emptyPolls: EmptyPolls;
  /** The storages last checked for low space; null forces a new check (a subscriber with another limit joined). */
  readonly checkedStorages: NasInventory['storages'];
}

/** The polls in a row that listed no task. `last` is the number of the last one. */
interface EmptyPolls {
  readonly count: number;
  readonly last: number;
}

/** The state of a monitor that is being started. @param stored the state of its last run; null: none */
export function startState(stored: MonitorState | null, isStoredUnread: boolean): PollState {
  return {
    stored,
    isStoredUnread,
    availability: {
      offlineSince: stored?.offlineSince ?? null,
      isOfflineReported: (stored?.offlineSince ?? null) !== null,
      failing: null,
    },
    comparison: { is: 'never' },
    tasks: null,
    shownTasks: null,
    protections: null,
    settledProtections: null,
    emptyPolls: { count: 0, last: 0 },
    checkedStorages: null,
  };
}

/** Whether a poll must be compared: its list is another one, the last comparison failed, or time has passed. */
export function needsComparison({ comparison, tasks }: PollState, poll: SuccessfulPoll): boolean {
  if (comparison.is !== 'current' || poll.tasks !== tasks) return true;
  const now = poll.at.getTime();
  const isClockSetBack = now < comparison.at;
  return now >= comparison.nextAt || isClockSetBack;
}

/** The ids of the stored tasks that the last poll did not list. */
export function missingIds(stored: MonitorState['tasks']): string[] {
  if (!isAnyMissing(stored)) return [];
  return Object.keys(stored).filter((id) => (stored[id]?.missedPolls ?? 0) > 0);
}

/** Whether the last poll did not list some of the stored tasks. */
export function isAnyMissing(stored: MonitorState['tasks']): boolean {
  return Object.values(stored).some(({ missedPolls }) => missedPolls > 0);
}

/** Counts the polls in a row without a task; a poll that is processed again counts once. */
export function countEmptyPolls(before: EmptyPolls, { tasks, number }: SuccessfulPoll): EmptyPolls {
  if (tasks.length > 0) return { count: 0, last: number };
  return { count: before.count + (before.last === number ? 0 : 1), last: number };
}

/**
 * Whether a NAS without a stored state may still be starting: it lists no task, and has not done so in enough polls. An
 * initial state of an empty list would report all its tasks as added later, and discard the state of another address.
 */
export function mayBeStarting(state: PollState, poll: SuccessfulPoll): boolean {
  return poll.tasks.length === 0 && !isGone(countEmptyPolls(state.emptyPolls, poll).count);
}
