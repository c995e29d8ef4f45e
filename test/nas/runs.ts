import { addLog, deleteVersions, dropVersions, ENDINGS, recordEnd, recordStart, surplusVersions } from './history';
import { CODE, Refusal } from './refusal';
import { nextTrigger, windowAllows } from './schedule';
import { devicesOf, hasAgent, JOB_ACTION, nextId } from './world';
import type { Device, Outcome, Run, Task, World } from './world';

const DAY = 24 * 3600;
/** A cancelled run needs a moment to stop, so that a reader can see it cancelling. */
const CANCEL_SECONDS = 2;
const LOG = { anotherRunning: 1107, outsideWindow: 1124, deviceOffline: 1125, cancelled: 1103 } as const;

interface Happening {
  readonly at: number;
  readonly happen: () => void;
}

/**
 * Lets everything happen that was due up to `to` (epoch seconds), in its order: schedules fire, waiting runs start when
 * a place is free, running ones end, old versions go. No timer runs: whoever looks at the NAS settles it first.
 */
export function settle(world: World, to: number): void {
  for (;;) {
    startReadyRuns(world);
    const next = nextHappening(world);
    if (next === null || next.at > to) break;
    world.settledAt = Math.max(world.settledAt, next.at);
    next.happen();
  }
  world.settledAt = Math.max(world.settledAt, to);
}

function nextHappening(world: World): Happening | null {
  let next: Happening | null = null;
  const offer = (at: number, happen: () => void): void => {
    if (next === null || at < next.at) next = { at, happen };
  };
  for (const run of world.runs.values()) {
    if (run.state !== 'waiting') offer(run.endsAt, () => endRun(world, run, run.endsAt));
    else if (run.readyAt > world.settledAt) offer(run.readyAt, () => undefined);
  }
  if (world.schedules) {
    for (const task of world.tasks.values()) {
      const at = task.nextTriggerAt;
      if (at !== null) offer(at, () => trigger(world, task, at));
    }
    offer(world.nextRetentionAt, () => applyRetention(world));
  }
  return next;
}

/** The run of a task that has not ended; undefined when it is idle. */
export function runOf(world: World, taskId: number): Run | undefined {
  return world.runs.get(taskId);
}

function places(world: World, run: Run): number {
  const task = world.tasks.get(run.taskId);
  if (task === undefined) return 0;
  const devices = Math.max(1, task.deviceIds.length);
  return task.maxConcurrentDevices > 0 ? Math.min(devices, task.maxConcurrentDevices) : devices;
}

/** First come, first served; a run that needs more places than there are starts when it is alone. */
function startReadyRuns(world: World): void {
  const limit = Number(world.settings.get('max_concurrent_devices'));
  const runs = [...world.runs.values()];
  const started = runs.filter((run) => run.state !== 'waiting');
  let used = started.reduce((sum, run) => sum + places(world, run), 0);
  for (const run of runs.filter((each) => each.state === 'waiting' && each.readyAt <= world.settledAt)) {
    const needed = places(world, run);
    if (used > 0 && used + needed > limit) return;
    startRun(world, run);
    used += needed;
  }
}

/** Takes a run out of the queue, whether or not a place is free. */
export function startRun(world: World, run: Run): void {
  const task = world.tasks.get(run.taskId);
  if (task === undefined || run.outcome === 'never_runs') {
    forgetRun(world, run);
    return;
  }
  const at = world.settledAt;
  run.state = 'running';
  run.startedAt = at;
  run.endsAt = at + run.durationSeconds * ENDINGS[run.outcome].share;
  run.resultId = recordStart(world, task, at, run.startedBy, JOB_ACTION.backup).id;
}

/** Ends a run at `at` with the outcome it now has; one that still waits just goes, it never had a result. */
export function endRun(world: World, run: Run, at: number): void {
  forgetRun(world, run);
  const task = world.tasks.get(run.taskId);
  const result = run.resultId === null ? undefined : world.results.get(run.resultId);
  if (task === undefined || result === undefined || run.outcome === 'never_runs') return;
  // A run that went through has moved everything, also when a test ended it before its time.
  const done = ENDINGS[run.outcome].share === 1 ? 1 : doneShare(run, at);
  const bytes = Math.floor(task.plan.totalBytes * done);
  recordEnd(world, task, result, { outcome: run.outcome, at, bytes, missing: run.missing });
}

/** How much of a run is done at `at`: 0 to 1. */
export function doneShare(run: Run, at: number): number {
  if (run.state === 'waiting' || run.outcome === 'no_backup') return 0;
  if (run.durationSeconds === 0) return 1;
  return Math.min(1, Math.max(0, (at - run.startedAt) / run.durationSeconds));
}

function forgetRun(world: World, run: Run): void {
  world.runs.delete(run.taskId);
}

function isOffline(device: Device): boolean {
  return hasAgent(device.type) && !device.online;
}

/** Why DSM would refuse to start this task now, as its code; null when it would accept. */
export function startRefusal(world: World, task: Task): number | null {
  if (runOf(world, task.id) !== undefined) return CODE.anotherBackupExists;
  const busy = new Set([...world.runs.keys()].flatMap((taskId) => world.tasks.get(taskId)?.deviceIds ?? []));
  if (task.deviceIds.some((id) => busy.has(id))) return CODE.backupConflict;
  const devices = devicesOf(world, task);
  if (devices.length > 0 && devices.every(isOffline)) return CODE.deviceOffline;
  if (!windowAllows(task.schedule, world.settledAt, world.utcOffsetSeconds)) return CODE.outsideBackupWindow;
  return null;
}

/** Accepts runs: all of them or, when one would be refused, none. @throws Refusal with that task's reason */
export function acceptRuns(world: World, tasks: readonly Task[], startedBy: string): void {
  for (const task of tasks) {
    const code = startRefusal(world, task);
    if (code !== null) throw new Refusal(code);
  }
  for (const task of tasks) acceptRun(world, task, startedBy);
}

function acceptRun(world: World, task: Task, startedBy: string): void {
  const missing = new Set(
    devicesOf(world, task)
      .filter(isOffline)
      .map(({ id }) => id),
  );
  const outcome: Outcome = missing.size > 0 && task.plan.outcome === 'success' ? 'partial' : task.plan.outcome;
  world.runs.set(task.id, {
    taskId: task.id,
    startedBy,
    state: 'waiting',
    readyAt: world.settledAt + task.plan.prepareSeconds,
    resultId: null,
    startedAt: Infinity,
    endsAt: Infinity,
    durationSeconds: task.plan.durationSeconds,
    outcome,
    missing,
    pid: nextId(world, 'pid'),
  });
}

/** Stops runs: one that has started ends cancelled a moment later, one that waits goes at once, an idle task stays so. */
export function cancelRuns(world: World, tasks: readonly Task[]): void {
  for (const task of tasks) {
    const run = runOf(world, task.id);
    if (run === undefined || run.state === 'cancelling') continue;
    if (run.state === 'waiting') {
      forgetRun(world, run);
      addLog(world, world.settledAt, { type: LOG.cancelled, level: 1, task });
      continue;
    }
    run.state = 'cancelling';
    run.outcome = 'cancelled';
    run.endsAt = world.settledAt + CANCEL_SECONDS;
  }
}

/** Log row of a scheduled start that did not take place, by the code a person would have got. */
const MISSED: Readonly<Record<number, number>> = {
  [CODE.anotherBackupExists]: LOG.anotherRunning,
  [CODE.backupConflict]: LOG.anotherRunning,
  [CODE.deviceOffline]: LOG.deviceOffline,
  [CODE.outsideBackupWindow]: LOG.outsideWindow,
};

function trigger(world: World, task: Task, at: number): void {
  task.nextTriggerAt = nextTrigger(task.schedule, at, world.utcOffsetSeconds);
  const code = startRefusal(world, task);
  if (code === null) acceptRun(world, task, '');
  else addLog(world, at, { type: MISSED[code] ?? LOG.anotherRunning, level: 1, task });
}

function applyRetention(world: World): void {
  for (const task of world.tasks.values()) {
    const surplus = surplusVersions(world, task);
    if (surplus.size > 0) deleteVersions(world, task, surplus, world.nextRetentionAt);
  }
  world.nextRetentionAt += DAY;
}

/** Forgets a task and its versions; a run of it ends cancelled, its history stays. */
export function removeTask(world: World, taskId: number): void {
  const run = runOf(world, taskId);
  if (run !== undefined) {
    run.outcome = 'cancelled';
    endRun(world, run, world.settledAt);
  }
  const task = world.tasks.get(taskId);
  if (task !== undefined) dropVersions(world, task, () => true);
  world.tasks.delete(taskId);
  world.versions.delete(taskId);
}

/** Ends every run, as a power failure does: what had started is incomplete, what waited is gone. */
export function interruptRuns(world: World): void {
  for (const run of [...world.runs.values()]) {
    if (run.outcome !== 'never_runs') run.outcome = 'incomplete';
    endRun(world, run, world.settledAt);
  }
}
