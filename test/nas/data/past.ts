import { deleteVersions, ENDINGS, recordEnd, recordStart, surplusVersions } from '../history';
import { endJob, startJob } from '../jobs';
import { arrivals, isPresent } from '../presence';
import { nextTrigger } from '../schedule';
import { devicesOf, JOB_ACTION } from '../world';
import type { DevicePlan, Task, World } from '../world';
import type { MachineSketch } from './machine-tasks';
import type { TaskSketch } from './sample-tasks';

const DAY = 24 * 3600;

interface PastRun {
  task: Task;
  startedAt: number;
  endedAt: number;
  outcome: keyof typeof ENDINGS;
  isLast: boolean;
  /** Outcomes of devices that differed at that time. */
  plans: Map<number, DevicePlan>;
  /** Devices that were not there. */
  missing: ReadonlySet<number>;
  /** Factor of its bytes; null: somewhat below those of the plan, at random. */
  bytesFactor: number | null;
  verifies: boolean;
}

/** Times in the past are counted from `now`, epoch seconds, over `days` days. */
interface Span {
  now: number;
  days: number;
}

/**
 * Gives the tasks a history of `days` days before `now` (epoch seconds), by the rules that later runs follow: runs at the scheduled
 * times, some of which fail, and deletions of old versions.
 */
export function simulatePast(
  world: World,
  sketches: ReadonlyMap<Task, TaskSketch>,
  machines: ReadonlyMap<Task, MachineSketch>,
  span: Span,
): void {
  const runs = [...sketches].flatMap(([task, sketch]) => pastRuns(world, task, sketch, span));
  const machineRuns = [...machines].flatMap(([task, sketch]) => pastMachineRuns(world, task, sketch, span));
  const changes = [...runs, ...machineRuns].flatMap((run) => {
    let end = (): void => undefined;
    const start = (): void => {
      const result = recordStart(world, run.task, run.startedAt, '', JOB_ACTION.backup);
      end = () => endPastRun(world, run, result);
    };
    return [
      { at: run.startedAt, apply: start },
      { at: run.endedAt, apply: () => end() },
    ];
  });
  const restores = [...machines].flatMap(([task, { restoredDaysAgo: days }]) =>
    days === undefined
      ? []
      : [
          {
            at: Math.floor(span.now) - days * DAY,
            apply: () => pastJob(world, task, Math.floor(span.now) - days * DAY),
          },
        ],
  );
  for (const change of [...changes, ...restores].sort((a, b) => a.at - b.at)) change.apply();
}

function endPastRun(world: World, run: PastRun, result: ReturnType<typeof recordStart>): void {
  const { task, outcome } = run;
  const share = ENDINGS[outcome].share * (0.6 + 0.4 * world.random.fraction());
  const bytes = Math.floor(task.plan.totalBytes * (run.bytesFactor ?? share));
  const present = task.devicePlans;
  task.devicePlans = run.plans;
  recordEnd(world, task, result, { outcome, at: run.endedAt, bytes, missing: run.missing });
  task.devicePlans = present;
  if (run.verifies) pastVerification(world, task, run.endedAt);
  const surplus = surplusVersions(world, task);
  // Not after the last run, so that each `last_result` of the demo is a backup.
  if (surplus.size > 0 && !run.isLast) deleteVersions(world, task, surplus, run.endedAt + 60);
}

function pastVerification(world: World, task: Task, at: number): void {
  const { id } = startJob(world, task, 'verify', { becomesLast: false }, at + 5);
  const job = world.jobs.get(id);
  if (job !== undefined) endJob(world, job, at + 50);
}

function pastJob(world: World, task: Task, at: number): void {
  const restore = { startedBy: 'admin', bytes: 48_000_000, becomesLast: false };
  const { id } = startJob(world, task, 'restoreFile', restore, at);
  const job = world.jobs.get(id);
  if (job !== undefined) endJob(world, job, at + 90);
}

const NOBODY: ReadonlySet<number> = new Set();

function pastRuns(world: World, task: Task, sketch: TaskSketch, { now, days }: Span): PastRun[] {
  const starts = startTimes(world, task, now, days);
  return starts.map((startedAt, index) => {
    const isLast = index === starts.length - 1;
    const lastOutcome = sketch.last ?? task.plan.outcome;
    const failure =
      world.random.fraction() < 0.05 ? world.random.pick(['failed', 'partial', 'cancelled'] as const) : null;
    const outcome = isLast && lastOutcome !== 'never_runs' ? lastOutcome : (failure ?? 'success');
    const seconds = task.plan.durationSeconds * ENDINGS[outcome].share * (0.8 + 0.4 * world.random.fraction());
    const endedAt = startedAt + Math.round(seconds);
    const others = { plans: new Map(), missing: NOBODY, bytesFactor: null, verifies: false };
    return { task, startedAt, endedAt, outcome, isLast, ...others };
  });
}

/** The past of a task with habits: without accidental failures, so that only what its sketch says stands out. */
function pastMachineRuns(world: World, task: Task, sketch: MachineSketch, { now, days }: Span): PastRun[] {
  const silentSince = now - (sketch.silentForDays ?? 0) * DAY;
  const starts = machineStarts(world, task, now, days).filter((at) => at < silentSince);
  const devices = devicesOf(world, task);
  return starts.flatMap((startedAt, index): PastRun[] => {
    const isLast = index === starts.length - 1;
    const missing = new Set(
      devices
        .filter(({ id, presence }) => presence !== null && !isPresent(presence, id, startedAt, world.utcOffsetSeconds))
        .map(({ id }) => id),
    );
    if (missing.size === devices.length) return [];
    const plans = new Map(
      devices.flatMap(({ id }, member): [number, DevicePlan][] => {
        const fails = sketch.members[member]?.fails;
        return fails !== undefined && index >= starts.length - fails.lastRuns ? [[id, fails]] : [];
      }),
    );
    const deviation = isLast ? sketch.lastDeviation : undefined;
    const seconds = task.plan.durationSeconds * (deviation?.seconds ?? 0.9 + 0.2 * world.random.fraction());
    return [
      {
        task,
        startedAt,
        endedAt: startedAt + Math.round(seconds),
        outcome: missing.size > 0 ? 'partial' : 'success',
        isLast,
        plans,
        missing,
        bytesFactor: deviation?.bytes ?? 0.85 + 0.3 * world.random.fraction(),
        verifies: sketch.verifies === true,
      },
    ];
  });
}

/** Starts when a device connects, or at the scheduled times. */
function machineStarts(world: World, task: Task, now: number, days: number): number[] {
  const { schedule_setting_type: type } = task.schedule;
  if (type !== 2) return startTimes(world, task, now, days);
  const latest = now - 1.3 * task.plan.durationSeconds - 60;
  const [device] = devicesOf(world, task);
  if (device === undefined) return [];
  return arrivals(device, now - days * DAY, latest, world.utcOffsetSeconds).map((at) => at + task.plan.prepareSeconds);
}

/** Start times in the past; a task without a schedule was started manually about once a week. */
function startTimes(world: World, task: Task, now: number, days: number): number[] {
  const times: number[] = [];
  const latest = now - 1.3 * task.plan.durationSeconds - 60;
  if (task.schedule.schedule_setting_type === 0) {
    for (let at = latest - 2 * DAY; at > now - days * DAY; at -= 7 * DAY) times.unshift(Math.floor(at));
    return times;
  }
  const first = now - Math.max(days, 8) * DAY;
  for (let at = nextTrigger(task.schedule, first, world.utcOffsetSeconds); at !== null && at < latest;) {
    times.push(at);
    at = nextTrigger(task.schedule, at, world.utcOffsetSeconds);
  }
  return times;
}
