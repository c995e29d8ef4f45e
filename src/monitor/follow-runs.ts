import { isLogUnavailable } from '../active-backup/backup-log';
import type { Result, Task } from '../active-backup/types';
import type { ErrorCode } from '../dsm/errors';
import { checkRun, type TrackedRun, type RunStatus } from './run-tracker';
import type { PollResult, TaskPoller } from './poller';

/** What it takes to follow runs to their end. */
export interface FollowOptions {
  readonly runs: readonly TrackedRun[];
  /** When DSM accepted them: looks made before say nothing of them. */
  readonly since: Date;
  readonly watch: Pick<TaskPoller, 'subscribe'>;
  /** Reads the backups of the last days from the log. */
  readonly readResults: () => Promise<Result[]>;
  readonly onProgress: (task: Task) => void;
  readonly onEnd: (task: Task, result: Result) => Promise<void> | void;
  /** How long an idle task without a result is awaited. */
  readonly startTimeoutMs: number;
  /** Aborts the following, never the runs. */
  readonly signal: AbortSignal;
}

/** Errors that no later look mends: only another configuration or a person does. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['ECONFIG', 'EAUTH', 'EOTP', 'EBLOCKED', 'EPERMISSION', 'EUNSUPPORTED']);

/** A log that fails so often in a row is done without. */
const LOG_TRIES = 3;

/** A run that came to no end. */
export interface UnfinishedRun {
  readonly taskId: number;
  readonly why: Extract<RunStatus, { is: 'lost' }>['why'] | 'still-running';
}

/**
 * Follows runs until each has ended. Looks that fail are passed over, so a lost session or a restart of the NAS only
 * delays the news.
 * @returns the runs that came to no end, `still-running` when `signal` aborted before it
 * @throws DsmError when the NAS refuses for good
 */
export async function followRuns(options: FollowOptions): Promise<UnfinishedRun[]> {
  const { since, watch, signal, startTimeoutMs: patienceMs } = options;
  const lost: UnfinishedRun[] = [];
  let runs: readonly TrackedRun[] = options.runs;
  let logFailures = 0;
  if (runs.length === 0) return [];
  let isFirst = true;
  for await (const look of pollResults(watch, signal)) {
    // Only the first one can have been asked for before the start was accepted: a clock that is set back hides no other.
    const isOld = isFirst && look.at < since;
    isFirst = false;
    if (isOld) continue;
    if ('error' in look) {
      if (FINAL.has(look.error.code)) throw look.error;
      continue;
    }
    const see = (results: readonly Result[] | null): RunStatus[] =>
      runs.map((run) => checkRun(run, look, results, performance.now(), patienceMs));
    let sights = see(null);
    if (sights.some(({ is }) => is === 'unclear')) {
      const results = await options.readResults().catch(withoutLog);
      logFailures = results === null ? logFailures + 1 : 0;
      if (results !== null) sights = see(results);
      else if (logFailures >= LOG_TRIES) sights = sights.map((sight, index) => endedBy(sight, see([])[index]));
    }
    const still: TrackedRun[] = [];
    for (const [index, sight] of sights.entries()) {
      if (sight.is !== 'ended' && sight.is !== 'lost') still.push(sight.run);
      const isActive = sight.is === 'under-way' || (sight.is === 'unclear' && sight.task.state !== 'idle');
      if (isActive) options.onProgress(sight.task);
      if (sight.is === 'ended') await options.onEnd(sight.task, sight.result);
      if (sight.is === 'lost') lost.push({ taskId: runs[index]?.taskId ?? 0, why: sight.why });
    }
    runs = still;
    if (runs.length === 0) break;
  }
  return [...lost, ...runs.map(({ taskId }) => ({ taskId, why: 'still-running' as const }))];
}

/** A run that is unclear counts as ended when its task itself tells the end, and stays unclear otherwise. */
function endedBy(sight: RunStatus, withoutLog: RunStatus | undefined): RunStatus {
  return sight.is === 'unclear' && withoutLog?.is === 'ended' ? withoutLog : sight;
}

/** @returns no results where the NAS has no log for us; null when it may answer at the next poll */
function withoutLog(error: unknown): Result[] | null {
  return isLogUnavailable(error) ? [] : null;
}

/** The looks of a watch from now on, until `signal` aborts. A look that comes while the one before is worked on replaces it. */
async function* pollResults(
  watch: Pick<TaskPoller, 'subscribe'>,
  signal: AbortSignal,
): AsyncGenerator<PollResult, void> {
  const waiting: { look: PollResult | null; wake: () => void } = { look: null, wake: () => undefined };
  const unsubscribe = watch.subscribe(
    (look) => {
      waiting.look = look;
      waiting.wake();
    },
    { fast: true },
  );
  const abort = (): void => {
    waiting.wake();
  };
  signal.addEventListener('abort', abort);
  try {
    while (!signal.aborted) {
      const { look } = waiting;
      waiting.look = null;
      if (look !== null) yield look;
      else await new Promise<void>((resolve) => (waiting.wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', abort);
    unsubscribe();
  }
}
