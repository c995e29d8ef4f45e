import { isDeepStrictEqual } from 'node:util';
import type { Task } from '../active-backup/types';
import { addFailureReasons } from './backup-history';
import { taskFromStored } from './change-detection';
import type { PollEvents } from './event-dispatcher';
import type { NasEvent } from './events';
import type { MonitorState } from './monitor-state';
import {
  afterFailedPoll,
  afterSuccessfulPoll,
  countEmptyPolls,
  missingIds,
  type NumberedPoll,
  type PollState,
  type ShownTasks,
  type SuccessfulPoll,
} from './poll-state';
import type { PollReads } from './poll-reader';
import type { NasSnapshot } from './snapshot';
import { protectionEvents, type SettledProtections } from './protection-events';
import { spaceEvents, type StorageWithVolume } from './storage-space';
import { completeTasks, completeTask } from './task-completion';
import { applyHabit, withStoredOverdue } from './task-overdue';

/** The parts of a snapshot that a poll determines; {@link SnapshotPublisher} adds the inventory. */
export interface PollSnapshot extends Pick<NasSnapshot, 'at' | 'online' | 'protections'> {
  readonly tasks: ShownTasks | null;
  /** Storages that were low, as in {@link MonitorState.low}. */
  readonly low: readonly string[];
  readonly otherJobs: MonitorState['otherJobs'];
  readonly transferredBytes: number | null;
}

/** Result of one poll. */
export interface PollOutcome {
  readonly state: PollState;
  readonly events: PollEvents;
  /** Null while the NAS has not answered and is not offline. */
  readonly snapshot: PollSnapshot | null;
}

/** The events of {@link PollEvents} that a poll has found. */
type FoundEvents = Pick<PollEvents, 'availability' | 'changes' | 'progress'>;

/**
 * One step of the monitor: the state after a poll, with the events to deliver and the snapshot to emit.
 * @param reads what was read for this poll
 * @param storageLimits percentages of free space below which a storage is low in snapshots
 */
export function processPoll(
  state: PollState,
  poll: SuccessfulPoll,
  reads: PollReads,
  storageLimits: readonly number[],
): PollOutcome {
  const { at, tasks } = poll;
  const { availability, events: ofNas } = afterSuccessfulPoll(state.availability, at);
  const { protections } = reads;
  const answered = { ...state, availability, tasks, protections, emptyPolls: countEmptyPolls(state.emptyPolls, poll) };
  const { comparison } = reads;
  const compared = comparison.is === 'done' ? comparison.stored : state.stored;
  const status = comparison.is === 'done' ? comparison.status : state.comparison;
  if (comparison.is === 'failed' || compared === null || status.is !== 'current') {
    const after = {
      ...answered,
      ...afterFailedComparison(state, comparison.is === 'failed' ? comparison.shown : null),
    };
    return outcomeOf(after, poll, { availability: ofNas, changes: null, progress: [] });
  }
  const { stored, events: ofHabit, settledProtections } = withJudgement(compared, reads, at, state.settledProtections);
  const low = lowStorages(compared.low, reads.storages, storageLimits, state.checkedStorages);
  const after = {
    ...answered,
    settledProtections,
    stored: { ...stored, low },
    comparison: status,
    shownTasks: shownTasksOf(tasks, stored.tasks, state.shownTasks),
  };
  const detected = { at: at.toISOString(), late: state.comparison.is === 'never' };
  const found = comparison.is === 'done' ? comparison.events : [];
  const events = [
    ...found.map((event) => withStoredOverdue(event, stored.tasks)),
    ...ofHabit.map((event) => ({ ...event, ...detected })),
  ];
  const changes = { events, isComplete: status.isComplete };
  const progress = tasks === state.tasks ? [] : progressEvents(at, tasks, stored);
  return outcomeOf(after, poll, { availability: ofNas, changes, progress });
}

/** What the judgement of the devices makes of a state. */
interface Judged extends Pick<PollState, 'settledProtections'> {
  readonly stored: MonitorState;
  readonly events: readonly Pick<NasEvent, 'event' | 'task' | 'device' | 'protection'>[];
}

/** The state with what the judgement of the devices says of them and of their tasks, and the events of it. */
function withJudgement(compared: MonitorState, reads: PollReads, at: Date, before: SettledProtections | null): Judged {
  const reported = protectionEvents(compared.protections, reads.protections, at, before);
  const explained = addFailureReasons(compared.tasks, reads.reasons);
  const byHabit = applyHabit(explained, reads.overdue, compared.protections === null);
  return {
    stored: { ...compared, tasks: byHabit.tasks, protections: reported.after },
    events: [...byHabit.events, ...reported.events],
    settledProtections: reported.settled,
  };
}

/**
 * The step after a poll that failed: all but the availability stays as it is.
 * @param isQuiet whether an outage is not reported yet
 */
export function processFailedPoll(state: PollState, poll: NumberedPoll, isQuiet: boolean): PollOutcome {
  const { availability, events } = afterFailedPoll(state.availability, isQuiet);
  return outcomeOf({ ...state, availability }, poll, { availability: events, changes: null, progress: [] });
}

function outcomeOf(after: PollState, { at, number }: NumberedPoll, found: FoundEvents): PollOutcome {
  const { offlineSince, isOfflineReported } = after.availability;
  const reportedSince = isOfflineReported ? offlineSince : null;
  const stored = after.stored === null ? null : { ...after.stored, offlineSince: reportedSince };
  const online = offlineSince === null;
  const isKnown = after.tasks !== null || !online;
  return {
    state: { ...after, stored },
    events: {
      at,
      number,
      ...found,
      protections: after.protections,
      /** Only a listener that has missed events needs them. */
      get tasks() {
        return after.tasks === null ? null : completeTasks(after.tasks, stored?.tasks ?? {});
      },
    },
    snapshot: isKnown
      ? { at: at.toISOString(), online, tasks: after.shownTasks, protections: after.protections, ...shownOf(stored) }
      : null,
  };
}

function shownOf(stored: MonitorState | null): Pick<PollSnapshot, 'low' | 'otherJobs' | 'transferredBytes'> {
  return {
    low: stored?.low ?? [],
    otherJobs: stored?.otherJobs ?? null,
    transferredBytes: stored?.transferredBytes ?? null,
  };
}

function afterFailedComparison(
  { comparison, shownTasks }: PollState,
  shown: ShownTasks | null,
): Pick<PollState, 'comparison' | 'shownTasks'> {
  return { comparison: comparison.is === 'never' ? comparison : { is: 'outdated' }, shownTasks: shown ?? shownTasks };
}

/** The listed tasks, then those that are missing but not gone: as last shown, else as stored. */
function shownTasksOf(listed: readonly Task[], stored: MonitorState['tasks'], last: ShownTasks | null): ShownTasks {
  if (last?.listed === listed && last.stored === stored) return last;
  const missing = missingIds(stored);
  if (missing.length === 0) return { tasks: listed, listed, stored };
  const known = new Map(last?.tasks.map((task) => [String(task.id), task]));
  const absent = missing.flatMap((id) => {
    const task = stored[id];
    return known.get(id) ?? (task === undefined ? [] : taskFromStored(id, task));
  });
  return { tasks: [...listed, ...absent], listed, stored };
}

/** The storages that are low by the limits of the snapshot listeners; the same array when none changes. */
function lowStorages(
  before: readonly string[],
  storages: readonly StorageWithVolume[] | null,
  limits: readonly number[],
  checked: readonly StorageWithVolume[] | null,
): readonly string[] {
  if (storages === null || storages === checked) return before;
  const low = limits.reduce((all, percent) => spaceEvents(storages, all, percent).low, before);
  return isDeepStrictEqual(low, before) ? before : low;
}

function progressEvents(at: Date, tasks: readonly Task[], { tasks: stored }: MonitorState): NasEvent[] {
  const active = tasks.filter(({ state }) => state !== 'idle');
  return active.map((raw) => {
    const task = completeTask(raw, stored[String(raw.id)]);
    return { event: 'backup_progress', at: at.toISOString(), task, late: false };
  });
}
