import { windowOpening } from '../active-backup/backup-window';
import { alreadyRunningError, taskLabel, temporaryRefusal } from '../active-backup/errors';
import { TASK_API } from '../active-backup/methods';
import type { Task, TaskListing } from '../active-backup/types';
import { runError } from '../active-backup/run-errors';
import type { DsmError } from '../dsm/errors';
import type { RequestParts } from './run-following';
import { trackStarted } from './run-tracker';
import { startWhenOnline, unstartedText, type StartAttempt } from './start-when-online';

/** Sends a start to the NAS, and reports a refused one as an event. */
export interface Starter {
  /** @returns the data of the response. @throws DsmError that names the task, if DSM refuses */
  readonly start: (task: Task) => Promise<unknown>;
  readonly reportRefusal: (error: unknown, task: Task) => void;
}

/** Receives a task that DSM has just accepted; `task` as it was just before. */
type OnStarted = (task: Task) => void;

/** The next attempt after DSM refused a start because the device is offline, though the task list shows it on line. */
const RETRY_OFFLINE_MS = 5 * 60_000;
/** The next attempt after a refusal because of the backup window, if it cannot be computed when the window opens. */
const RETRY_WINDOW_MS = 15 * 60_000;
const RETRY_DISK_MS = 60_000;

/**
 * Starts the waiting tasks of a request, each as soon as one of its devices is on line and its backup window allows it. A task
 * that is not started becomes an error of the request.
 * @param listing the tasks as they were just listed; null: unknown
 * @param limit aborts after the time limit, and when the node closes
 * @throws DsmError when a poll fails with an error that no later poll resolves
 */
export async function startWaiting(
  parts: RequestParts,
  starter: Starter,
  { listing, limit, onStarted }: { listing: TaskListing | null; limit: AbortSignal; onStarted: OnStarted },
): Promise<void> {
  const { state, runs, nas, closing } = parts;
  const { waitMs } = state.request;
  const tasks = state.tasks.filter(({ phase }) => phase === 'waiting');
  const now = Date.now();
  const nameOf = (id: number): { id: number; name: string | null } =>
    tasks.find((task) => task.id === id) ?? { id, name: null };
  for (const task of tasks.filter(({ until }) => until <= now))
    fail(parts, task.id, unstartedText(task, 'expired', waitMs));
  const unstarted = await startWhenOnline({
    taskIds: tasks.filter(({ until }) => until > now).map(({ id }) => id),
    listing,
    poller: nas.poller,
    attempt: (task, polled) => attempt(parts, starter, task, polled, onStarted),
    onWaiting: (id, why) => {
      if (!closing.aborted) runs.waiting(id, why);
    },
    onRemoved: (id) => {
      fail(parts, id, `${taskLabel(nameOf(id))}: the task was removed before it could be started`);
    },
    signal: limit,
    now: () => new Date(),
  });
  if (closing.aborted) return;
  for (const { id, why } of unstarted) fail(parts, id, unstartedText(nameOf(id), why, waitMs));
}

function fail({ state, runs, closing }: RequestParts, id: number, error: string | DsmError): void {
  if (closing.aborted) return;
  runs.ended(id);
  state.fail([id], typeof error === 'string' ? runError(error) : error);
}

const DONE: StartAttempt = { is: 'done' };

async function attempt(
  parts: RequestParts,
  { start, reportRefusal }: Starter,
  task: Task,
  { laterJobs }: TaskListing,
  onStarted: OnStarted,
): Promise<StartAttempt> {
  const { state, nas, closing } = parts;
  const id = task.id ?? 0;
  if (task.state !== 'idle') {
    const error = alreadyRunningError([task], { api: TASK_API, method: state.request.method });
    reportRefusal(error, task);
    fail(parts, id, error);
    return DONE;
  }
  if (!(await state.commitSending(id, trackStarted(task, laterJobs)))) {
    return { is: 'waiting', why: 'disk', until: new Date(Date.now() + RETRY_DISK_MS) };
  }
  try {
    state.setAccepted([id], await start(task));
  } catch (error) {
    return closing.aborted ? DONE : refused(parts, reportRefusal, task, error);
  }
  nas.poller.expectChange();
  if (!closing.aborted) onStarted(task);
  return DONE;
}

/** Waits on if the start may succeed later, within the time limit; any other refusal is an error. */
function refused(
  parts: RequestParts,
  reportRefusal: Starter['reportRefusal'],
  task: Task,
  error: unknown,
): StartAttempt {
  const { state } = parts;
  const id = task.id ?? 0;
  const now = Date.now();
  const why = temporaryRefusal(error);
  const opening = why === 'window' ? windowOpening(task.schedule, new Date(now)) : null;
  const retryMs = why === 'window' ? RETRY_WINDOW_MS : RETRY_OFFLINE_MS;
  const until = opening?.at ?? new Date(now + retryMs);
  const isInTime = opening === null || until.getTime() <= (state.tasks.find((each) => each.id === id)?.until ?? 0);
  if (why !== null && isInTime) {
    state.setWaiting(id);
    return { is: 'waiting', why, until };
  }
  reportRefusal(error, task);
  parts.runs.ended(id);
  state.fail([id], error);
  return DONE;
}
