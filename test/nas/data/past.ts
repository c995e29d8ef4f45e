import { deleteVersions, ENDINGS, recordEnd, recordStart, surplusVersions } from '../history';
import { nextTrigger } from '../schedule';
import { JOB_ACTION } from '../world';
import type { Task, World } from '../world';
import type { TaskSketch } from './sample-tasks';

const DAY = 24 * 3600;

interface PastRun {
  task: Task;
  startedAt: number;
  endedAt: number;
  outcome: keyof typeof ENDINGS;
  isLast: boolean;
}

/**
 * Gives the tasks a history of `days` days before `now` (epoch seconds), by the rules that later runs follow: runs at the scheduled
 * times, some of which fail, and deletions of old versions.
 */
export function simulatePast(world: World, sketches: ReadonlyMap<Task, TaskSketch>, now: number, days: number): void {
  const runs = [...sketches].flatMap(([task, sketch]) => pastRuns(world, task, sketch, now, days));
  const changes = runs.flatMap((run) => {
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
  for (const change of changes.sort((a, b) => a.at - b.at)) change.apply();
}

function endPastRun(world: World, run: PastRun, result: ReturnType<typeof recordStart>): void {
  const { task, outcome } = run;
  const share = ENDINGS[outcome].share * (0.6 + 0.4 * world.random.fraction());
  const bytes = Math.floor(task.plan.totalBytes * share);
  recordEnd(world, task, result, { outcome, at: run.endedAt, bytes });
  const surplus = surplusVersions(world, task);
  // Not after the last run, so that each `last_result` of the demo is a backup.
  if (surplus.size > 0 && !run.isLast) deleteVersions(world, task, surplus, run.endedAt + 60);
}

function pastRuns(world: World, task: Task, sketch: TaskSketch, now: number, days: number): PastRun[] {
  const starts = startTimes(world, task, now, days);
  return starts.map((startedAt, index) => {
    const isLast = index === starts.length - 1;
    const lastOutcome = sketch.last ?? task.plan.outcome;
    const failure =
      world.random.fraction() < 0.05 ? world.random.pick(['failed', 'partial', 'cancelled'] as const) : null;
    const outcome = isLast && lastOutcome !== 'never_runs' ? lastOutcome : (failure ?? 'success');
    const seconds = task.plan.durationSeconds * ENDINGS[outcome].share * (0.8 + 0.4 * world.random.fraction());
    return { task, startedAt, endedAt: startedAt + Math.round(seconds), outcome, isLast };
  });
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
