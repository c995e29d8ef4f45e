import type { JsonObject } from '../../dsm/json';
import { RUNNING_TASK_STATUS, codeToName, type TaskState } from '../codes';
import { nonNegativeIntegerOf, objectOf, integerOf, numberOf, objectsOf, positiveIntegerOf } from '../json-fields';
import type { Progress, Task } from '../types';
import { meanOfKnown, percentOf, divide, sumOfKnown } from '../known-values';

/** Transferred bytes of a run at one time. Two samples give its speed, which DSM does not send. */
export interface ProgressSample {
  at: Date;
  transferredBytes: number;
}

/** Time of a poll, and the samples of the previous one. */
export interface ProgressContext {
  /** Time of the request. */
  at: Date;
  /** By task id; see {@link takeSamples}. */
  samples: ReadonlyMap<number, ProgressSample>;
}

/** State and progress of a task. */
export interface TaskActivity {
  state: TaskState;
  /** `running_task_status`; null while idle, and when only a process id shows that the task is running. */
  stateCode: number | null;
  progress: Progress | null;
}

const IDLE: TaskActivity = { state: 'idle', stateCode: null, progress: null };
/** The first of these states among the devices is the state of their task. */
const PRECEDENCE: readonly TaskState[] = ['running', 'cancelling', 'pausing', 'queued', 'unknown'];

/**
 * Parses the state of a task from its own `progress`, or from those of its devices.
 * @param raw a task of `Task.list` or a row of `list_with_device`; @param context for the speed; null at the first poll
 * Source: docs/facts/dsm.md §2.9, two independent readers of the field; never seen with several devices.
 */
export function parseActivity(raw: JsonObject, context: ProgressContext | null): TaskActivity {
  const own = objectOf(raw['progress']);
  const devices = [...objectsOf(raw['devices']), objectOf(raw['device_info'])];
  const active = isActive(own) ? [own] : devices.map((device) => objectOf(device['progress'])).filter(isActive);
  const states = active.map(stateOf);
  const leading = PRECEDENCE.flatMap((word) => states.filter(({ state }) => state === word))[0];
  if (leading === undefined) return IDLE;
  return { ...leading, progress: parseProgress(active, integerOf(raw['task_id']), context) };
}

/**
 * Parses the progress of one task.
 * @param raws one object of DSM, or one per device: sizes are added, percentages averaged
 * @returns percent 0–100, sizes in bytes, time in seconds; a missing value is null, never 0
 */
function parseProgress(raws: readonly JsonObject[], taskId: number | null, context: ProgressContext | null): Progress {
  const transferredBytes = sumOfKnown(raws.map((raw) => nonNegativeIntegerOf(raw['transfered_bytes']))); // DSM's own spelling
  const totals = raws.map((raw) => positiveIntegerOf(raw['total_bytes'])); // 0 while DSM is counting
  const totalBytes = totals.includes(null) ? null : sumOfKnown(totals);
  const fraction = meanOfKnown(raws.map((raw) => numberOf(raw['percentage']))) ?? divide(transferredBytes, totalBytes);
  return withSpeed({ percent: percentOf(fraction), transferredBytes, totalBytes }, taskId, context);
}

/** The tasks with speeds relative to another poll with the same numbers; the same array if no speed has changed. */
export function withSpeeds(tasks: readonly Task[], context: ProgressContext | null): readonly Task[] {
  if (context === null) return tasks;
  const now = tasks.map((task) => {
    const progress = task.progress && withSpeed(task.progress, task.id, context);
    const isSame = progress === null || progress.bytesPerSecond === task.progress?.bytesPerSecond;
    return isSame ? task : { ...task, progress };
  });
  return now.every((task, index) => task === tasks[index]) ? tasks : now;
}

/** The context for speeds; null without a clock or without samples of the previous poll. */
export function progressContext({
  now,
  samples,
}: {
  now?: Date | undefined;
  samples?: ProgressContext['samples'] | undefined;
}): ProgressContext | null {
  return now === undefined || samples === undefined ? null : { at: now, samples };
}

/**
 * The speed since the previous poll, and the remaining time at that speed. Without transferred bytes the speed is 0 and
 * the remaining time null.
 */
function withSpeed(
  progress: Pick<Progress, 'percent' | 'transferredBytes' | 'totalBytes'>,
  taskId: number | null,
  context: ProgressContext | null,
): Progress {
  const { percent, transferredBytes, totalBytes } = progress;
  const bytesPerSecond = speedOf(taskId, transferredBytes, context);
  const left = transferredBytes === null || totalBytes === null ? null : Math.max(0, totalBytes - transferredBytes);
  const secondsLeft = divide(left, bytesPerSecond);
  const remainingSeconds = secondsLeft === null ? null : Math.ceil(secondsLeft);
  return { percent, transferredBytes, totalBytes, bytesPerSecond, remainingSeconds };
}

/** The samples of a poll for the next one, by task id. @param at time of the request */
export function takeSamples(tasks: readonly Task[], at: Date): Map<number, ProgressSample> {
  const samples = new Map<number, ProgressSample>();
  for (const { id, progress } of tasks) {
    const transferredBytes = progress?.transferredBytes ?? null;
    if (id !== null && transferredBytes !== null) samples.set(id, { at, transferredBytes });
  }
  return samples;
}

/**
 * Whether the task is running or queued. An idle task has no `progress`, an empty one, one without status and process,
 * or the remains of a finished run (docs/facts/dsm.md §2.9): status 0 without a process, with everything transferred.
 * Status 0 otherwise means queued, according to the vendor's own list; one client takes it for idle.
 */
function isActive(raw: JsonObject): boolean {
  const status = integerOf(raw['running_task_status']);
  const hasProcess = (integerOf(raw['pid']) ?? 0) > 0;
  return hasProcess || (status !== null && !(status === WAITING && isDone(raw)));
}

const WAITING = 0;

function isDone(raw: JsonObject): boolean {
  const share =
    numberOf(raw['percentage']) ??
    divide(nonNegativeIntegerOf(raw['transfered_bytes']), positiveIntegerOf(raw['total_bytes']));
  return share !== null && share >= 1;
}

function stateOf(raw: JsonObject): { state: TaskState; stateCode: number | null } {
  const stateCode = integerOf(raw['running_task_status']);
  return { state: stateCode === null ? 'running' : codeToName(RUNNING_TASK_STATUS, stateCode), stateCode };
}

/** Null at the first poll, when the clock stood still or went back, and when the run restarted. */
function speedOf(taskId: number | null, sent: number | null, context: ProgressContext | null): number | null {
  const before = taskId === null ? undefined : context?.samples.get(taskId);
  if (context === null || before === undefined || sent === null || sent < before.transferredBytes) return null;
  const bytesPerMs = divide(sent - before.transferredBytes, context.at.getTime() - before.at.getTime());
  return bytesPerMs === null ? null : Math.round(bytesPerMs * 1000);
}
