import { endJob } from './jobs';
import { applyPresence, nextPresenceAt } from './presence';
import { addLog, deleteVersions, dropVersions, ENDINGS, recordEnd, recordStart, surplusVersions } from './history';
import { CODE, ApiError } from './api-error';
import { nextTrigger, windowAllows } from './schedule';
import { devicesOf, hasAgent, JOB_ACTION, nextId } from './world';
import type { Device, Outcome, Run, Task, World } from './world';

const DAY = 24 * 3600;
/** A cancelled run takes this long to stop, so that clients can observe the state `cancelling`. */
const CANCEL_SECONDS = 2;
const LOG = { anotherRunning: 1107, outsideWindow: 1124, deviceOffline: 1125, cancelled: 1103 } as const;

interface ScheduledChange {
  readonly at: number;
  readonly apply: () => void;
}

/**
 * Simulates everything that was due up to `to` (epoch seconds), in order: schedules start tasks, waiting runs start when there is
 * capacity, running ones end, retention deletes versions. There is no timer: each access to the NAS calls this first.
 */
export function advanceRuns(world: World, to: number): void {
  for (;;) {
    startReadyRuns(world);
    const next = nextChange(world);
    if (next === null || next.at > to) break;
    simulateUntil(world, next.at);
    next.apply();
  }
  simulateUntil(world, to);
}

/** Advances the simulated time; volumes fill meanwhile. */
function simulateUntil(world: World, to: number): void {
  const days = Math.max(0, to - world.simulatedUntil) / DAY;
  for (const { volumePath, growthPerDay } of days > 0 ? world.storages : []) {
    const volume = world.volumes.find(({ path }) => path === volumePath);
    if (volume === undefined || growthPerDay === 0) continue;
    volume.usedBytes = Math.min(volume.totalBytes, volume.usedBytes + growthPerDay * days);
  }
  world.simulatedUntil = Math.max(world.simulatedUntil, to);
}

function nextChange(world: World): ScheduledChange | null {
  let next: ScheduledChange | null = null;
  const propose = (at: number, apply: () => void): void => {
    if (next === null || at < next.at) next = { at, apply };
  };
  for (const run of world.runs.values()) {
    if (run.state !== 'waiting') propose(run.endsAt, () => endRun(world, run, run.endsAt));
    else if (run.readyAt > world.simulatedUntil) propose(run.readyAt, () => undefined);
  }
  for (const job of world.jobs.values()) propose(job.endsAt, () => endJob(world, job, job.endsAt));
  if (world.presenceEdges.size > 0) propose(nextPresenceAt(world), () => comeAndGo(world));
  if (world.schedules) {
    for (const task of world.tasks.values()) {
      const at = task.nextTriggerAt;
      if (at !== null) propose(at, () => trigger(world, task, at));
    }
    propose(world.nextRetentionAt, () => applyRetention(world));
  }
  return next;
}

/** The run of a task that has not ended; undefined when it is idle. */
export function runOf(world: World, taskId: number): Run | undefined {
  return world.runs.get(taskId);
}

function slotsOf(world: World, run: Run): number {
  const task = world.tasks.get(run.taskId);
  if (task === undefined) return 0;
  const devices = Math.max(1, task.deviceIds.length);
  return task.maxConcurrentDevices > 0 ? Math.min(devices, task.maxConcurrentDevices) : devices;
}

/** Starts waiting runs in order. A run that needs more slots than there are starts when nothing else runs. */
function startReadyRuns(world: World): void {
  const limit = Number(world.settings.get('max_concurrent_devices'));
  const runs = [...world.runs.values()];
  const started = runs.filter((run) => run.state !== 'waiting');
  let used = started.reduce((sum, run) => sum + slotsOf(world, run), 0);
  for (const run of runs.filter((each) => each.state === 'waiting' && each.readyAt <= world.simulatedUntil)) {
    const needed = slotsOf(world, run);
    if (used > 0 && used + needed > limit) return;
    startRun(world, run);
    used += needed;
  }
}

/** Starts a waiting run, whether or not a slot is free. */
export function startRun(world: World, run: Run): void {
  const task = world.tasks.get(run.taskId);
  if (task === undefined || run.outcome === 'never_runs') {
    removeRun(world, run);
    return;
  }
  const at = world.simulatedUntil;
  run.state = 'running';
  run.startedAt = at;
  run.endsAt = at + run.durationSeconds * ENDINGS[run.outcome].share;
  run.resultId = recordStart(world, task, at, run.startedBy, JOB_ACTION.backup).id;
}

/** Ends a run at `at` with its current outcome; a waiting run is removed without a result. */
export function endRun(world: World, run: Run, at: number): void {
  removeRun(world, run);
  const task = world.tasks.get(run.taskId);
  const result = run.resultId === null ? undefined : world.results.get(run.resultId);
  if (task === undefined || result === undefined || run.outcome === 'never_runs') return;
  // A complete run has transferred everything, even when a test ended it early.
  const done = ENDINGS[run.outcome].share === 1 ? 1 : doneShare(run, at);
  const bytes = Math.floor(run.totalBytes * done);
  const { outcome, missing } = settled(world, task, run);
  if (outcome !== 'never_runs') recordEnd(world, task, result, { outcome, at, bytes, missing });
}

/** Progress of a run at `at`, 0 to 1. */
export function doneShare(run: Run, at: number): number {
  if (run.state === 'waiting' || run.outcome === 'no_backup') return 0;
  if (run.durationSeconds === 0) return 1;
  return Math.min(1, Math.max(0, (at - run.startedAt) / run.durationSeconds));
}

/** The outcome of a run, and the devices that were offline at its start or have left since. */
function settled(world: World, task: Task, { missing, outcome }: Run): Pick<Run, 'outcome' | 'missing'> {
  const devices = devicesOf(world, task);
  const left = devices.filter((device) => device.presence !== null && isOffline(device) && !missing.has(device.id));
  if (left.length === 0) return { missing, outcome };
  const lost = new Set([...missing, ...left.map(({ id }) => id)]);
  if (outcome !== 'success') return { missing: lost, outcome };
  return { missing: lost, outcome: lost.size === devices.length ? 'failed' : 'partial' };
}

/** DSM's `schedule_setting_type` of a task that events start (docs/facts/dsm.md §3.6). */
const BY_EVENT = 2;
const STARTED_BY_EVENT = 1115;

/** Devices connect and disconnect; one that comes starts the tasks of its events. */
function comeAndGo(world: World): void {
  const at = world.simulatedUntil;
  const arrived = new Set(applyPresence(world, at).map(({ id }) => id));
  for (const task of world.schedules && arrived.size > 0 ? world.tasks.values() : []) {
    if (task.schedule.schedule_setting_type !== BY_EVENT || !task.deviceIds.some((id) => arrived.has(id))) continue;
    if (startErrorCode(world, task) !== null) continue;
    addLog(world, at, { type: STARTED_BY_EVENT, task });
    acceptRun(world, task, '');
  }
}

function removeRun(world: World, run: Run): void {
  world.runs.delete(run.taskId);
}

function isOffline(device: Device): boolean {
  return hasAgent(device.type) && !device.online;
}

/** The code with which DSM would refuse to start this task now; null when it would accept. */
function startErrorCode(world: World, task: Task): number | null {
  if (runOf(world, task.id) !== undefined) return CODE.anotherBackupExists;
  const busy = new Set([...world.runs.keys()].flatMap((taskId) => world.tasks.get(taskId)?.deviceIds ?? []));
  if (task.deviceIds.some((id) => busy.has(id))) return CODE.backupConflict;
  const devices = devicesOf(world, task);
  if (devices.length > 0 && devices.every(isOffline)) return CODE.deviceOffline;
  if (!windowAllows(task.schedule, world.simulatedUntil, world.utcOffsetSeconds)) return CODE.outsideBackupWindow;
  return null;
}

/** Accepts all runs, or none when one is refused. @throws ApiError of the refused task */
export function acceptRuns(world: World, tasks: readonly Task[], startedBy: string): void {
  for (const task of tasks) {
    const code = startErrorCode(world, task);
    if (code !== null) throw new ApiError(code);
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
  const { bytes, seconds } = takeDeviation(task);
  world.runs.set(task.id, {
    taskId: task.id,
    startedBy,
    state: 'waiting',
    readyAt: world.simulatedUntil + task.plan.prepareSeconds,
    resultId: null,
    startedAt: Infinity,
    endsAt: Infinity,
    durationSeconds: task.plan.durationSeconds * seconds,
    totalBytes: bytes === 1 ? task.plan.totalBytes : Math.floor(task.plan.totalBytes * bytes),
    outcome,
    missing,
    pid: nextId(world, 'pid'),
  });
}

/** The factors of the next run; the last one that differs ends the deviation. */
function takeDeviation(task: Task): { bytes: number; seconds: number } {
  const { deviation } = task;
  if (deviation === null) return { bytes: 1, seconds: 1 };
  deviation.runs -= 1;
  if (deviation.runs <= 0) task.deviation = null;
  return deviation;
}

/** Cancels runs: a running one ends cancelled after CANCEL_SECONDS, a waiting one is removed, an idle task is left alone. */
export function cancelRuns(world: World, tasks: readonly Task[]): void {
  for (const task of tasks) {
    const run = runOf(world, task.id);
    if (run === undefined || run.state === 'cancelling') continue;
    if (run.state === 'waiting') {
      removeRun(world, run);
      addLog(world, world.simulatedUntil, { type: LOG.cancelled, level: 1, task });
      continue;
    }
    run.state = 'cancelling';
    run.outcome = 'cancelled';
    run.endsAt = world.simulatedUntil + CANCEL_SECONDS;
  }
}

/** Log type of a scheduled start that did not take place, by the code of a manual start. */
const MISSED: Readonly<Record<number, number>> = {
  [CODE.anotherBackupExists]: LOG.anotherRunning,
  [CODE.backupConflict]: LOG.anotherRunning,
  [CODE.deviceOffline]: LOG.deviceOffline,
  [CODE.outsideBackupWindow]: LOG.outsideWindow,
};

function trigger(world: World, task: Task, at: number): void {
  task.nextTriggerAt = nextTrigger(task.schedule, at, world.utcOffsetSeconds);
  const code = startErrorCode(world, task);
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

/** Removes a task and its versions; its run ends cancelled, its history stays. */
export function removeTask(world: World, taskId: number): void {
  const run = runOf(world, taskId);
  if (run !== undefined) {
    run.outcome = 'cancelled';
    endRun(world, run, world.simulatedUntil);
  }
  const task = world.tasks.get(taskId);
  if (task !== undefined) dropVersions(world, task, () => true);
  world.tasks.delete(taskId);
  world.versions.delete(taskId);
}

/** Ends every run, as a power failure does: running ones are incomplete, waiting ones are removed. */
export function interruptRuns(world: World): void {
  for (const job of [...world.jobs.values()]) endJob(world, { ...job, outcome: 'failed' }, world.simulatedUntil);
  for (const run of [...world.runs.values()]) {
    if (run.outcome !== 'never_runs') run.outcome = 'incomplete';
    endRun(world, run, world.simulatedUntil);
  }
}
